"""Where questions come from: the hub, as lm-eval has it, or the folder that the user names."""

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
    "Files",
    "Hub",
    "Row",
    "Rows",
    "Snapshot",
    "Source",
    "holds",
    "rows_json",
    "snapshot",
    "visible",
]

Row = Mapping[str, Any]
Build = Callable[[Leaf], Mapping[str, Sequence[Row]]]
"""A task's rows, split by split."""

DATA = (".parquet", ".arrow", ".jsonl", ".json", ".csv", ".tsv", ".txt", ".gz", ".zst", ".md")

NAMES = {str: "text", int: "a whole number", list: "a list", dict: "an object"}


class Source(Protocol):
    """Where a task's questions come from."""

    @property
    def identity(self) -> Mapping[str, Any]:
        """What its content is known by (JSON)."""

    @property
    def remote(self) -> bool:
        """Whether the hub is to be asked."""

    def overrides(self, leaf: Leaf) -> dict[str, Any]:
        """What of a task's definition is to be another, so that lm-eval reads them there."""


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
    """The tasks' data sets in a data folder: `FOLDER/org/name` or `FOLDER/name`. Raises
    DataError naming the first that is not there."""
    folders: dict[str, Path] = {}
    for leaf in leaves:
        name = leaf.dataset
        if not name:
            raise DataError(
                f"The task '{leaf.name}' makes its own data, which no folder can hold.",
                "Leave --data out.",
            )
        found = _folder(data, name)
        if found is None:
            raise DataError(
                f"The data folder {data} has no folder '{name}'.",
                f"Put it there (hf download {name} --repo-type dataset --local-dir "
                f"{data / name}), or leave --data out to have it from the hub.",
            )
        folders[name] = found
    return Snapshot(folders)


def holds(data: Path, dataset: str) -> bool:
    """Whether a data folder holds a hub's data set in the hub's own form."""
    folder = _folder(data, dataset)
    return folder is not None and next(folder.rglob("*.parquet"), None) is not None


def _folder(data: Path, dataset: str) -> Path | None:
    places = (data / dataset, data / dataset.rpartition("/")[2])
    return next((p for p in places if p.is_dir() and next(_files(p), None)), None)


def _files(folder: Path) -> Iterator[Path]:
    return (file for file in visible(folder) if file.suffix in DATA)


def visible(folder: Path) -> Iterator[Path]:
    """The files below a folder, in order, but for hidden ones and Python's own."""
    for file in sorted(folder.rglob("*")):
        parts = file.relative_to(folder).parts
        if file.is_file() and not any(p.startswith(".") or p == "__pycache__" for p in parts):
            yield file


@dataclass(frozen=True, slots=True)
class Files:
    """A data set's files in the plain form, one a split, in `FOLDER/dataset`."""

    data: Data
    dataset: str

    def split(self, name: str) -> Path:
        """The JSON Lines file of a split. Raises DataError naming both ways to have it."""
        derived = f"{self.dataset}_{name}.derived.jsonl.gz"
        return self.file(derived, f"{name}.jsonl.gz", f"{name}.jsonl")

    def optional(self, name: str) -> Path | None:
        """The same, or None where there is none."""
        try:
            return self.split(name)
        except DataError:
            return None

    def file(self, *names: str) -> Path:
        """The first of `names` that there is. Raises DataError naming both ways to have it."""
        try:
            return self.data.file(self.dataset, *names)
        except DataError as error:
            raise DataError(
                error.message,
                f"Put {self.dataset}/{names[-1]} into the data folder, or leave --data out to "
                "have the questions from the hub.",
            ) from error


@dataclass(frozen=True, slots=True)
class Rows:
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

            made = {name: Dataset.from_list(list(rows)) for name, rows in splits.items() if rows}
            first = next(iter(made.values()))
            return {name: made.get(name, first.select([])) for name in splits}

        return {"custom_dataset": custom_dataset}


def content(file: Path) -> str:
    """A file's SHA-256, read anew only if it was touched."""
    stat = file.stat()
    return _content(file, stat.st_size, stat.st_mtime_ns)


@cache
def _content(file: Path, size: int, mtime: int) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def rows_json(path: Path, kinds: Mapping[str, type]) -> list[dict[str, Any]]:
    """The rows of a JSON Lines file, or of a JSON list (`.json`), packed (`.gz`) or not.

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
                f"{path}, row {number}: not JSON ({error}).", "Mend or drop the row."
            ) from error
        for key, kind in kinds.items():
            if not isinstance(row, dict) or key not in row:
                raise DataError(f"{path}, row {number}: has no '{key}'.", "Mend the row.")
            if not isinstance(row[key], kind):
                what = f"'{key}' is {json.dumps(row[key])[:40]}, and should be {NAMES[kind]}"
                raise DataError(f"{path}, row {number}: {what}.", "Mend the row.")
        rows.append(row)
    return rows
