"""A summary of the pairs that a value is trained on: kept as they are, flipped, left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from vibench.preferences.copies import COPY
from vibench.preferences.subsets import SubsetCounts, counted_causes

__all__ = ["MAX_FLIPPED", "SubsetSummary"]

MAX_FLIPPED: Final = 0.1
"""The share of flipped pairs above which there is a warning."""


@dataclass(frozen=True, slots=True)
class SubsetSummary:
    """A value's subset: its counts, the `minimum` that subsets of this run need, and who found
    the value.

    `dropped` are the rows of a person's own files that gave no pair, by cause, with the first
    one of each in `first_dropped`; of general sources it has their copies of pairs alone.
    `copies` were kept, and `repaired` counts repairs of rows, both over all pairs read.
    """

    value: str
    counts: SubsetCounts
    minimum: int = 1
    extractor: str = ""
    dropped: Mapping[str, int] = field(default_factory=dict)
    first_dropped: Mapping[str, str] = field(default_factory=dict)
    copies: int = 0
    repaired: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, spec: Mapping[str, Any], facts: Mapping[str, Any]) -> SubsetSummary:
        """Return the summary of a `subset` stage, out of its specification and its facts."""
        return cls(
            spec["value"],
            SubsetCounts.of(facts),
            spec["minimum"],
            spec.get("extractor", ""),
            facts.get("dropped", {}),
            facts.get("first_dropped", {}),
            facts.get("copies", 0),
            facts.get("repaired", {}),
        )

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> SubsetSummary:
        """Return the summary that `record` wrote."""
        return cls(**{**record, "counts": SubsetCounts.of(record["counts"])})

    def record(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)

    @property
    def sentence(self) -> str:
        """The numbers of pairs that are trained on as they are, flipped and left out."""
        words = [self._of_own() if self.counts.own else self._of_sources()]
        if self.copies:
            words.append(f"copies of earlier pairs were kept: {self.copies:,} of those read")
        if self.repaired:
            words.append(f"rows repaired ({counted_causes(self.repaired, {})})")
        return "; ".join(words)

    @property
    def warning(self) -> str:
        """A warning where many pairs were flipped; "" where few were."""
        counts = self.counts
        if not counts.total or counts.rejected <= MAX_FLIPPED * counts.total:
            return ""
        finder = self.extractor or "the extractor"
        return (
            f"{100 * counts.rejected / counts.total:.0f} % of the pairs for {self.value}"
            f" ({counts.rejected:,} of {counts.total:,}) were flipped, because {finder} found the"
            " value in the rejected response alone. This is how a value is found in a general"
            f" preference set; if these pairs were made for {self.value}, train on them as they"
            f" are with --pairs {self.value}=FILE."
        )

    def _of_own(self) -> str:
        counts = self.counts
        words = [f"{self.value}: {_pairs(counts.own)} of your own, trained on as given"]
        if self.dropped:
            causes = counted_causes(self.dropped, self.first_dropped)
            total = sum(self.dropped.values())
            words.append(f"{total:,} row{'s' * (total != 1)} left out ({causes})")
        if counts.own < self.minimum:
            words.append(
                f"fewer than the minimum of {self.minimum:,}, which counts for pairs found in a"
                " source alone"
            )
        return "; ".join(words)

    def _of_sources(self) -> str:
        counts = self.counts
        out = counts.both + counts.neither + counts.unscored
        copies = self.dropped.get(COPY, 0)
        return (
            f"{self.value}: {_pairs(counts.total)} found in the sources, {counts.chosen:,} as given"
            f" and {counts.rejected:,} flipped; {out:,} left out ({counts.both:,} with the value"
            f" on both sides, {counts.neither:,} on neither, {counts.unscored:,} unscored)"
            + (f"; copies of earlier pairs were dropped: {copies:,} rows" if copies else "")
        )


def _pairs(count: int) -> str:
    return f"{count:,} pair{'s' * (count != 1)}"
