"""The first pairs of a value's subset: as the store has them, as a person gives them, as a judge
without a model labels them; or else candidates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from vibench.boundary import checked_pair, planning
from vibench.preferences import unique_pairs
from vibench.records import Dropped, PreferencePair, Rubric, Verdict
from vibench.stages.pairs import PairsSpec
from vibench.stages.subset import SubsetSpec
from vibench.stages.values import ValuesSpec

if TYPE_CHECKING:
    from vibench.interfaces import Data, Judge
    from vibench.plan import Plan
    from vibench.plugins import Plugins
    from vibench.stages.stage import Stage
    from vibench.store.artefacts import Store

__all__ = ["FirstPairs", "SubsetPairs"]

CHUNK = 256
"""Pairs that are labelled at once."""
MAX_LABELLED = 4096
"""Pairs of a source that are searched for a value."""


@dataclass(frozen=True, slots=True)
class FirstPairs:
    """The first pairs of a subset and a sentence on where they come from. `candidates` are pairs
    of which it is not known yet whether they express the value; `labels` is the stage that is to
    find out."""

    pairs: tuple[PreferencePair, ...]
    origin: str
    candidates: bool = False
    labels: ValuesSpec | None = None


class SubsetPairs:
    """The subsets of a plan."""

    def __init__(
        self, plan: Plan, store: Store, plugins: Plugins, data: Data, samples: int
    ) -> None:
        self.plan, self.store, self.plugins, self.data = plan, store, plugins, data
        self.samples = samples
        self._subsets: dict[str, FirstPairs] = {}

    def first(self, key: str) -> FirstPairs:
        """Return the first pairs of the subset with this key. Raises UsageError where a run would:
        for pairs that cannot be read, or none."""
        if key not in self._subsets:
            self._subsets[key] = self._first(self.plan.stages[key])
        return self._subsets[key]

    def _first(self, stage: Stage) -> FirstPairs:
        from vibench.preferences.tables import read_pairs

        spec = stage.spec
        assert isinstance(spec, SubsetSpec)
        # The best source first: what a run has stored is what is trained on.
        if self.store.has(stage.kind, stage.key):
            path = self.store.open(stage.kind, stage.key).file("pairs.parquet")
            pairs = tuple(islice(read_pairs(path), self.samples))
            return FirstPairs(pairs, f"of the pairs for {spec.value} that are in the store")
        sources = [
            self.plan.stages[need.key].spec for need in stage.needs if need.kind == PairsSpec.kind
        ]
        if spec.own:
            return self._own(spec, sources)
        values = self.plan.stages[next(n.key for n in stage.needs if n.kind == ValuesSpec.kind)]
        assert isinstance(values.spec, ValuesSpec)
        # Rules label pairs at no cost, so the real subset can be searched for its first pairs.
        if values.spec.judge_model is None:
            return self._labelled(spec, values.spec, sources)
        return FirstPairs(
            tuple(islice(self._pairs(sources), self.samples)),
            f"Candidates: pairs of the source. The judge '{values.spec.judge.name}' has yet to "
            f"find out which pairs express {spec.value} on exactly one side; training takes "
            "these alone, with that side as the chosen one",
            candidates=True,
            labels=values.spec,
        )

    def _own(self, spec: SubsetSpec, sources: Sequence[object]) -> FirstPairs:
        from vibench.preferences.subsets import no_own_pair
        from vibench.preferences.tables import read_pairs, write_pairs

        # All rows are read, as by a run: a broken one is an error wherever it is.
        with TemporaryDirectory() as name:
            path = Path(name) / "pairs.parquet"
            counts = write_pairs(path, self._rows(sources))
            if not counts.pairs:
                raise no_own_pair(spec.value, counts.dropped, counts.first_dropped)
            pairs = tuple(islice(read_pairs(path), self.samples))
        origin = f"of the {counts.pairs:,} pairs given for {spec.value}, used as they are"
        return FirstPairs(pairs, origin)

    def _labelled(
        self, spec: SubsetSpec, values: ValuesSpec, sources: Sequence[object]
    ) -> FirstPairs:
        """Label pairs until enough express the value, by the files and the selection of a run."""
        judge: Judge = self.plugins.build("judge", values.judge.name, values.judge.asked)
        pairs: list[PreferencePair] = []
        searched, rest = 0, islice(self._pairs(sources), MAX_LABELLED)
        # In chunks: most values turn up in the first few hundred pairs.
        while len(pairs) < self.samples and (chunk := list(islice(rest, CHUNK))):
            searched += len(chunk)
            pairs += _selected(chunk, judge, spec.value)
        labelled = f"labelled by the judge '{values.judge.name}'"
        if pairs:
            origin = f"of the pairs that express {spec.value} on exactly one side, {labelled}"
            return FirstPairs(tuple(pairs[: self.samples]), origin)
        return FirstPairs((), f"none of the first {searched:,} pairs, {labelled}, express it")

    def _pairs(self, sources: Sequence[object]) -> Iterator[PreferencePair]:
        return (row for row in self._rows(sources) if isinstance(row, PreferencePair))

    def _rows(self, sources: Sequence[object]) -> Iterator[PreferencePair | Dropped]:
        for spec in sources:
            assert isinstance(spec, PairsSpec)
            source = self.plugins.build("source", spec.source.name, spec.source.asked)
            with planning(self.plugins.entry("source", spec.source.name), "pairs(data)"):
                # Without copies, or the preview could show a pair that a run leaves out.
                yield from map(checked_pair, unique_pairs(source, self.data))


def _selected(chunk: Sequence[PreferencePair], judge: Judge, value: str) -> list[PreferencePair]:
    """Return the pairs of a chunk that express a value, as the stages of a run select them."""
    from vibench.preferences.extraction import PairValues, write_subset
    from vibench.preferences.tables import read_pairs, write_pairs
    from vibench.store import record_tables as tables

    with TemporaryDirectory() as name:
        folder = Path(name)
        pairs, verdicts, subset = (folder / f"{n}.parquet" for n in ("pairs", "verdicts", "subset"))
        # Through files, as in a run: selection and flipping are not written a second time here.
        write_pairs(pairs, chunk)
        tables.write_verdicts(verdicts, _verdicts(chunk, judge))
        write_subset(subset, [(pairs, PairValues.read(pairs, verdicts))], value)
        return list(read_pairs(subset))


def _verdicts(chunk: Sequence[PreferencePair], judge: Judge) -> Iterator[tuple[str, Verdict]]:
    from vibench.sessions.verdict_rows import judged_row, verdict_of
    from vibench.stages.values import response_rubrics

    rubric: Rubric
    for name, rubric in response_rubrics(chunk):
        yield name, verdict_of(rubric, judged_row(rubric, "decide", judge.decide, rubric))
