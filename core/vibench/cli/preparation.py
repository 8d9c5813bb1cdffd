"""From a command line to a plan, and the lines that a run prints before it starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from vibench.data import DataFiles
from vibench.errors import DataError, UnknownName
from vibench.plan import Plan, make_plan
from vibench.plan.unknown_values import unknown_values
from vibench.plugins import Plugins
from vibench.registry import load_catalogue
from vibench.spec import UNTOUCHED, Spec
from vibench.spec_completion import from_flags
from vibench.stages.kinds import until_kinds

if TYPE_CHECKING:
    from rich.console import Console

    from vibench.cli.matrix import MatrixOptions
    from vibench.registry import Catalogue

__all__ = ["PreparedRun", "announce", "opened", "prepare", "prepare_available"]


@dataclass(frozen=True, slots=True)
class PreparedRun:
    """A command line's request: its spec, its complete plan, and `goal`, the part of the plan
    that is to be carried out now (`--until`)."""

    spec: Spec
    plan: Plan
    goal: Plan
    plugins: Plugins
    data: DataFiles


def prepare(options: MatrixOptions) -> PreparedRun:
    """Make the plan of a command line. Raises UsageError for any mistake in it."""
    # First, since planning may take a while and this option alone shows whether it is valid.
    if options.until is not None and options.until not in until_kinds():
        raise UnknownName("stage to end with", options.until, until_kinds())
    catalogue = load_catalogue(options.registry)
    plugins = Plugins.discover()
    spec = from_flags(catalogue, plugins, **options.flags)
    data = opened(spec, catalogue)
    plan = make_plan(spec, catalogue, plugins, data)
    return _prepared(options, spec, plan, plugins, data)


def prepare_available(options: MatrixOptions) -> tuple[PreparedRun, Mapping[str, DataError]]:
    """Make the plan of a command line without the evals and inducers whose data is missing.

    Return it with the error of each of them, by its option and name. Raises the first of these if
    nothing is left, and UsageError for any other mistake.
    """
    try:
        return prepare(options), {}
    except DataError:
        catalogue, plugins = load_catalogue(options.registry), Plugins.discover()
        spec = from_flags(catalogue, plugins, **options.flags)
        data = opened(spec, catalogue)
        errors: dict[str, DataError] = {}

        def is_there(name: str, part: Spec) -> bool:
            try:
                make_plan(part, catalogue, plugins, data)
            except DataError as error:
                errors[name] = error
                return False
            return True

        bare = replace(spec, inducers=(UNTOUCHED,))
        evals = [e for e in spec.evals if is_there(f"--eval {e}", replace(bare, evals=(e,)))]
        if not evals:
            raise
        one = replace(spec, evals=(evals[0],))
        inducers = [
            i
            for i in spec.inducers
            if i == UNTOUCHED or is_there(f"--inducer {i}", replace(one, inducers=(UNTOUCHED, i)))
        ]
        rest = replace(spec, evals=tuple(evals), inducers=tuple(inducers))
        plan = make_plan(rest, catalogue, plugins, data)
        return _prepared(options, rest, plan, plugins, data), errors


def _prepared(
    options: MatrixOptions, spec: Spec, plan: Plan, plugins: Plugins, data: DataFiles
) -> PreparedRun:
    # The run's record has the whole plan, with the cells that `goal` does not reach.
    goal = plan if options.until is None else plan.until(options.until)
    return PreparedRun(spec, plan, goal, plugins, data)


def opened(spec: Spec, catalogue: Catalogue) -> DataFiles:
    """Return the data files of a run. Raises DataError for a folder that does not exist."""
    folder = Path(spec.data).expanduser() if spec.data else None
    if folder is not None and not folder.is_dir():
        raise DataError(
            f"The data folder {spec.data} does not exist.",
            "Name the folder of the prompt sets with --data, or leave it out.",
        )
    return DataFiles(folder, spec.embedded_data, catalogue.datasets)


def announce(screen: Console, spec: Spec, plan: Plan, plugins: Plugins, stages: int) -> None:
    """Print what a run is about to do; `stages` of the plan are not in the store yet."""
    if spec.profile == "embedded":
        pairs = "" if spec.only_own_pairs else ", pairs"
        shipped = f"small models{pairs} and prompts shipped with vibench"
        if spec.data:
            # The list is one shorter, so its comma becomes "and".
            pairs = pairs.replace(",", " and")
            shipped = f"small models{pairs} shipped with vibench, prompts from {spec.data}"
        # The first line says it, so that nobody takes these numbers for results.
        screen.print(
            f"Embedded profile: {shipped}; for trying things out, not for findings. For real "
            "models: --model org/name or a local folder.",
            style="bold",
            markup=False,
        )
    for line in pairs_given(spec):
        screen.print(line, markup=False, soft_wrap=True)
    for line in unknown_values(plan.cells, plugins):
        screen.print(f"WARNING: {line}", style="bold yellow", markup=False, soft_wrap=True)
    done = "" if stages else " Everything is in the store already."
    # Without an inducer that induces anything the values are those of nothing.
    induced = dict.fromkeys(cell.value for cell in plan.cells if cell.value)
    parts = (spec.models, spec.inducers, [v for v in spec.values if v in induced], spec.evals)
    screen.print(
        f"{len(plan.cells)} cells ({'; '.join(', '.join(names) for names in parts if names)}), "
        f"{stages} stages to run.{done}",
        markup=False,
        soft_wrap=True,
    )


def pairs_given(spec: Spec) -> Iterator[str]:
    """Yield a line for each value with pairs of its own, and one about the use of `--source`."""
    for value, files in spec.pairs.items():
        yield f"{value}: trained on the pairs in {', '.join(files)} as they are."
    remaining = [value for value in spec.values if value not in spec.pairs]
    if spec.pairs and spec.sources:
        sources = ", ".join(spec.sources)
        if remaining:
            yield f"{', '.join(remaining)}: pairs come from {sources}."
        else:
            yield f"--source {sources} is not used: every value has pairs of its own (--pairs)."
