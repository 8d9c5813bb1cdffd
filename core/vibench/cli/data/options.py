"""The options that all `vibench data` commands share."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from vibench.cli.listings import Form
from vibench.cli.options import STORE, StoreOption, run_flags, set_signature
from vibench.errors import SpecError

__all__ = ["DataOptions", "data_command", "form_of"]


@dataclass(frozen=True, slots=True)
class DataOptions:
    """The options of a command line. `flags` is what `spec_completion.from_flags` takes."""

    store: str
    registry: tuple[Path, ...]
    form: Form
    flags: dict[str, Any]


RUN_OPTIONS = ("sources", "data", "extractor", "engine", "budget_usd", "settings", "profile")


def _around(
    registry: Annotated[
        list[Path] | None, typer.Option(help="Registry overlay with more values and models.")
    ] = None,
    store: StoreOption = STORE,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """Declare the shared options that are not a run's own."""


def form_of(as_json: bool, as_csv: bool) -> Form:
    """The form of what is printed. Raises SpecError if two are asked for."""
    if as_json and as_csv:
        raise SpecError("Both --json and --csv are given.", "Give one of them.")
    return "json" if as_json else "csv" if as_csv else "terminal"


def data_command(act: Callable[..., int]) -> Callable[..., None]:
    """A command with the options of `act` and the shared ones; `act`'s first argument is
    what the latter say, and what it returns is the exit code."""
    own = list(inspect.signature(act).parameters.values())[1:]
    around = inspect.signature(_around).parameters
    hints = get_type_hints(act, include_extras=True) | get_type_hints(_around, include_extras=True)

    def command(**values: Any) -> None:
        flags = {name: values.pop(name) for name in RUN_OPTIONS}
        flags = {name: value for name, value in flags.items() if value is not None}
        flags["sets"] = flags.pop("settings", ())
        store, registry, as_json, as_csv = (
            values.pop(name) for name in ("store", "registry", "as_json", "as_csv")
        )
        options = DataOptions(store, tuple(registry or ()), form_of(as_json, as_csv), flags)
        raise typer.Exit(act(options, **values))

    declared, others = (
        [p.replace(annotation=hints[p.name], kind=inspect.Parameter.KEYWORD_ONLY) for p in some]
        for some in (own, around.values())
    )
    set_signature(command, [*declared, *run_flags(*RUN_OPTIONS), *others])
    command.__doc__ = act.__doc__
    return command
