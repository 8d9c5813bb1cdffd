"""Planning and making the stages that a `vibench data` command shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vibench.cli.data.options import DataOptions
from vibench.cli.preparation import opened
from vibench.cli.progress import Display
from vibench.cli.screen import console
from vibench.execute.failures import Failure
from vibench.execute.readiness import check_ready
from vibench.execute.run import carry_out
from vibench.execute.scheduler import done_stages
from vibench.plan.preferences import Annotating, DataPlan, Depth, plan_data
from vibench.plugins import Plugins
from vibench.registry import Catalogue, load_catalogue
from vibench.spec import Spec
from vibench.spec_completion import from_flags
from vibench.stages.pairs import PairsSpec
from vibench.stages.values import ValuesSpec
from vibench.store.artefacts import Artefact, Store

if TYPE_CHECKING:
    from vibench.data import DataFiles
    from vibench.preferences.extraction import PairValues

__all__ = ["Made", "data_of", "make"]


@dataclass(frozen=True, slots=True)
class Made:
    """What was asked for and what of it there is now."""

    spec: Spec
    catalogue: Catalogue
    plugins: Plugins
    store: Store
    planned: DataPlan
    failures: Mapping[str, Failure]

    def artefact(self, kind: str, key: str) -> Artefact | None:
        """A stage's result, None if it failed."""
        return self.store.open(kind, key) if self.store.has(kind, key) else None

    def expressed(self) -> dict[str, PairValues]:
        """What the responses of each source express; sources that failed are not there."""
        from vibench.preferences.extraction import PairValues

        found = {}
        for name, key in self.planned.values.items():
            pairs = self.artefact(PairsSpec.kind, self.planned.pairs[name])
            values = self.artefact(ValuesSpec.kind, key)
            if pairs and values:
                found[name] = PairValues.read(
                    pairs.file("pairs.parquet"), values.file("verdicts.parquet")
                )
        return found

    def code(self) -> int:
        """Say what failed; the exit code: 0, 1, or 2 if the input is to blame."""
        if not self.failures:
            return 0
        from vibench.cli.report import failures

        failures(self.failures, console(to_stderr=True))
        return 2 if all(f.usage for f in self.failures.values()) else 1


def data_of(asked: DataOptions) -> DataFiles:
    """The data that a command reads. Raises UsageError for what was asked wrongly."""
    catalogue = load_catalogue(asked.registry)
    spec = from_flags(catalogue, Plugins.discover(), evaluating=False, **asked.flags)
    return opened(spec, catalogue)


def make(
    asked: DataOptions,
    depth: Depth,
    annotating: Annotating | None = None,
    **said: Any,
) -> Made:
    """Make every stage down to `depth` that is not in the store yet.

    `said` adds to what the shared options say. Raises UsageError for what was asked wrongly;
    what failed while it was made is in `failures`, with everything else made.
    """
    catalogue = load_catalogue(asked.registry)
    plugins = Plugins.discover()
    spec = from_flags(catalogue, plugins, evaluating=False, **asked.flags, **said)
    data = opened(spec, catalogue)
    planned = plan_data(spec, catalogue, plugins, data, depth, annotating)
    store = Store(asked.store)
    store.prepare()
    screen = console(to_stderr=True)
    if spec.profile == "embedded":
        screen.print(
            "Embedded profile: the preference pairs shipped with vibench, judged by rules; for "
            "trying things out. For real data: --profile paper, or --source.",
            style="bold",
            markup=False,
        )
    plan = planned.plan
    done = done_stages(plan, store)
    todo = plan.needed(done)
    check_ready(todo, plugins)
    name = plan.run
    log = store.root / "logs" / f"{name}.log"
    try:
        with Display(screen, len(todo), store) as display:
            result = carry_out(name, plan, store, plugins, data, display, log, done)
    except KeyboardInterrupt:
        screen.print(
            "\nStopped. Finished work is saved: rerun the same command to resume.",
            markup=False,
        )
        raise
    return Made(spec, catalogue, plugins, store, planned, result.failures)
