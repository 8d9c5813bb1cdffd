"""The options of every command that takes a matrix."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from vibench.cli.options import STORE, StoreOption, run_flags, set_signature
from vibench.run_options import RunOptions

__all__ = ["MatrixOptions", "matrix_command"]

RUN_OPTIONS = tuple(option.name for option in fields(RunOptions))


@dataclass(frozen=True, slots=True)
class MatrixOptions:
    """The options of a command line. `flags` is what `spec_completion.from_flags` takes."""

    store: str
    registry: tuple[Path, ...]
    json: bool
    until: str | None
    flags: dict[str, Any]


def _around(
    matrix: Annotated[
        Path | None, typer.Argument(help="Matrix file (TOML); flags override it.")
    ] = None,
    registry: Annotated[
        list[Path] | None, typer.Option(help="Registry overlay with more values and models.")
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            metavar="KIND", help="Stop after these stages: adapter, transcripts or verdicts."
        ),
    ] = None,
    store: StoreOption = STORE,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """Declare the options that are not a run's own: a matrix file cannot hold them."""


def matrix_command(act: Callable[..., int]) -> Callable[..., None]:
    """Give a command the matrix options, as its first argument, and those that `act` declares
    beside them; its exit code is what `act` returns."""
    hints = get_type_hints(_around, include_extras=True)
    matrix, *around = (
        parameter.replace(annotation=hints[parameter.name], kind=inspect.Parameter.KEYWORD_ONLY)
        for parameter in inspect.signature(_around).parameters.values()
    )

    further = _further_parameters(act)

    def command(**values: Any) -> None:
        flags = {name: values[name] for name in RUN_OPTIONS if values[name] is not None}
        flags["sets"] = flags.pop("settings", ())
        options = MatrixOptions(
            store=values["store"],
            registry=tuple(values["registry"] or ()),
            json=values["as_json"],
            until=values["until"],
            flags={**flags, "matrix": values["matrix"]},
        )
        raise typer.Exit(
            act(options, **{parameter.name: values[parameter.name] for parameter in further})
        )

    set_signature(command, [matrix, *run_flags(*RUN_OPTIONS), *further, *around])
    command.__doc__ = act.__doc__
    return command


def _further_parameters(act: Callable[..., int]) -> list[inspect.Parameter]:
    """Return the parameters of a command's body behind the matrix options."""
    hints = get_type_hints(act, include_extras=True)
    _, *further = inspect.signature(act).parameters.values()
    return [
        parameter.replace(annotation=hints[parameter.name], kind=inspect.Parameter.KEYWORD_ONLY)
        for parameter in further
    ]
