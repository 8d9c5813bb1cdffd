"""Stages that read the preference pairs of a source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from vibench.boundary import checked_pair, planning
from vibench.records import Dropped, PreferencePair
from vibench.sessions.configs import DataPlace, SourceConfig
from vibench.stages.specification import StageSpec

if TYPE_CHECKING:
    from vibench.interfaces import Source
    from vibench.sessions.work import Work

__all__ = ["PairsSpec"]

PROGRESS_ROWS = 5000
"""Progress is shown every so many rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairsSpec(StageSpec):
    """The pairs of a source, read from `data`."""

    kind = "pairs"
    brief = True

    source: SourceConfig
    data: DataPlace

    def run(self, work: Work) -> Mapping[str, Any]:
        """Write `pairs.parquet`; the facts are those of `PairCounts`."""
        from vibench.preferences import unique_pairs
        from vibench.preferences.tables import write_pairs

        source: Source = work.plugin(self.source)
        data = work.process.data or self.data.open()

        def checked() -> Iterator[PreferencePair | Dropped]:
            entry = work.plugins.entry("source", self.source.name)
            with planning(entry, "pairs(data)"):
                for n, item in enumerate(unique_pairs(source, data)):
                    if n % PROGRESS_ROWS == 0:
                        work.progress(n, 0, "rows")
                    yield checked_pair(item)

        return asdict(write_pairs(work.folder / "pairs.parquet", checked()))
