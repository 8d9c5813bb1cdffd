"""Options that many commands have: those of a run come from `vibench.run_options`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Any

import typer

from vibench.run_options import flag_type, is_repeatable, option_of
from vibench.spec import default_options

__all__ = ["STORE", "PairsOption", "StoreOption", "run_flags", "set_signature"]

STORE = ".vibench"
"""The default folder for results."""

StoreOption = Annotated[
    str, typer.Option("--store", envvar="VIBENCH_STORE", help="Folder for results.")
]


def run_flags(*names: str) -> Iterator[inspect.Parameter]:
    """Yield the flags of these run options, as parameters of a command."""
    for name in names:
        # None as the default, whatever it is: only flags that were given may override a matrix
        # file.
        kind = list[str] if is_repeatable(name) else flag_type(name)
        yield inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[kind | None, _typer_option(name)],
        )


def set_signature(command: Callable[..., None], parameters: Iterable[inspect.Parameter]) -> None:
    """Let a command that takes keyword arguments have these parameters, for typer to read."""
    parameters = list(parameters)
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters}


def _typer_option(name: str) -> Any:
    option = option_of(name)
    default = default_options().get(name)
    # Shown as a person would type it.
    if isinstance(default, tuple):
        default = ",".join(map(str, default))
    suffix = "" if default is None else f" [default: {default}]"
    return typer.Option(
        option.flag,
        metavar=option.metavar,
        envvar=option.variable,
        help=f"{option.description}{suffix}",
    )


PairsOption = Annotated[list[str] | None, _typer_option("pairs")]
