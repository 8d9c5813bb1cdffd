"""The generic preference sources: the embedded pairs, and any file with three columns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from vibench.embedded import FOLDER
from vibench.errors import DataError
from vibench.interfaces import Source
from vibench.preferences import Dropped
from vibench.preferences.conversation import Turns, cause_of_drop, turns
from vibench.preferences.rows import Row, broken, digest_of, read_rows
from vibench.records import PreferencePair

if TYPE_CHECKING:
    from vibench.data import Data

__all__ = ["LIMIT", "EmbeddedPairs", "PairFile", "Yield", "columns_pair", "first", "pair_or_drop"]

Yield = Iterator[PreferencePair | Dropped]

LIMIT: dict[str, Any] = {
    "type": "integer",
    "minimum": 0,
    "default": 0,
    "description": "take only the first so many usable pairs; 0 takes all",
}
"""The parameter `limit`, which every source has."""


def first(items: Yield, limit: int, source: str) -> Yield:
    """`items` up to the `limit`-th pair, and no further row is read; all if it is 0.

    A DataError on the way says how to take the pairs before it alone.
    """
    pairs = 0
    try:
        for item in items:
            yield item
            pairs += isinstance(item, PreferencePair)
            if 0 < limit <= pairs:
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


def pair_or_drop(
    row: Row, source: str, prompt: Turns, chosen: Turns, rejected: Turns
) -> PreferencePair | Dropped:
    """The pair of a row, or why there is none (`cause_of_drop`).

    Its id is the row's `id` column if there is one, else file and row number. Raises
    DataError for text that cannot be written, and for an id that is none.
    """
    cause = cause_of_drop(prompt, chosen, rejected)
    if cause is not None:
        return Dropped(row.label, cause)
    sides = chosen[-1].content, rejected[-1].content
    try:
        "".join((*(m.content for m in prompt), *sides)).encode()
    except UnicodeEncodeError as error:
        raise broken(row, "holds half of a surrogate pair, which is no text") from error
    name = row.columns.get("id")
    if name is not None and not isinstance(name, str | int):
        raise broken(row, "'id' is neither text nor a number")
    own = f"{row.file}:{row.number}" if name is None else str(name)
    return PreferencePair(f"{source}/{own}", prompt, *sides, source)


def columns_pair(row: Row, source: str) -> PreferencePair | Dropped:
    """The pair of a row with the columns prompt, chosen and rejected. Raises DataError."""
    prompt = turns(row, "prompt", "user")
    sides = turns(row, "chosen", "assistant"), turns(row, "rejected", "assistant")
    return pair_or_drop(row, source, prompt, *sides)


class EmbeddedPairs(Source):
    """The pairs shipped with the project, written by it; their values are known."""

    parameters: ClassVar = {
        "type": "object",
        "properties": {"limit": LIMIT},
        "additionalProperties": False,
    }

    def __init__(self, limit: int) -> None:
        self.limit = limit

    def _path(self) -> Path:
        return FOLDER / "pairs.jsonl"

    def pairs(self, data: Data) -> Yield:
        """Every pair of the packaged file."""
        rows = read_rows(self._path(), "pairs.jsonl")
        return first((columns_pair(row, "embedded") for row in rows), self.limit, "embedded")

    def identity(self, data: Data) -> str:
        """The packaged file's digest."""
        return digest_of([self._path()], FOLDER)


class PairFile(Source):
    """Any JSONL, JSON, CSV, TSV (each also .gz) or Parquet file with prompt, chosen, rejected.

    A prompt is text (one user message) or a list of {"role", "content"} that ends on the
    user; a side is text, or such a list: the response alone, or the prompt and then the
    response. An `id` column names the pairs.
    """

    version: ClassVar[str] = "2"
    parameters: ClassVar = {
        "type": "object",
        "properties": {
            "path": {
                "x-key": False,
                "type": "string",
                "minLength": 1,
                "description": "the file with the columns prompt, chosen and rejected",
            },
            "limit": LIMIT,
        },
        "required": ["path"],
        "additionalProperties": False,
    }

    def __init__(self, path: str, limit: int) -> None:
        self.path = Path(path).expanduser()
        self.limit = limit

    def pairs(self, data: Data) -> Yield:
        """Every row as a pair. Raises DataError naming file and row."""
        return first((columns_pair(row, "file") for row in self._rows()), self.limit, "file")

    def identity(self, data: Data) -> str:
        """The file's digest."""
        return digest_of([self._file()], self.path.parent)

    def _rows(self) -> Iterator[Row]:
        none = True
        for row in read_rows(self._file(), self.path.name):
            none = False
            yield row
        if none:
            raise DataError(
                f"The preference file {self.path} holds no row.",
                "Give it rows with the columns prompt, chosen and rejected.",
            )

    def _file(self) -> Path:
        if self.path.is_dir():
            raise DataError(
                f"{self.path} is a folder, and --source takes a file.",
                "Give the path of a file in it with --source.",
            )
        if not self.path.is_file():
            raise DataError(
                f"There is no preference file {self.path}.",
                "Check the path given with --source.",
            )
        return self.path
