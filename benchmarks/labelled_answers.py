"""The labelled answers of `tests/judges/data/labels`, with their texts.

The files hold no text of a public data set. Texts of the preference sets, and AdvBench's
instructions, come from a folder of data sets (`../shared/data`, or --data).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from vibench.data import DataFiles
from vibench.errors import DataError
from vibench.plugins import Plugins
from vibench.records import Message, PreferencePair

__all__ = ["DATA", "LABELS", "LabelledAnswer", "labelled_answers"]

ROOT = Path(__file__).resolve().parents[1]
LABELS = ROOT / "tests" / "judges" / "data" / "labels"
DATA = ROOT.parent / "shared" / "data"
SOURCES = {
    "hh_rlhf": "hh-rlhf",
    "ultrafeedback": "ultrafeedback",
    "pku_saferlhf": "pku-saferlhf",
}

Texts = Mapping[tuple[str, str, str], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class LabelledAnswer:
    """An answer, the last user message before it, and its row in the file of labels."""

    instruction: str
    answer: str
    row: Mapping[str, Any]


def digest(text: str) -> str:
    """The SHA-256 of a text, in hexadecimal."""
    return sha256(text.encode()).hexdigest()


def labelled_answers(name: str, data: Path = DATA) -> list[LabelledAnswer]:
    """The answers of one file of labels.

    Raises DataError if a text is absent, or is not the text that was labelled.
    """
    path = LABELS / f"{name}.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    texts = _texts(rows, data)
    return [_joined(path, number, row, texts) for number, row in enumerate(rows, start=1)]


def _key(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return row["set"], str(row["row"]), row.get("side", "")


def _joined(path: Path, number: int, row: Mapping[str, Any], texts: Texts) -> LabelledAnswer:
    place = f"Row {number} of {path.name}"
    if _key(row) not in texts:
        raise DataError(
            f"{place} labels {row['set']} {row['row']}, which the data folder does not have.",
            "Use the data sets and revisions that tests/judges/data/README.md names.",
        )
    instruction, answer = texts[_key(row)]
    answer = row.get("answer", answer)
    prompt = row.get("prompt_sha256", digest(instruction))
    if (digest(answer), digest(instruction)) != (row["sha256"], prompt):
        raise DataError(
            f"{place} was labelled for another text (its SHA-256 differs).",
            "Use the labels with the data they were made for, or label the new texts.",
        )
    return LabelledAnswer(instruction, answer, row)


def _texts(rows: Sequence[Mapping[str, Any]], data: Path) -> Texts:
    """The instruction and answer (empty for AdvBench) of each row that is labelled."""
    keys = {_key(row) for row in rows}
    texts: dict[tuple[str, str, str], tuple[str, str]] = {}
    for name in sorted({row["set"] for row in rows}):
        read = _advbench(data) if name == "advbench" else _pairs(name, data)
        texts.update((key, text) for key, text in read if key in keys)
    return texts


def _advbench(data: Path) -> Iterator[tuple[tuple[str, str, str], tuple[str, str]]]:
    place = DataFiles(data, False, {}).file("advbench", "harmful_behaviors.csv")
    with place.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            yield ("advbench", str(number), ""), (row["goal"], "")


def _pairs(name: str, data: Path) -> Iterator[tuple[tuple[str, str, str], tuple[str, str]]]:
    source = Plugins.discover().build("source", SOURCES[name], {})
    for pair in source.pairs(DataFiles(data, False, {})):
        if isinstance(pair, PreferencePair):
            instruction = _last_user(pair.prompt)
            yield (name, pair.id, "chosen"), (instruction, pair.chosen)
            yield (name, pair.id, "rejected"), (instruction, pair.rejected)


def _last_user(messages: Sequence[Message]) -> str:
    return next((m.content for m in reversed(messages) if m.role == "user"), "")
