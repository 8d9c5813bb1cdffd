"""Stages that select the pairs which express one value."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from vibench.stages.specification import ABSENT, StageSpec

if TYPE_CHECKING:
    from vibench.errors import UsageError
    from vibench.preferences.extraction import PairValues
    from vibench.sessions.work import Work
    from vibench.store.artefacts import Artefact

__all__ = ["SubsetSpec"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsetSpec(StageSpec):
    """The pairs in which exactly one side expresses the value (paper, section 4); or, with
    `own`, all pairs that a person made for it. A run accepts no fewer than `minimum`."""

    kind = "subset"
    version = 2
    needed: ClassVar = {"pairs": "pairs", "values": "values"}

    value: str
    minimum: int
    extractor: str = field(default="", metadata=ABSENT)
    sources: int = field(default=0, metadata=ABSENT)
    own: bool = field(default=False, metadata=ABSENT)

    def run(self, work: Work) -> Mapping[str, Any]:
        """Write `pairs.parquet`; the facts count pairs by where the value was found."""
        return self._own(work) if self.own else self._of_sources(work)

    def _of_sources(self, work: Work) -> Mapping[str, Any]:
        from vibench.preferences.extraction import write_subset
        from vibench.preferences.subsets import too_small

        sources = [
            (pairs.file("pairs.parquet"), _expressed(work, pairs, verdicts))
            for pairs, verdicts in zip(work.needs("pairs"), work.needs("values"), strict=True)
        ]
        counts = write_subset(work.folder / "pairs.parquet", sources, self.value, work.progress)
        if not counts.suffices(self.minimum):
            raise too_small(self.value, counts, self.minimum)
        return {**asdict(counts), **_rows_of(work.needs("pairs"))}

    def _own(self, work: Work) -> Mapping[str, Any]:
        """Copy the pairs that a person made for the value: nobody is asked about them."""
        from vibench.preferences.subsets import SubsetCounts, no_own_pair

        source = work.need("pairs")
        facts = source.manifest["facts"]
        if not facts["pairs"]:
            raise no_own_pair(self.value, facts["dropped"], facts["first_dropped"])
        # Copied, not linked: an artefact is whole by itself, and may be moved to another machine
        # without the other.
        shutil.copyfile(source.file("pairs.parquet"), work.folder / "pairs.parquet")
        counts = SubsetCounts(0, 0, 0, 0, 0, own=facts["pairs"])
        rows = ("dropped", "first_dropped", "copies", "repaired")
        return {**asdict(counts), **{name: facts[name] for name in rows}}

    def refusal(self, facts: Mapping[str, Any]) -> UsageError | None:
        """Return why this run does not accept a stored subset, by its facts; None if it does.

        The minimum is no part of the key, so that the subset may be an earlier run's that asked
        for fewer pairs.
        """
        from vibench.preferences.subsets import SubsetCounts, too_small

        counts = SubsetCounts.of(facts)
        if counts.suffices(self.minimum):
            return None
        return too_small(self.value, counts, self.minimum)


def _rows_of(sources: Sequence[Artefact]) -> dict[str, Any]:
    """Return how many copies of pairs the sources have, dropped and kept, and their repairs."""
    from vibench.preferences.copies import COPY

    facts = [source.manifest["facts"] for source in sources]
    dropped = sum(table["dropped"].get(COPY, 0) for table in facts)
    repaired: Counter[str] = Counter()
    for table in facts:
        repaired.update(table["repaired"])
    return {
        "dropped": {COPY: dropped} if dropped else {},
        "copies": sum(table["copies"] for table in facts),
        "repaired": dict(repaired),
    }


def _expressed(work: Work, pairs: Artefact, verdicts: Artefact) -> PairValues:
    """Return what verdicts say of pairs, read once for all values of a run."""
    from vibench.preferences.extraction import PairValues

    read, keys = work.process.read, (pairs.key, verdicts.key)
    if keys not in read:
        read[keys] = PairValues.read(pairs.file("pairs.parquet"), verdicts.file("verdicts.parquet"))
    expressed: PairValues = read[keys]
    return expressed
