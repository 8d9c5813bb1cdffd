"""The sources of questions: the hub, as in lm-eval, or the user's data folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from vibench import Data, DataError, read_text
from vibench_evals.qa.tasks import Leaf

__all__ = [
    "Build",
    "Hub",
    "HubRow",
    "QuestionRows",
    "QuestionSource",
    "Snapshot",
    "SplitFiles",
    "holds",
    "rows_json",
    "snapshot",
    "visible",
]

HubRow = Mapping[str, Any]
Build = Callable[[Leaf], Mapping[str, Sequence[HubRow]]]
"""A function that returns a task's rows by split."""

DATA = (".parquet", ".arrow", ".jsonl", ".json", ".csv", ".tsv", ".txt", ".gz", ".zst", ".md")

NAMES = {str: "text", int: "a whole number", list: "a list", dict: "an object"}


class QuestionSource(Protocol):
    """The source of a task's questions."""

    @property
    def identity(self) -> Mapping[str, Any]:
        """The identity of its content (JSON), part of content keys."""

    @property
    def remote(self) -> bool:
        """True if it needs the hub."""

    def overrides(self, leaf: Leaf) -> dict[str, Any]:
        """Return the changes to a task's definition that make lm-eval read this source."""


@dataclass(frozen=True, slots=True)
class Hub:
    """The hub's data sets, by lm-eval's own definitions."""

    datasets: tuple[str, ...]
    remote = True

    @property
    def identity(self) -> Mapping[str, Any]:
        return {"hub": list(self.datasets)}

    def overrides(self, leaf: Leaf) -> dict[str, Any]:
        return {}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Folders that hold data sets as the hub does (`hf download --repo-type dataset`)."""

    folders: Mapping[str, Path]
    remote = False

    @property
    def identity(self) -> Mapping[str, Any]:
        return {
            "files": {
                f"{dataset}/{file.relative_to(folder).as_posix()}": content(file)
                for dataset, folder in self.folders.items()
                for file in _files(folder)
            }
        }

    def overrides(self, leaf: Leaf) -> dict[str, Any]:
        return {"dataset_path": str(self.folders[leaf.dataset])}


def snapshot(data: Path, leaves: Sequence[Leaf]) -> Snapshot:
    """Return the tasks' data sets in a data folder: `FOLDER/org/name` or `FOLDER/name`. Raises
    DataError naming the first that is not there."""
    folders: dict[str, Path] = {}
    for leaf in leaves:
        name = leaf.dataset
        if not name:
            raise DataError(
                f"The task '{leaf.name}' generates its own data, so --data does not apply.",
                "Leave --data out.",
            )
        folder = _folder(data, name)
        if folder is None:
            raise DataError(
                f"The data folder {data} has no folder '{name}'.",
                f"Put it there (hf download {name} --repo-type dataset --local-dir "
                f"{data / name}), or leave --data out to load it from the hub.",
            )
        folders[name] = folder
    return Snapshot(folders)


def holds(data: Path, dataset: str) -> bool:
    """Return whether a data folder holds a hub's data set in the hub's own form."""
    folder = _folder(data, dataset)
    return folder is not None and next(folder.rglob("*.parquet"), None) is not None


def _folder(data: Path, dataset: str) -> Path | None:
    folders = (data / dataset, data / dataset.rpartition("/")[2])
    # The hub's full name first: two organisations may have a data set of one name.
    return next((p for p in folders if p.is_dir() and next(_files(p), None)), None)


def _files(folder: Path) -> Iterator[Path]:
    return (file for file in visible(folder) if file.suffix in DATA)


def visible(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder, in order, without hidden ones and Python's caches."""
    for file in sorted(folder.rglob("*")):
        parts = file.relative_to(folder).parts
        if file.is_file() and not any(p.startswith(".") or p == "__pycache__" for p in parts):
            yield file


@dataclass(frozen=True, slots=True)
class SplitFiles:
    """A data set's files in the plain form, one a split, in `FOLDER/dataset`."""

    data: Data
    dataset: str

    def split(self, name: str) -> Path:
        """Return the JSON Lines file of a split. Raises DataError naming both ways to have it."""
        derived = f"{self.dataset}_{name}.derived.jsonl.gz"
        return self.file(derived, f"{name}.jsonl.gz", f"{name}.jsonl")

    def optional(self, name: str) -> Path | None:
        """Return the file of a split, or None."""
        try:
            return self.split(name)
        except DataError:
            return None

    def file(self, *names: str) -> Path:
        """Return the first of `names` that exists. Raises DataError naming both ways to have it."""
        try:
            return self.data.file(self.dataset, *names)
        except DataError as error:
            raise DataError(
                error.message,
                f"Put {self.dataset}/{names[-1]} into the data folder, or leave --data out to "
                "load the questions from the hub.",
            ) from error


@dataclass(frozen=True, slots=True)
class QuestionRows:
    """Files whose rows are put into the hub's form, split by split.

    `build` gives a task's rows; a split without rows has the columns of the first one.
    """

    files: Mapping[str, Path]
    build: Build = field(compare=False)
    remote = False

    @property
    def identity(self) -> Mapping[str, Any]:
        return {"files": {name: content(path) for name, path in self.files.items()}}

    def overrides(self, leaf: Leaf) -> dict[str, Any]:
        splits = self.build(leaf)

        def custom_dataset(**settings: Any) -> dict[str, Any]:
            from datasets import Dataset

            filled = {name: Dataset.from_list(list(rows)) for name, rows in splits.items() if rows}
            first = next(iter(filled.values()))
            return {name: filled.get(name, first.select([])) for name in splits}

        return {"custom_dataset": custom_dataset}


def content(file: Path) -> str:
    """Return a file's SHA-256, cached until the file changes."""
    stat = file.stat()
    return _content(file, stat.st_size, stat.st_mtime_ns)


@cache
def _content(file: Path, size: int, mtime: int) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def rows_json(path: Path, kinds: Mapping[str, type]) -> list[dict[str, Any]]:
    """Return the rows of a JSON Lines file, or of a JSON list (`.json`), packed (`.gz`) or not.

    Raises DataError naming file and row for what is not JSON, or lacks one of the keys of
    `kinds` or has something else there.
    """
    text = read_text(path)
    name = path.name.removesuffix(".gz")
    try:
        # Not splitlines(): a JSON string may hold U+2028 and its like.
        items = json.loads(text) if name.endswith(".json") else text.split("\n")
    except ValueError as error:
        raise DataError(f"{path} is not JSON ({error}).", "Fetch the file again.") from error
    rows: list[dict[str, Any]] = []
    for number, item in enumerate(items, start=1):
        if isinstance(item, str) and not item.strip():
            continue
        try:
            row = json.loads(item) if isinstance(item, str) else item
        except ValueError as error:
            raise DataError(
                f"{path}, row {number}: not JSON ({error}).", "Correct or remove the row."
            ) from error
        for key, kind in kinds.items():
            if not isinstance(row, dict) or key not in row:
                raise DataError(f"{path}, row {number}: has no '{key}'.", "Correct the row.")
            if not isinstance(row[key], kind):
                what = f"'{key}' is {json.dumps(row[key])[:40]}, and should be {NAMES[kind]}"
                raise DataError(f"{path}, row {number}: {what}.", "Correct the row.")
        rows.append(row)
    return rows
