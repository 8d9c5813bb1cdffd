"""Stages that compute the log-probabilities of a subset's responses before training."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from vibench.records import PreferencePair, digest
from vibench.sessions.configs import InducerConfig
from vibench.stages.specification import SubjectSpec
from vibench.stages.workload import FORWARD, PAIRS, NeedFacts, Workload

if TYPE_CHECKING:
    from vibench.interfaces import Inducer
    from vibench.sessions.work import Work

__all__ = ["ReferenceSpec", "subset_pairs", "subset_units"]

SHARD = 4096
"""Pairs whose log-probabilities are committed at once (the base model is loaded once for each
such shard)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceSpec(SubjectSpec):
    """Log-probabilities under the subject that training starts from. `scope` names the ledger of
    rows that every value, beta and seed shares."""

    kind = "reference"
    needed: ClassVar = {"subset": "subset", "start": "adapter"}

    inducer: InducerConfig
    scope: str

    def run(self, work: Work) -> Mapping[str, Any]:
        """Write `reference.json`: the two log-probabilities of each pair, by its id. Rows that
        another stage of the scope computed are not computed again."""
        inducer: Inducer = work.plugin(self.inducer)
        subject = work.subject(self.subject)
        pairs = subset_pairs(work)
        ledger = work.store.ledger(f"reference-{self.scope}")
        stored = ledger.rows()
        # Rows are by response, not by pair: a pair that another value turns around has the same
        # two.
        todo = [p for p in pairs if not all(r in stored for r in response_keys(p))]
        work.process.sessions.close()  # The inducer loads the model itself: it needs the memory.
        for start in range(0, len(todo), SHARD):
            shard = todo[start : start + SHARD]

            def progress(done: int, total: int, note: str, start: int = start) -> None:
                work.progress(start + done, len(todo), note)

            computed = inducer.reference(subject, shard, progress)
            fresh: dict[str, float] = {}
            for pair in shard:
                if pair.id in computed:
                    fresh.update(zip(response_keys(pair), computed[pair.id], strict=True))
            stored.update(fresh)
            ledger.append(list(fresh.items()))
        rows = {
            p.id: [stored[key] for key in response_keys(p)]
            for p in pairs
            if all(key in stored for key in response_keys(p))
        }
        (work.folder / "reference.json").write_text(json.dumps(rows))
        return {"pairs": len(rows), "computed": len(todo), "left_out": len(pairs) - len(rows)}

    def shared_ledgers(self) -> Sequence[str]:
        """Return the ledger of the scope's log-probabilities."""
        return (f"reference-{self.scope}",)

    def workload(self) -> Workload:
        """Return what a pair takes: a pass forward."""
        return Workload("references", "computed", passes=FORWARD)

    def units(self, work: Mapping[str, int], facts: NeedFacts) -> float:
        """Return the number of pairs."""
        return subset_units(facts)


def subset_units(facts: NeedFacts) -> float:
    """Return the pairs of the subset that a stage needs; the paper's mean while it is not made."""
    from vibench.preferences.subsets import SubsetCounts

    subset = facts("subset")
    return PAIRS if subset is None else SubsetCounts.of(subset).total


def subset_pairs(work: Work) -> list[PreferencePair]:
    """Return the pairs of the subset that a stage needs."""
    from vibench.preferences.tables import read_pairs

    return list(read_pairs(work.need("subset").file("pairs.parquet")))


def response_keys(pair: PreferencePair) -> tuple[str, str]:
    """Return the keys of the chosen and the rejected response, whichever way the pair is
    turned: both ways have the same two."""
    prompt = [asdict(m) for m in pair.prompt]
    return digest([prompt, pair.chosen]), digest([prompt, pair.rejected])
