"""The options that all `vibench data` commands share."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from vibench.cli.options import STORE, StoreOption
from vibench.cli.sheets import Form
from vibench.errors import SpecError

__all__ = ["DataOptions", "data_command", "form_of"]


@dataclass(frozen=True, slots=True)
class DataOptions:
    """What the command line said. `said` goes to `vibench.spec.from_flags` as it is."""

    store: str
    registry: tuple[Path, ...]
    form: Form
    said: dict[str, Any]


def shared(
    source: Annotated[
        list[str] | None,
        typer.Option(help="A registered source, or a file of pairs. Repeat or separate by ','."),
    ] = None,
    data: Annotated[
        str | None, typer.Option(envvar="VIBENCH_DATA", help="Folder of data sets.")
    ] = None,
    extractor: Annotated[
        str | None, typer.Option(help="The judge that says which values responses express.")
    ] = None,
    engine: Annotated[str | None, typer.Option(help="What runs the judges' models.")] = None,
    budget_usd: Annotated[
        float | None, typer.Option(help="What asking at endpoints may cost, in dollars.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PLUGIN.PARAMETER=VALUE", help="A plugin's parameter."),
    ] = None,
    profile: Annotated[
        str | None, typer.Option(help="embedded or paper: what is not said otherwise.")
    ] = None,
    registry: Annotated[
        list[Path] | None, typer.Option(help="A registry overlay with values and models.")
    ] = None,
    store: StoreOption = STORE,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> DataOptions:
    """Read the shared options."""
    said = {
        "sources": source or (),
        "data": data,
        "extractor": extractor,
        "engine": engine,
        "budget_usd": budget_usd,
        "sets": settings or (),
        "profile": profile,
    }
    return DataOptions(store, tuple(registry or ()), form_of(as_json, as_csv), said)


def form_of(as_json: bool, as_csv: bool) -> Form:
    """The form of what is printed. Raises SpecError if two are asked for."""
    if as_json and as_csv:
        raise SpecError("Both --json and --csv are given.", "Give one of them.")
    return "json" if as_json else "csv" if as_csv else "terminal"


def data_command(act: Callable[..., int]) -> Callable[..., None]:
    """A command with the options of `act` and the shared ones; `act`'s first argument is
    what the latter say, and what it returns is the exit code."""
    common = inspect.signature(shared).parameters
    own = list(inspect.signature(act).parameters.values())[1:]
    hints = get_type_hints(act, include_extras=True) | get_type_hints(shared, include_extras=True)

    def command(**given: Any) -> None:
        asked = shared(**{name: given.pop(name) for name in common})
        raise typer.Exit(act(asked, **given))

    parameters = [
        p.replace(annotation=hints[p.name], kind=inspect.Parameter.KEYWORD_ONLY)
        for p in (*own, *common.values())
    ]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    command.__doc__ = act.__doc__
    return command
