"""`vibench judges`: the installed judges, their agreement, and bridges between their rates.

Nothing here imports anything heavy; each command's body is in another file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vibench.cli.data.options import form_of
from vibench.cli.options import STORE, StoreOption

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
)

RunOption = Annotated[
    str, typer.Option("--run", help="Only this run's verdicts; default: the whole store.")
]
MinimumOption = Annotated[
    int,
    typer.Option(min=1, help="Times a judge must give a label for it to have its own row."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
CsvOption = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
NAME = "A judge in the store: NAME, or NAME@MODEL if it asked several models."


@app.command("list")
def _list(as_json: JsonOption = False, as_csv: CsvOption = False) -> None:
    """List the installed judges, their models and purposes."""
    from vibench.cli.judges.judge_list import listing

    raise typer.Exit(listing(form_of(as_json, as_csv)))


@app.command("agree")
def _agree(
    judges: Annotated[list[str], typer.Argument(metavar="JUDGE [JUDGE]", help=NAME)],
    labels: Annotated[
        Path | None,
        typer.Option(help="People's labels (CSV, JSONL: sample, rubric, label), with one JUDGE."),
    ] = None,
    run: RunOption = "",
    minimum: MinimumOption = 10,
    store: StoreOption = STORE,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """Compare two judges, or a judge with people's labels.

    Two judges are compared over the same transcripts. Prints agreement, Cohen's kappa and the
    unscored share of each rubric, and against labels sensitivity and specificity, all with 95 %
    intervals.
    """
    from vibench.cli.judges.agree import agree

    raise typer.Exit(agree(judges, labels, run, minimum, store, form_of(as_json, as_csv)))


@app.command("bridge")
def _bridge(
    source: Annotated[str, typer.Argument(metavar="FROM", help=NAME)],
    target: Annotated[str, typer.Argument(metavar="TO", help=NAME)],
    rate: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RUBRIC=RATE[/N]",
            help="Convert FROM's published rate (of N answers) by the stored bridge.",
        ),
    ] = None,
    run: RunOption = "",
    minimum: MinimumOption = 10,
    store: StoreOption = STORE,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """Convert one judge's rates into another's.

    Without --rate, the bridge is made from transcripts that both have judged, and stored. With
    --rate, a published rate of FROM's is shown beside the rate that TO would give, with its
    interval.
    """
    from vibench.cli.judges.bridge import apply, bridge

    form = form_of(as_json, as_csv)
    if rate:
        raise typer.Exit(apply(source, target, rate, store, form))
    raise typer.Exit(bridge(source, target, run, minimum, store, form))
