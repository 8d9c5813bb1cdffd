"""A person's own pairs, made for one value (`--pairs VALUE=FILE`): used as they are."""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from vibench.interfaces import Source
from vibench.parameters import Parameter
from vibench.preferences.pair_rows import columns_pair
from vibench.preferences.rows import FileRow, content_of
from vibench.preferences.sources import Limit, Yield, first, require_file, rows_of
from vibench.records import Dropped, PreferencePair, digest

if TYPE_CHECKING:
    from vibench.interfaces import Data

__all__ = ["NAME", "REPEATED", "OwnPairs"]

NAME = "own-pairs"
"""The source's name: --set own-pairs.limit=100."""

FLAG = "--pairs"

REPEATED = "the same pair as in an earlier file"


class OwnPairs(Source):
    """Files with the columns prompt, chosen and rejected (`PairFile`), joined in order.

    A pair that an earlier file has already is dropped and counted; inside one file a repeated
    row stays as it was given. What a file is called is part of no pair's id and no key.
    """

    @dataclass(frozen=True, kw_only=True)
    class Parameters:
        files: Annotated[
            tuple[Annotated[str, Parameter(minimum_length=1)], ...],
            Parameter("The files given with --pairs.", minimum_items=1, key=False),
        ]
        limit: Limit = 0

    settings: Parameters

    @property
    def files(self) -> list[Path]:
        """The files, in order."""
        return [Path(file).expanduser() for file in self.settings.files]

    def pairs(self, data: Data) -> Yield:
        """Yield every row as a pair. Raises DataError naming file and row."""
        return first(self._joined(), self.settings.limit, NAME)

    def identity(self, data: Data) -> str:
        """Return the digest of the files' contents, in order."""
        return digest([content_of(require_file(path, FLAG)) for path in self.files])

    def _joined(self) -> Yield:
        earlier: set[str] = set()
        for file_number, path in enumerate(self.files, start=1):
            contents: set[str] = set()
            for row in rows_of(path, FLAG, str(path)):
                item = columns_pair(row, NAME)
                if isinstance(item, PreferencePair) and len(self.files) > 1:
                    # Files may overlap, and a pair trained on twice has twice the weight. Within
                    # one file a repetition is the author's own choice.
                    content = digest(
                        [[astuple(m) for m in item.prompt], item.chosen, item.rejected]
                    )
                    contents.add(content)
                    if content in earlier:
                        item = Dropped(row.label, REPEATED)
                yield _named(item, file_number, row) if isinstance(item, PreferencePair) else item
            earlier |= contents


def _named(pair: PreferencePair, file_number: int, row: FileRow) -> PreferencePair:
    """The pair under an id that is of its file's place and its row, not of the file's name."""
    name = row.columns.get("id")
    # Ids are part of content keys: with the file's name in them, moving a file would train again.
    suffix = f"{file_number}:{row.number}" if name is None else f"{file_number}/{name}"
    return replace(pair, id=f"{NAME}/{suffix}")
