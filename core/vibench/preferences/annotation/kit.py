"""Writing what annotators get. Nothing in it says which label is an item's target."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from vibench.errors import DataError, SpecError
from vibench.preferences.annotation.html_page import html_page
from vibench.preferences.annotation.instructions import as_markdown
from vibench.preferences.annotation.items import Item
from vibench.preferences.annotation.label_studio import CONFIG, task
from vibench.preferences.annotation.sheets import (
    conversation,
    item_columns,
    read_sheet,
    write_sheet,
)

__all__ = ["write_kit"]


def write_kit(
    folder: Path,
    kit_id: str,
    items: Sequence[Item],
    annotators: Sequence[str],
    definitions: Mapping[str, str],
) -> list[Path]:
    """Write the kit's files into `folder` and return them.

    - `annotate.html`: the page, self-contained; its download is JSONL.
    - `answers-NAME.csv`: a form for each annotator to fill in with a spreadsheet.
    - `label-studio.json`, `label-studio.xml`: tasks and labeling configuration.
    - `items.csv`, `items.jsonl`: the items alone. `guidelines.md`: what to do, with the
      `definitions` (name -> one line) of the values.

    Raises SpecError without items or annotators or with two of one name, and DataError if
    a form in the folder already has answers, or the folder cannot be written to.
    """
    _check_names(items, annotators)
    names = sorted({label for item in items for label in item.labels})
    forms = _forms(folder, annotators)
    texts = {
        "items.jsonl": _jsonl(kit_id, items),
        "label-studio.json": json.dumps(
            [task(kit_id, item, definitions) for item in items], ensure_ascii=False, indent=1
        )
        + "\n",
        "label-studio.xml": CONFIG,
        "guidelines.md": as_markdown(definitions, names),
        "annotate.html": html_page(kit_id, items, annotators, definitions, names),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in forms.values():
            # Writing a kit again must not erase somebody's work.
            _check_unanswered(path)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
        _write_sheets(folder, kit_id, items, forms)
    except OSError as error:
        raise DataError(
            f"The annotation kit cannot be written to {folder} ({error.strerror}).",
            "Name another folder.",
        ) from error
    return [*(folder / name for name in (*texts, "items.csv")), *forms.values()]


def _check_names(items: Sequence[Item], annotators: Sequence[str]) -> None:
    if not items:
        raise SpecError("There is nothing to annotate.", "Name values whose subsets have pairs.")
    if not annotators or len(set(annotators)) < len(annotators):
        raise SpecError(
            f"The annotators are not some different names: {', '.join(annotators) or 'none'}.",
            "Give each annotator a name of their own.",
        )
    for name in annotators:
        if not name.strip() or name != name.strip() or not name.isprintable():
            raise SpecError(
                f"The annotator's name {name!r} is blank, or has spaces or control characters"
                " around it.",
                "Give a name that can be read.",
            )


def _forms(folder: Path, annotators: Sequence[str]) -> dict[str, Path]:
    """Return each annotator's form. Names that would share a file name get a number."""
    forms: dict[str, Path] = {}
    taken: set[str] = set()
    for name in annotators:
        # Names become file names: drop what file systems refuse, and do not rely on case, which
        # some ignore.
        plain = stem = re.sub(r"[^\w.@+-]+", "-", name)[:80]
        number = 1
        while stem.casefold() in taken:
            number += 1
            stem = f"{plain}-{number}"
        taken.add(stem.casefold())
        forms[name] = folder / f"answers-{stem}.csv"
    return forms


def _check_unanswered(path: Path) -> None:
    if path.exists() and any(row.columns["selected"] for row in read_sheet(path, ["selected"])):
        raise DataError(
            f"{path} is there already, with answers in it.",
            "Name another folder, or move the file away.",
        )


def _jsonl(kit_id: str, items: Sequence[Item]) -> str:
    rows = (
        {
            "kit": kit_id,
            "item": item.id,
            "messages": [asdict(message) for message in item.messages],
            "labels": item.labels,
        }
        for item in items
    )
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _write_sheets(
    folder: Path, kit_id: str, items: Sequence[Item], forms: Mapping[str, Path]
) -> None:
    columns = item_columns(items)
    rows = [(conversation(item), *_padded(item.labels, len(columns))) for item in items]
    write_sheet(
        folder / "items.csv",
        ("kit", "item", "conversation", *columns),
        ((kit_id, item.id, *cells) for item, cells in zip(items, rows, strict=True)),
    )
    for annotator, path in forms.items():
        write_sheet(
            path,
            ("kit", "item", "annotator", "conversation", *columns, "selected", "justification"),
            (
                (kit_id, item.id, annotator, *cells, "", "")
                for item, cells in zip(items, rows, strict=True)
            ),
        )


def _padded(labels: Sequence[str], length: int) -> list[str]:
    return [*labels, *[""] * (length - len(labels))]
