"""Label files of answers (tests/judges/data/labels), joined with the texts that they are labels of.

Rows of the preference sets have no text: it is read from the data folder. Answers of models have
their text, and only their prompt is read from there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from vibench import Message
from vibench.data import DataFiles
from vibench.errors import DataError
from vibench.plugins import Plugins
from vibench.records import PreferencePair

__all__ = ["FOLDER", "SOURCES", "LabelledAnswer", "read_labels", "real_pairs"]

FOLDER = Path(__file__).resolve().parents[1] / "judges" / "data" / "labels"
SOURCES = {"hh_rlhf": "hh-rlhf", "ultrafeedback": "ultrafeedback", "pku_saferlhf": "pku-saferlhf"}
"""The plugin that reads each preference set, by the set's folder."""


@dataclass(frozen=True, slots=True)
class LabelledAnswer:
    """One answer with its labels; `prompt` is empty where the data folder is absent."""

    labels: Mapping[str, Any]
    prompt: tuple[Message, ...]
    answer: str

    @property
    def user(self) -> str:
        """The last message of the user, or nothing."""
        return next((m.content for m in reversed(self.prompt) if m.role == "user"), "")


def read_labels(path: Path, data: Path) -> list[LabelledAnswer]:
    """Return a file's labels with the texts. Raises DataError if they are labels of other texts,
    or if a preference set is not in the folder `data`."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [_answer(row, path, data) for row in rows]


def _answer(row: Mapping[str, Any], path: Path, data: Path) -> LabelledAnswer:
    if row["set"] in SOURCES:
        pair = real_pairs(row["set"], data).get(row["row"])
        answer = "" if pair is None else str(getattr(pair, row["side"]))
        prompt = () if pair is None else pair.prompt
    else:
        answer = row["answer"]
        prompt = _prompts(row["set"], data).get(row["row"], ()) if data.is_dir() else ()
        if prompt and _digest(prompt[-1].content) != row["prompt_sha256"]:
            raise _other_text(path, row, "prompt")
    if _digest(answer) != row["sha256"]:
        raise _other_text(path, row, "answer")
    return LabelledAnswer(row, prompt, answer)


def _other_text(path: Path, row: Mapping[str, Any], part: str) -> DataError:
    return DataError(
        f"{path.name} has labels of another text: the {part} of {row['set']} {row['row']} is not"
        " the one that was labelled.",
        "Use the version of the data set that the labels are of, or label the row again.",
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


@lru_cache(maxsize=8)
def real_pairs(dataset: str, data: Path) -> Mapping[str, PreferencePair]:
    """Return the pairs of a preference set by their ids. Raises DataError if it is absent."""
    if not (data / dataset).is_dir():
        raise DataError(
            f"There is no folder {data / dataset}.", "Name a folder that has the set with --data."
        )
    source = Plugins.discover().build("source", SOURCES[dataset], {"copies": "keep"})
    pairs = source.pairs(DataFiles(data, False, {}))
    return {pair.id: pair for pair in pairs if isinstance(pair, PreferencePair)}


@lru_cache(maxsize=8)
def _prompts(dataset: str, data: Path) -> Mapping[str, tuple[Message, ...]]:
    samples = Plugins.discover().build("eval", dataset, {}).samples(DataFiles(data, False, {}))
    return {sample.id: sample.messages for sample in samples}
