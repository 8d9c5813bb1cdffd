"""A person's own pairs, made for one value (`--pairs VALUE=FILE`): used as they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

from vibench.interfaces import Source
from vibench.parameters import Parameter
from vibench.preferences.pair_rows import columns_pair, row_id
from vibench.preferences.rows import FileRow, content_of
from vibench.preferences.sources import SourceParameters, Yield, require_file, rows_of, usable
from vibench.records import PreferencePair, digest

if TYPE_CHECKING:
    from vibench.interfaces import Data

__all__ = ["NAME", "OwnPairs"]

NAME = "own-pairs"
"""The source's name: --set own-pairs.limit=100."""

FLAG = "--pairs"


class OwnPairs(Source):
    """Files with the columns prompt, chosen and rejected (`PairFile`), joined in order.

    Files may overlap. What a file is called is part of no pair's id and no key.
    """

    version: ClassVar[str] = "2"

    @dataclass(frozen=True, kw_only=True)
    class Parameters(SourceParameters):
        files: Annotated[
            tuple[Annotated[str, Parameter(minimum_length=1)], ...],
            Parameter("The files given with --pairs.", minimum_items=1, key=False),
        ]

    settings: Parameters

    @property
    def files(self) -> list[Path]:
        """The files, in order."""
        return [Path(file).expanduser() for file in self.settings.files]

    def pairs(self, data: Data) -> Yield:
        """Yield every row as a pair. Raises DataError naming file and row."""
        return usable(self._joined(), self.settings, NAME)

    def identity(self, data: Data) -> str:
        """Return the digest of the files' contents, in order."""
        return digest([content_of(require_file(path, FLAG)) for path in self.files])

    def _joined(self) -> Yield:
        for file_number, path in enumerate(self.files, start=1):
            for row in rows_of(path, FLAG, str(path)):
                item = columns_pair(row, NAME)
                yield _named(item, file_number, row) if isinstance(item, PreferencePair) else item


def _named(pair: PreferencePair, file_number: int, row: FileRow) -> PreferencePair:
    """The pair under an id that is of its file's place and its row, not of the file's name."""
    name = row_id(row)
    # Ids are part of content keys: with the file's name in them, moving a file would train again.
    suffix = f"{file_number}/{name}" if name else f"{file_number}:{row.number}"
    return replace(pair, id=f"{NAME}/{suffix}")
