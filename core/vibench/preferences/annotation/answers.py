"""Annotators' answers, read back from the page's download, the CSV form or Label Studio."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vibench.errors import DataError
from vibench.preferences.annotation.items import NONE, Item
from vibench.preferences.annotation.label_studio import NONE_CHOICE, exported
from vibench.preferences.annotation.sheets import read_sheet
from vibench.preferences.rows import FileRow, broken, read_rows

__all__ = ["AnnotatorAnswer", "read_answers"]

_COLUMNS = ("kit", "item", "annotator", "selected", "justification")


@dataclass(frozen=True, slots=True)
class AnnotatorAnswer:
    """One annotator's answer to one item; empty `labels` mean that none of them applies."""

    item: str
    annotator: str
    labels: frozenset[str]
    justification: str


@dataclass(frozen=True, slots=True)
class _Unchecked:
    """An answer as a file has it, not checked yet. `selected` may hold NONE."""

    row: FileRow
    kit: Any
    item: Any
    annotator: Any
    selected: list[Any]
    justification: Any


def read_answers(
    path: Path,
    items: Mapping[str, Item],
    kit_id: str,
    annotators: Sequence[str],
    partial: bool = False,
) -> Iterator[AnnotatorAnswer]:
    """The answers of one file, in its order; an answer given twice comes once.

    `.jsonl` is the page's download, `.csv` a filled-in form, `.json` a Label Studio export
    (JSON, not JSON-MIN). Raises DataError naming file and row: not UTF-8 or not in that
    form, another kit, an unknown item, annotator or label, `none` beside a label, no answer
    (passed over if `partial`), two different answers of one annotator to one item.
    """
    seen: dict[tuple[str, str], AnnotatorAnswer] = {}
    for unchecked in _unchecked(path, items, annotators):
        # Names and ids come first: an answer to another kit would otherwise be reported as an
        # unknown label.
        _check_origin(unchecked, items, kit_id, annotators)
        if not unchecked.selected:
            if partial:
                continue
            raise _bad(
                unchecked,
                f"{unchecked.annotator} has not answered item {unchecked.item}",
                f"Have it answered, with '{NONE}' if no label applies.",
            )
        answer = _answer(unchecked, items[unchecked.item])
        before = seen.get((answer.item, answer.annotator))
        # Exports that were joined by hand hold answers twice; equal ones count once.
        if before is None:
            seen[answer.item, answer.annotator] = answer
            yield answer
        elif before.labels != answer.labels:
            raise _bad(
                unchecked,
                f"{answer.annotator} answers item {answer.item} a second time, differently",
                "Keep the answer that counts and remove the other.",
            )


def _unchecked(
    path: Path, items: Mapping[str, Item], annotators: Sequence[str]
) -> Iterator[_Unchecked]:
    kind = path.suffix.lower()
    if kind == ".csv":
        return (_from_sheet(row, items) for row in read_sheet(path, _COLUMNS))
    if kind in (".jsonl", ".ndjson"):
        return map(_from_page, read_rows(path))
    if kind == ".json":
        return (
            _Unchecked(
                row,
                data.get("kit"),
                data.get("item"),
                annotator,
                [NONE if choice == NONE_CHOICE else choice for choice in choices],
                justification,
            )
            for row in read_rows(path)
            for data, annotator, choices, justification in exported(row, annotators)
        )
    raise DataError(
        f"{path}: answers are not read from files of this kind.",
        "Name the page's download (.jsonl), a filled-in form (.csv) or a Label Studio export"
        " (.json).",
    )


def _from_page(row: FileRow) -> _Unchecked:
    columns = row.columns
    labels, none = columns.get("labels"), columns.get("none", False)
    if not isinstance(labels, list) or not isinstance(none, bool):
        raise broken(row, "has no list 'labels', or its 'none' is neither true nor false")
    return _Unchecked(
        row,
        columns.get("kit"),
        columns.get("item"),
        columns.get("annotator"),
        [*labels, NONE] if none else labels,
        columns.get("justification", ""),
    )


def _from_sheet(row: FileRow, items: Mapping[str, Item]) -> _Unchecked:
    """Read a form. Labels are names or numbers; a label that is itself a number is a name."""
    cells = row.columns
    item = items.get(cells["item"].strip())
    offered = item.labels if item else ()
    parts = (part.strip() for part in re.split(r"[;,\n]", cells["selected"]))
    return _Unchecked(
        row,
        cells["kit"].strip(),
        cells["item"].strip(),
        cells["annotator"].strip(),
        [_named(part, offered) for part in parts if part],
        cells["justification"].strip(),
    )


def _named(part: str, offered: Sequence[str]) -> str:
    # People type labels into spreadsheets: capitals do not matter, and the number beside a label
    # does as well.
    by_name = {label.casefold(): label for label in (*offered, NONE)}
    by_name[NONE_CHOICE.casefold()] = NONE
    by_number = {str(number): label for number, label in enumerate(offered, start=1)}
    return by_name.get(part.casefold()) or by_number.get(part, part)


def _check_origin(
    unchecked: _Unchecked, items: Mapping[str, Item], kit_id: str, annotators: Sequence[str]
) -> None:
    if unchecked.kit != kit_id:
        raise _bad(
            unchecked,
            f"is of the kit '{unchecked.kit}', not of '{kit_id}'",
            "Name the kit these answers were given for.",
        )
    if not isinstance(unchecked.item, str) or unchecked.item not in items:
        raise _bad(
            unchecked,
            f"there is no item '{unchecked.item}' in kit {kit_id}",
            "Look at the item's id.",
        )
    if unchecked.annotator not in annotators:
        raise _bad(
            unchecked,
            f"there is no annotator '{unchecked.annotator}' in kit {kit_id}",
            f"Annotators: {', '.join(annotators)}.",
        )


def _answer(unchecked: _Unchecked, item: Item) -> AnnotatorAnswer:
    unknown = [label for label in unchecked.selected if label not in (*item.labels, NONE)]
    if unknown:
        raise _bad(
            unchecked,
            f"item {item.id} does not offer the label '{unknown[0]}'",
            f"Its labels: {', '.join(item.labels)}; or {NONE}.",
        )
    labels = frozenset(unchecked.selected) - {NONE}
    if labels and NONE in unchecked.selected:
        raise _bad(
            unchecked,
            f"item {item.id} is answered with '{NONE}' and {', '.join(sorted(labels))} together",
            "Ask the annotator which is meant.",
        )
    if not isinstance(unchecked.justification, str):
        raise _bad(unchecked, "'justification' is not text", "Fix or remove that row.")
    return AnnotatorAnswer(
        item.id, unchecked.annotator, labels, _printable(unchecked.justification)
    )


def _printable(text: str) -> str:
    """Half a character (a lone surrogate, which JSON can spell) becomes a question mark."""
    # The store is UTF-8, which has no half characters.
    return text.encode(errors="replace").decode()


def _bad(unchecked: _Unchecked, what: str, hint: str) -> DataError:
    return DataError(f"{unchecked.row.label}: {what}.", hint)
