"""The options that say what to combine, shared by every command that takes a matrix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from vibench.cli.options import STORE, PairsOption, StoreOption

__all__ = ["MatrixOptions", "matrix_command"]


@dataclass(frozen=True, slots=True)
class MatrixOptions:
    """What the command line said. `said` goes to `vibench.spec.from_flags` as it is."""

    store: str
    registry: tuple[Path, ...]
    json: bool
    until: str | None
    said: dict[str, Any]


def matrix_command(act: Callable[[MatrixOptions], int]) -> Callable[..., None]:
    """Give a command the matrix options; its exit code is what `act` returns."""

    def command(
        matrix: Annotated[
            Path | None, typer.Argument(help="A matrix file (TOML); flags add to it.")
        ] = None,
        model: Annotated[
            list[str] | None,
            typer.Option(help="Registry name, hub id or local folder. Repeat or separate by ','."),
        ] = None,
        inducer: Annotated[
            list[str] | None, typer.Option(help="none, prompt, dpo, orpo, or a sum: dpo+prompt.")
        ] = None,
        value: Annotated[list[str] | None, typer.Option(help="Values to induce, or 'all'.")] = None,
        evaluation: Annotated[
            list[str] | None, typer.Option("--eval", help="What to measure.")
        ] = None,
        judge: Annotated[
            list[str] | None,
            typer.Option(help="Who judges the answers; of one eval: issuebench=mistral."),
        ] = None,
        judge_repeats: Annotated[
            int | None,
            typer.Option(help="How often each question is asked."),
        ] = None,
        judge_combine: Annotated[
            str | None, typer.Option(help="What repeats come to: majority or mean.")
        ] = None,
        budget_usd: Annotated[
            float | None, typer.Option(help="What asking at endpoints may cost, in dollars.")
        ] = None,
        max_errors: Annotated[
            float | None,
            typer.Option(help="The share of samples that a plugin's code may break on."),
        ] = None,
        seed: Annotated[
            list[str] | None, typer.Option(help="Seeds of training and sampling.")
        ] = None,
        settings: Annotated[
            list[str] | None,
            typer.Option(
                "--set", metavar="PLUGIN.PARAMETER=VALUE[,VALUE]", help="dpo.beta=0.01,0.1 sweeps."
            ),
        ] = None,
        limit: Annotated[
            int | None, typer.Option(min=1, help="At most this many samples of each eval.")
        ] = None,
        data: Annotated[
            str | None, typer.Option(envvar="VIBENCH_DATA", help="Folder of prompt sets.")
        ] = None,
        pairs: PairsOption = None,
        source: Annotated[
            list[str] | None,
            typer.Option(
                help="A preference set to find values in: a registered source, or a file."
            ),
        ] = None,
        minimum_pairs: Annotated[
            int | None, typer.Option(min=1, help="The smallest value subset to train on.")
        ] = None,
        engine: Annotated[str | None, typer.Option(help="What runs the models.")] = None,
        simulator: Annotated[
            str | None, typer.Option(help="The model that plays the user.")
        ] = None,
        extractor: Annotated[
            str | None, typer.Option(help="The judge that says which values pairs express.")
        ] = None,
        profile: Annotated[
            str | None, typer.Option(help="embedded or paper: what is not said otherwise.")
        ] = None,
        registry: Annotated[
            list[Path] | None, typer.Option(help="A registry overlay with values and models.")
        ] = None,
        until: Annotated[
            str | None,
            typer.Option(
                metavar="KIND",
                help="End with these stages: adapter (train), transcripts (train and ask), or "
                "verdicts (judge too).",
            ),
        ] = None,
        store: StoreOption = STORE,
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON, no tables.")] = False,
    ) -> None:
        said = {
            "matrix": matrix,
            "models": model or (),
            "inducers": inducer or (),
            "values": value or (),
            "evals": evaluation or (),
            "judges": judge or (),
            "judge_repeats": judge_repeats,
            "judge_combine": judge_combine,
            "budget_usd": budget_usd,
            "max_errors": max_errors,
            "seeds": seed or (),
            "pairs": pairs or (),
            "sources": source or (),
            "sets": settings or (),
            "limit": limit,
            "minimum_pairs": minimum_pairs,
            "data": data,
            "engine": engine,
            "simulator": simulator,
            "extractor": extractor,
            "profile": profile,
        }
        raise typer.Exit(act(MatrixOptions(store, tuple(registry or ()), as_json, until, said)))

    command.__doc__ = act.__doc__
    return command
