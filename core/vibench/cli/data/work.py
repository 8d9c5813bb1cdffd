"""The stages behind a `vibench data` command: planned, carried out, and read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vibench.cli.data.options import DataOptions
from vibench.cli.preparation import opened
from vibench.cli.progress import Display
from vibench.cli.screen import console
from vibench.execute.failures import StageFailure
from vibench.execute.reach import check_reach
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

__all__ = ["DataRun", "data_of", "make"]


@dataclass(frozen=True, slots=True)
class DataRun:
    """A command's request, its plan, and the stages that failed."""

    spec: Spec
    catalogue: Catalogue
    plugins: Plugins
    store: Store
    planned: DataPlan
    failures: Mapping[str, StageFailure]

    def artefact(self, kind: str, key: str) -> Artefact | None:
        """Return a stage's result, None if it failed."""
        return self.store.open(kind, key) if self.store.has(kind, key) else None

    def expressed(self) -> dict[str, PairValues]:
        """Return the values of each source's responses, without sources that failed."""
        from vibench.preferences.extraction import PairValues

        expressed = {}
        for name, key in self.planned.values.items():
            pairs = self.artefact(PairsSpec.kind, self.planned.pairs[name])
            values = self.artefact(ValuesSpec.kind, key)
            if pairs and values:
                expressed[name] = PairValues.read(
                    pairs.file("pairs.parquet"), values.file("verdicts.parquet")
                )
        return expressed

    def code(self) -> int:
        """Print the failures; return the exit code: 0, 1, or 2 if the input is to blame."""
        if not self.failures:
            return 0
        from vibench.cli.report import failures

        failures(self.failures, console(to_stderr=True))
        # 2 only if nothing but the input is wrong: a rerun cannot help then.
        return 2 if all(f.usage for f in self.failures.values()) else 1


def data_of(options: DataOptions) -> DataFiles:
    """Return the data files that a command reads. Raises UsageError for mistakes in its options."""
    catalogue = load_catalogue(options.registry)
    spec = from_flags(catalogue, Plugins.discover(), evaluating=False, **options.flags)
    return opened(spec, catalogue)


def make(
    options: DataOptions,
    depth: Depth,
    annotating: Annotating | None = None,
    **flags: Any,
) -> DataRun:
    """Carry out every stage down to `depth` that is not in the store yet.

    `flags` are added to the shared options. Raises UsageError for mistakes in them; stages that
    fail are in `failures`, and the others are carried out all the same.
    """
    catalogue = load_catalogue(options.registry)
    plugins = Plugins.discover()
    spec = from_flags(catalogue, plugins, evaluating=False, **options.flags, **flags)
    data = opened(spec, catalogue)
    planned = plan_data(spec, catalogue, plugins, data, depth, annotating)
    store = Store(options.store)
    # Only now: a mistake in an option must not leave an empty store.
    store.prepare()
    # Progress and notices go to standard error: the table itself may be piped on as CSV or JSON.
    screen = console(to_stderr=True)
    if spec.profile == "embedded":
        screen.print(
            "Embedded profile: the preference pairs shipped with vibench, judged by rules; for "
            "trying things out. For real data: --profile paper, or --source.",
            style="bold",
            markup=False,
        )
    # Stages that an earlier command has finished are read, not made: `vibench data subsets` after
    # `values` only counts.
    plan = planned.plan
    done = done_stages(plan, store)
    todo = plan.needed(done)
    # Before any work: packages and keys that are missing would stop it hours later.
    check_ready(todo, plugins)
    check_reach(todo, plugins)
    name = plan.run
    # These commands are not runs, so there is no folder of a run to log into.
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
    return DataRun(spec, catalogue, plugins, store, planned, result.failures)
