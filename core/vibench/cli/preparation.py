"""From what was asked to a plan, and what is said before anything is done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vibench.data import DataFiles
from vibench.errors import DataError, UnknownName
from vibench.plan import Plan, make_plan
from vibench.plan.unknown_values import unknown_values
from vibench.plugins import Plugins
from vibench.registry import load_catalogue
from vibench.spec import Spec
from vibench.spec_completion import from_flags
from vibench.stages.kinds import until_kinds

if TYPE_CHECKING:
    from rich.console import Console

    from vibench.cli.matrix import MatrixOptions
    from vibench.registry import Catalogue

__all__ = ["Prepared", "announce", "opened", "prepare"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was asked as a spec and as the whole plan. `goal` is as much of the plan as is to
    be done now."""

    spec: Spec
    plan: Plan
    goal: Plan
    plugins: Plugins
    data: DataFiles


def prepare(asked: MatrixOptions) -> Prepared:
    """Everything up to the plan. Raises UsageError for whatever was asked wrongly."""
    if asked.until is not None and asked.until not in until_kinds():
        raise UnknownName("stage to end with", asked.until, until_kinds())
    catalogue = load_catalogue(asked.registry)
    plugins = Plugins.discover()
    spec = from_flags(catalogue, plugins, **asked.flags)
    data = opened(spec, catalogue)
    plan = make_plan(spec, catalogue, plugins, data)
    goal = plan if asked.until is None else plan.until(asked.until)
    return Prepared(spec, plan, goal, plugins, data)


def opened(spec: Spec, catalogue: Catalogue) -> DataFiles:
    """The data of a run. Raises DataError for a folder that is not there."""
    folder = Path(spec.data).expanduser() if spec.data else None
    if folder is not None and not folder.is_dir():
        raise DataError(
            f"The data folder {spec.data} does not exist.",
            "Name a folder with the prompt sets with --data, or leave it out.",
        )
    return DataFiles(folder, spec.embedded_data, catalogue.datasets)


def announce(screen: Console, spec: Spec, made: Plan, plugins: Plugins, left: int) -> None:
    """What this run is, before it does anything."""
    if spec.profile == "embedded":
        pairs = "" if spec.only_own_pairs else ", pairs"
        shipped = f"small models{pairs} and prompts shipped with vibench"
        if spec.data:
            pairs = pairs.replace(",", " and")
            shipped = f"small models{pairs} shipped with vibench, prompts from {spec.data}"
        screen.print(
            f"Embedded profile: {shipped}; for trying things out, not for findings. For real "
            "models: --model org/name or a local folder.",
            style="bold",
            markup=False,
        )
    for line in pairs_given(spec):
        screen.print(line, markup=False, soft_wrap=True)
    for line in unknown_values(made.cells, plugins):
        screen.print(f"WARNING: {line}", style="bold yellow", markup=False, soft_wrap=True)
    done = "" if left else " Everything is in the store already."
    screen.print(
        f"{len(made.cells)} cells ({', '.join(spec.models)}; {', '.join(spec.inducers)}; "
        f"{', '.join(spec.values)}; {', '.join(spec.evals)}), {left} stages to run.{done}",
        markup=False,
        soft_wrap=True,
    )


def pairs_given(spec: Spec) -> Iterator[str]:
    """Which values are trained on pairs made for them, and what that means for `--source`."""
    for value, files in spec.pairs.items():
        yield f"{value}: trained on the pairs of {', '.join(files)} as they are."
    others = [value for value in spec.values if value not in spec.pairs]
    if spec.pairs and spec.sources:
        sources = ", ".join(spec.sources)
        if others:
            yield f"{', '.join(others)}: pairs are looked for in {sources}."
        else:
            yield f"--source {sources} is not used: every value has pairs of its own (--pairs)."
