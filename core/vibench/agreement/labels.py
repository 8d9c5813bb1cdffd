"""People's labels in a file, and which of a judge's questions each row answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vibench.agreement.counts import QuestionId, named
from vibench.errors import DataError
from vibench.preferences.rows import FileRow, broken, number, read_rows, text

__all__ = ["PeopleLabels", "assigned"]

COLUMNS = "sample, rubric, label (or labels); turn and transcripts where they are needed"


@dataclass(frozen=True, slots=True)
class PersonLabel:
    """One row. `transcripts` is the beginning of the key of the set it is from, or ""."""

    row: FileRow
    transcripts: str
    question: QuestionId
    labels: frozenset[str]


@dataclass(frozen=True, slots=True)
class PeopleLabels:
    """All rows of a file, and the samples they are about."""

    path: Path
    rows: tuple[PersonLabel, ...]
    samples: frozenset[str]

    @classmethod
    def read(cls, path: Path) -> PeopleLabels:
        """Read CSV, TSV, JSONL, JSON or Parquet. Raises DataError naming file and row."""
        rows = tuple(_label(row) for row in read_rows(path))
        if not rows:
            raise DataError(f"{path} holds no labels.", f"Its columns are: {COLUMNS}.")
        return cls(path, rows, frozenset(row.question[0] for row in rows))


def _label(row: FileRow) -> PersonLabel:
    absent = {"sample", "rubric"} - row.columns.keys()
    if absent:
        raise broken(row, f"has no '{min(absent)}'", f"The columns are: {COLUMNS}.")
    sample, rubric = text(row, "sample").strip(), text(row, "rubric").strip()
    turn = row.columns.get("turn")
    turn_number = 0.0 if turn in (None, "") else number(row, "turn")
    if turn_number < 0 or turn_number != int(turn_number):
        raise broken(row, "'turn' is not 0, 1, 2, ...")
    transcripts = row.columns.get("transcripts")
    key = "" if transcripts is None else text(row, "transcripts").strip()
    return PersonLabel(row, key, (sample, rubric, int(turn_number)), _labels(row))


def _labels(row: FileRow) -> frozenset[str]:
    values = [
        row.columns[name] for name in ("label", "labels") if row.columns.get(name) is not None
    ]
    if len(values) != 1:
        what = "has both 'label' and 'labels'" if values else "has no 'label'"
        raise broken(row, what, f"The columns are: {COLUMNS}.")
    parts: Any = values[0]
    if isinstance(parts, str):
        parts = re.split(r"[;,\n]", parts)
        if not any(part.strip() for part in parts):
            raise broken(row, "has an empty label", "Write none if no label applies.")
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise broken(row, "has labels that are neither text nor a list of texts")
    return named(parts)


def assigned(
    labels: PeopleLabels, questions_by_key: Mapping[str, set[QuestionId]], judge: str, where: str
) -> tuple[dict[str, dict[QuestionId, frozenset[str]]], dict[str, int]]:
    """Return people's labels by set of transcripts and question, and counts of the rows that
    answer none of the judge's questions, by cause.

    `questions_by_key` are the judge's questions by the key of the transcripts. Raises DataError:
    a row that may be of several sets, two that answer one question differently, no known row.
    """
    sets: dict[QuestionId, list[str]] = {}
    for key, questions in questions_by_key.items():
        for question in questions:
            sets.setdefault(question, []).append(key)
    samples = {question[0] for question in sets}
    labels_by_key: dict[str, dict[QuestionId, frozenset[str]]] = {}
    unknown: Counter[str] = Counter()
    for label in labels.rows:
        # The same sample may have been answered by many subjects, each in a set of its own.
        keys = [k for k in sets.get(label.question, ()) if k.startswith(label.transcripts)]
        if not keys:
            in_store = label.question[0] in samples
            unknown["not asked of that sample" if in_store else "no such sample"] += 1
            continue
        if len(keys) > 1:
            raise broken(
                label.row,
                f"sample {label.question[0]} is in {len(keys)} sets of transcripts",
                "Say which in a column 'transcripts' (the key in the path that the report "
                f"shows: {', '.join(k[:12] for k in keys[:4])}), or narrow with --run.",
            )
        labels_of_set = labels_by_key.setdefault(keys[0], {})
        # Two people's labels for one answer have no majority here: keep one, or compare twice.
        if labels_of_set.setdefault(label.question, label.labels) != label.labels:
            raise broken(
                label.row,
                f"answers {label.question[1]} of sample {label.question[0]} a second time, "
                "differently",
                "Keep the answer that counts and remove the other.",
            )
    if not labels_by_key:
        raise _nothing_judged(labels, judge, where)
    return labels_by_key, dict(unknown)


def _nothing_judged(labels: PeopleLabels, judge: str, where: str) -> DataError:
    """Return the error for a file none of whose rows is of an answer that was judged."""
    first = labels.rows[0].question
    return DataError(
        f"No row of {labels.path} is of an answer that {judge} judged {where}; the first is "
        f"sample {first[0]}, rubric {first[1]}, turn {first[2]}.",
        "Use the samples, rubrics and turns of the store: see verdicts.parquet in the "
        "folder artefacts/verdicts.",
    )
