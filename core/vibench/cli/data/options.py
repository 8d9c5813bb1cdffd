"""The options that all `vibench data` commands share."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from vibench.cli.options import STORE, StoreOption, run_flags, set_signature
from vibench.errors import SpecError

if TYPE_CHECKING:
    from vibench.cli.listings import Form

__all__ = ["DataOptions", "data_command", "form_of"]


@dataclass(frozen=True, slots=True)
class DataOptions:
    """The shared options of a command line. `flags` are for `spec_completion.from_flags`."""

    store: str
    registry: tuple[Path, ...]
    form: Form
    flags: dict[str, Any]


RUN_OPTIONS = ("sources", "data", "extractor", "engine", "budget_usd", "settings", "profile")


def _shared(
    registry: Annotated[
        list[Path] | None, typer.Option(help="Registry overlay with more values and models.")
    ] = None,
    store: StoreOption = STORE,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """Declare the shared options that are not a run's own."""


def form_of(as_json: bool, as_csv: bool) -> Form:
    """Return the form of the output. Raises SpecError if both options are given."""
    if as_json and as_csv:
        raise SpecError("Both --json and --csv are given.", "Give one of them.")
    return "json" if as_json else "csv" if as_csv else "terminal"


def data_command(act: Callable[..., int]) -> Callable[..., None]:
    """Return a command with the options of `act` and the shared ones.

    `act` takes the shared ones as its first argument, `DataOptions`, and returns the exit code.
    """
    # typer reads the options off a function's signature, so one is put together here: six
    # commands would otherwise declare the same eleven options each.
    specific = list(inspect.signature(act).parameters.values())[1:]
    shared = inspect.signature(_shared).parameters
    hints = get_type_hints(act, include_extras=True) | get_type_hints(_shared, include_extras=True)

    def command(**values: Any) -> None:
        flags = {name: values.pop(name) for name in RUN_OPTIONS}
        # None: not given, so the profile decides.
        flags = {name: value for name, value in flags.items() if value is not None}
        # The flag is --set, the option of a run `settings`.
        flags["sets"] = flags.pop("settings", ())
        store, registry, as_json, as_csv = (
            values.pop(name) for name in ("store", "registry", "as_json", "as_csv")
        )
        options = DataOptions(store, tuple(registry or ()), form_of(as_json, as_csv), flags)
        raise typer.Exit(act(options, **values))

    before, after = (
        [p.replace(annotation=hints[p.name], kind=inspect.Parameter.KEYWORD_ONLY) for p in group]
        for group in (specific, shared.values())
    )
    set_signature(command, [*before, *run_flags(*RUN_OPTIONS), *after])
    command.__doc__ = act.__doc__
    return command
