"""The generic preference sources: the embedded pairs, and any file with three columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from vibench.embedded import FOLDER
from vibench.errors import DataError
from vibench.interfaces import Source
from vibench.parameters import Parameter
from vibench.preferences.copies import COPY, Contents
from vibench.preferences.pair_rows import columns_pair
from vibench.preferences.rows import FileRow, digest_of, read_rows
from vibench.records import Dropped, PreferencePair

if TYPE_CHECKING:
    from vibench.interfaces import Data

__all__ = [
    "EmbeddedPairs",
    "PairFile",
    "SourceParameters",
    "Yield",
    "require_file",
    "rows_of",
    "usable",
]

Yield = Iterator[PreferencePair | Dropped]


@dataclass(frozen=True, kw_only=True)
class SourceParameters:
    """The parameters that every source has."""

    limit: Annotated[
        int, Parameter("Read only this many usable pairs, from the start; 0: all.", minimum=0)
    ] = 0
    copies: Annotated[
        Literal["drop", "keep"],
        Parameter("Pairs that repeat an earlier one word for word: drop or keep them."),
    ] = "drop"


def usable(items: Yield, settings: SourceParameters, source: str) -> Yield:
    """`items` up to the `limit`-th pair, and no further row is read; all if it is 0.

    A copy of an earlier pair is dropped unless `copies` keeps it. Of several pairs of one id
    the later ones get their position behind it. A DataError on the way says how to take the
    pairs before it alone.
    """
    pairs = 0
    contents, ids = Contents(), set[str]()
    try:
        for position, item in enumerate(items, start=1):
            if not isinstance(item, PreferencePair):
                yield item
            elif settings.copies == "drop" and not contents.add(item):
                yield Dropped(item.id, COPY)
            else:
                # Often the id of a prompt that several pairs share; verdicts go by the pair's.
                yield replace(item, id=f"{item.id}:{position}") if item.id in ids else item
                ids.add(item.id)
                pairs += 1
            # Return before the next row is read: it may be malformed, or far away on the hub.
            if 0 < settings.limit <= pairs:
                return
    except DataError as error:
        if not pairs:
            raise
        those = "the pair" if pairs == 1 else f"the {pairs} pairs"
        raise DataError(
            error.message,
            f"{error.hint.rstrip('.')}, or use {those} before it alone with --set"
            f" {source}.limit={pairs}.",
        ) from error


def require_file(path: Path, flag: str) -> Path:
    """The path, if it is a file. Raises DataError if not; `flag` is the option that names it."""
    if path.is_dir():
        raise DataError(
            f"{path} is a folder, and {flag} takes a file.",
            f"Give the path of a file in it with {flag}.",
        )
    if not path.is_file():
        commas = " Repeat the option for each file." if "," in str(path) else ""
        raise DataError(
            f"There is no preference file {path}.", f"Check the path given with {flag}.{commas}"
        )
    return path


def rows_of(path: Path, flag: str, name: str) -> Iterator[FileRow]:
    """The rows of a file of pairs, which they call `name`. Raises DataError if it has none."""
    none = True
    for row in read_rows(require_file(path, flag), name):
        none = False
        yield row
    if none:
        raise DataError(
            f"The preference file {path} holds no row.",
            "Give it rows with the columns prompt, chosen and rejected.",
        )


class EmbeddedPairs(Source):
    """The pairs shipped with the project, written by it; their values are known."""

    Parameters: ClassVar = SourceParameters
    settings: SourceParameters

    def _path(self) -> Path:
        return FOLDER / "pairs.jsonl"

    def pairs(self, data: Data) -> Yield:
        """Every pair of the packaged file."""
        rows = read_rows(self._path(), "pairs.jsonl")
        return usable((columns_pair(row, "embedded") for row in rows), self.settings, "embedded")

    def identity(self, data: Data) -> str:
        """The packaged file's digest."""
        return digest_of([self._path()], FOLDER)


class PairFile(Source):
    """Any JSONL, JSON, CSV, TSV (each also .gz) or Parquet file with prompt, chosen, rejected.

    A prompt is text (one user message) or a list of {"role", "content"} that ends on the
    user; a side is text, or such a list: the response alone, or the prompt and then the
    response. Where both sides are such whole conversations the prompt may be left out. A
    `system` column is the first message, and an `id` column names the pairs.
    """

    version: ClassVar[str] = "4"

    @dataclass(frozen=True, kw_only=True)
    class Parameters(SourceParameters):
        path: Annotated[
            str,
            Parameter(
                "The file with the columns prompt, chosen and rejected.",
                minimum_length=1,
                key=False,
            ),
        ]

    settings: Parameters

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self.settings.path).expanduser()

    def pairs(self, data: Data) -> Yield:
        """Every row as a pair. Raises DataError naming file and row."""
        rows = rows_of(self.path, "--source", self.path.name)
        return usable((columns_pair(row, "file") for row in rows), self.settings, "file")

    def identity(self, data: Data) -> str:
        """The file's digest."""
        return digest_of([require_file(self.path, "--source")], self.path.parent)
