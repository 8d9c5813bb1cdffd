"""The origin of a published preference set: the user's folder, or its public home."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vibench.errors import DataError, MissingExtra
from vibench.preferences.file_forms import is_table
from vibench.preferences.rows import FileRow, digest_of, read_rows

__all__ = ["HubSet", "LocalSet"]

ABOUT = frozenset({"dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json"})
"""JSON files that describe a data set and hold no row of it."""


@dataclass(frozen=True, slots=True)
class LocalSet:
    """Files under `<folder>/<dataset>/`, in the hub's layout or any other.

    Read are the files named after the first of `splits` that any file is named after
    (`train.jsonl.gz`, `data/train-00000-of-00001.parquet`), or else any folder
    (`default/train/0000.parquet`); if there is none, all tables where `whole` is set. A
    `glob` says which instead. `source` is the name that hints use.
    """

    source: str
    folder: Path
    dataset: str
    splits: tuple[str, ...]
    whole: bool
    glob: str = ""

    def files(self) -> list[Path]:
        """Its tables, sorted by name. Raises DataError if there is none."""
        root = self.folder / self.dataset
        if not root.is_dir():
            raise DataError(
                f"The data folder {self.folder} has no folder '{self.dataset}'.",
                "Put the preference set there, or leave --data out to read its public home.",
            )
        tables = self._tables(root, self.glob or "**/*")
        split_files = tables if self.glob or not tables else self._of_split(root, tables)
        if split_files:
            return split_files
        if tables:
            raise DataError(
                f"{root} has no table of the split '{self.splits[0]}': there is"
                f" {', '.join(p.relative_to(root).as_posix() for p in tables[:5])}"
                f"{' and more' * (len(tables) > 5)}.",
                f"Name another with --set {self.source}.split=NAME, or the files with --set"
                f" {self.source}.files=GLOB.",
            )
        matching = f" that matches {self.glob}" if self.glob else ""
        raise DataError(
            f"{root} has no table{matching}.",
            f"Put its JSONL, JSON, CSV or Parquet files there, or set {self.source}.files to"
            " another glob.",
        )

    def rows(self) -> Iterator[FileRow]:
        """All rows of all its files. Raises DataError if they hold none."""
        root = self.folder / self.dataset
        files, none = self.files(), True
        for path in files:
            for row in read_rows(path, path.relative_to(root).as_posix()):
                none = False
                yield row
        if none:
            raise DataError(
                f"{files[0]}{' and the others hold' if files[1:] else ' holds'} no row.",
                "Copy or download the preference set again.",
            )

    def identity(self) -> str:
        """By content: moving the folder changes nothing."""
        return digest_of(self.files(), self.folder / self.dataset)

    def _tables(self, root: Path, glob: str) -> list[Path]:
        try:
            paths = [p for p in root.glob(glob) if p.is_file() and is_table(p)]
        except (ValueError, NotImplementedError) as error:
            raise DataError(
                f"'{glob}' is not a glob of files in {root} ({error}).",
                f"Set {self.source}.files to one like 'data/*.jsonl'.",
            ) from error
        # Hidden folders hold caches and Git's own files.
        hidden = [p for p in paths if any(part[0] == "." for part in p.relative_to(root).parts)]
        return sorted(p for p in paths if p not in hidden and p.name not in ABOUT)

    def _of_split(self, root: Path, tables: list[Path]) -> list[Path]:
        for split in self.splits:
            word = _word(split)
            # File names come first: the folder of a data set called 'train...' would match every
            # file.
            matching = [p for p in tables if word.search(p.name)]
            inside = [p for p in tables if word.search(p.parent.relative_to(root).as_posix())]
            if matching or inside:
                return matching or inside
        return tables if self.whole else []


@dataclass(frozen=True, slots=True)
class HubSet:
    """One split of a data set on the Hugging Face hub, at a pinned revision, streamed.

    `source` and `dataset` are the names that hints use: of the source and its folder.
    """

    source: str
    hub: str
    revision: str
    split: str
    dataset: str

    def rows(self) -> Iterator[FileRow]:
        """All rows. Raises MissingExtra, or DataError if the hub cannot be read."""
        try:
            import datasets
        except ImportError as error:
            raise MissingExtra(f"Reading {self.hub} from the hub", "train", "datasets") from error
        number = 0
        try:
            splits = datasets.load_dataset(self.hub, revision=self.revision, streaming=True)
            for number, columns in enumerate(self._chosen(splits), start=1):
                yield FileRow(self.split, number, columns)
        except DataError:
            raise
        # The hub's client raises its own, its transport's, fsspec's and OS errors alike.
        except Exception as error:
            raise self._unread(error, number) from error
        if not number:
            raise DataError(
                f"The split '{self.split}' of {self.hub} (revision {self.revision}) holds no row.",
                f"Name another with --set {self.source}.split=NAME.",
            )

    def identity(self) -> str:
        """The hub id, revision and split."""
        return f"hub:{self.hub}@{self.revision}/{self.split}"

    def _chosen(self, splits: Any) -> Any:
        if self.split in splits:
            return splits[self.split]
        raise DataError(
            f"The preference set {self.hub} (revision {self.revision}) has no split"
            f" '{self.split}': there is {', '.join(map(str, splits))}.",
            f"Name one of them with --set {self.source}.split=NAME.",
        )

    def _unread(self, error: Exception, number: int) -> DataError:
        from huggingface_hub.errors import RevisionNotFoundError

        # The hub's error arrives wrapped by fsspec and datasets, so look along its causes.
        if any(isinstance(e, RevisionNotFoundError) for e in _causes(error)):
            return DataError(
                f"The preference set {self.hub} has no revision '{self.revision}' on the hub.",
                f"Name a commit, tag or branch with --set {self.source}.revision=NAME, or leave"
                " it out for the pinned commit.",
            )
        after = f" after row {number}" if number else ""
        reason = (str(error).strip() or repr(error)).splitlines()[0].rstrip(".")
        return DataError(
            f"The preference set {self.hub} (revision {self.revision}, split {self.split})"
            f" cannot be read from the hub{after}: {reason}.",
            f"Check the network, or name a folder that has {self.dataset}/ with"
            " --data or VIBENCH_DATA.",
        )


def _word(split: str) -> re.Pattern[str]:
    """Matches the split's name as a word of a path: train-0, x_train1000, not 'constrained'."""
    name = "train(?:ing)?" if split == "train" else re.escape(split)
    return re.compile(rf"(?<![a-z]){name}(?![a-z])", re.IGNORECASE)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
