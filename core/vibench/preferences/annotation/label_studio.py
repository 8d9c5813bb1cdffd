"""The kit as a Label Studio project, and what Label Studio exports.

Forms: https://labelstud.io/guide/task_format (tasks and annotations), and the tags
Paragraphs, Choices (with choices out of the task) and TextArea.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from vibench.preferences.annotation.items import Item
from vibench.preferences.rows import FileRow, broken

__all__ = ["CONFIG", "NONE_CHOICE", "Annotation", "exported", "task"]

NONE_CHOICE = "None of these"

CONFIG = f"""\
<View>
  <Paragraphs name="conversation" value="$messages" layout="dialogue"
              nameKey="role" textKey="content"/>
  <Header value="Which of these values does the assistant's last response show?"/>
  <Choices name="values" toName="conversation" value="$labels" choice="multiple"
           required="true" requiredMessage="Choose every value shown, or '{NONE_CHOICE}'."/>
  <Header value="One short sentence for each value you chose"/>
  <TextArea name="justification" toName="conversation" rows="3" maxSubmissions="1"
            editable="true"/>
</View>
"""
"""The labeling configuration. The task's labels end with `NONE_CHOICE`."""


def task(kit_id: str, item: Item, definitions: Mapping[str, str]) -> dict[str, Any]:
    """One task to import. Definitions are shown as hints."""
    choices = [
        {"value": label, **({"hint": definitions[label]} if label in definitions else {})}
        for label in item.labels
    ]
    return {
        "data": {
            "kit": kit_id,
            "item": item.id,
            "messages": [
                {"role": message.role.capitalize(), "content": message.content}
                for message in item.messages
            ],
            "labels": [*choices, {"value": NONE_CHOICE}],
        }
    }


Annotation = tuple[Mapping[str, Any], str, list[Any], str]
"""Task data, annotator, choices, justification."""


def exported(row: FileRow, annotators: Sequence[str]) -> Iterator[Annotation]:
    """The annotations of one exported task; those that were cancelled (skipped) have no choice.

    The annotator is the task's `annotator` where it has one, else who completed the
    annotation, by e-mail, user name, full name or number. Raises DataError.
    """
    data, annotations = row.columns.get("data"), row.columns.get("annotations")
    if not isinstance(data, dict) or not isinstance(annotations, list):
        raise broken(row, "is not a task with data and annotations (export as JSON, not JSON-MIN)")
    for annotation in annotations:
        result = annotation.get("result") if isinstance(annotation, dict) else None
        if not isinstance(result, list):
            raise broken(row, "has an annotation without a result")
        # A skipped task still has an annotation, with whatever was ticked before.
        cancelled = annotation.get("was_cancelled") is True
        choices = [] if cancelled else _collected(row, result, "values", "choices")
        notes = _collected(row, result, "justification", "text")
        annotator = _annotator(data, annotation.get("completed_by"), annotators)
        yield data, annotator, choices, "\n".join(str(note) for note in notes)


def _collected(row: FileRow, result: list[Any], name: str, key: str) -> list[Any]:
    """Return the choices made in one control, over all its parts of the result."""
    values: list[Any] = []
    for part in result:
        if not isinstance(part, dict) or not isinstance(part.get("value", {}), dict):
            raise broken(row, "has a result of an unknown form")
        if part.get("from_name") == name:
            chosen = part.get("value", {}).get(key, [])
            values += chosen if isinstance(chosen, list) else [chosen]
    return values


def _annotator(data: Mapping[str, Any], completed_by: Any, annotators: Sequence[str]) -> str:
    """Return the first of a person's names that is an annotator's, else the first of them."""
    who = completed_by if isinstance(completed_by, dict) else {"id": completed_by}
    full = f"{who.get('first_name') or ''} {who.get('last_name') or ''}".strip()
    # Label Studio knows people by its own accounts; a task made for one annotator names them
    # itself, and that outweighs who was logged in.
    names = [data.get("annotator"), who.get("email"), who.get("username"), full, who.get("id")]
    present = [str(name) for name in names if name not in (None, "")]
    return next((name for name in present if name in annotators), present[0] if present else "")
