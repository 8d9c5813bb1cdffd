"""A stage whose lease another run has taken over is not committed, and is waited for."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from vibench.data import DataFiles
from vibench.execute.scheduler import execute
from vibench.plan import Stage, make_plan
from vibench.plugins import Plugins
from vibench.registry import Catalogue
from vibench.spec_completion import from_flags
from vibench.store.artefacts import CorruptArtefact, Store

STOLEN = ("samples", "transcripts", "verdicts")


class Thief:
    """Takes the lease of the first stage of some kinds away as soon as it is begun."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.begun: Counter[str] = Counter()
        self.ended: Counter[str] = Counter()
        self.waited = 0

    def started(self, stage: Stage) -> None:
        self.begun[stage.kind] += 1
        if stage.kind in STOLEN and self.begun[stage.kind] == 1:
            self.store.leases.held[stage.key].path.unlink()

    def progress(self, stage: Stage, done: int, total: int, note: str) -> None: ...

    def finished(self, stage: Stage, status: str, seconds: float, error: str | None) -> None:
        assert status == "made", error
        assert self.store.has(stage.kind, stage.key)
        self.ended[stage.kind] += 1

    def waiting(self, stages: int) -> None:
        self.waited += stages

    def remade(self, error: CorruptArtefact) -> None: ...


@pytest.mark.slow
def test_a_stage_that_was_taken_over_is_left_to_the_other_run(
    store: Store, catalogue: Catalogue, plugins: Plugins, tmp_path: Path
) -> None:
    asked = {"evals": ["advbench"], "limit": 2, "models": ["tiny-instruct"]}
    spec = from_flags(catalogue, plugins, sets=["sampling.max_tokens=4"], **asked)
    data = DataFiles(None, True, catalogue.datasets)
    plan = make_plan(spec, catalogue, plugins, data)
    thief = Thief(store)
    result = execute(plan, store, plugins, data, tmp_path / "worker.log", thief)
    assert not result.failures
    assert result.made == len(plan.stages) == sum(thief.ended.values())
    # Nobody else makes them here, so that each is done again, under a lease of its own.
    assert {kind: thief.begun[kind] for kind in STOLEN} == dict.fromkeys(STOLEN, 2)
    assert thief.waited == len(STOLEN)
    assert not store.leases.held
    assert not list((store.root / "locks").iterdir())
