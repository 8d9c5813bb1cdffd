"""`vibench judges`: who can judge, how far judges agree, and bridges between their rates.

Nothing here imports anything heavy; each command's body lies elsewhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vibench.cli.data.options import form_of
from vibench.cli.options import STORE, StoreOption

__all__ = ["app"]

app = typer.Typer(
    help="Who can judge, how far judges agree, and bridges between their rates.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

RunOption = Annotated[
    str, typer.Option("--run", help="Only what this run judged; the whole store unless given.")
]
MinimumOption = Annotated[
    int,
    typer.Option(min=1, help="How often a judge must name a label for it to have its own row."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
CsvOption = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
NAMED = "A judge in the store: NAME, or NAME@MODEL where a plugin asked several."


@app.command("list")
def _list(as_json: JsonOption = False, as_csv: CsvOption = False) -> None:
    """List the installed judges: whom each asks unless told otherwise, and what it is for."""
    from vibench.cli.judges.judge_list import listing

    raise typer.Exit(listing(form_of(as_json, as_csv)))


@app.command("agree")
def _agree(
    judges: Annotated[list[str], typer.Argument(metavar="JUDGE [JUDGE]", help=NAMED)],
    labels: Annotated[
        Path | None,
        typer.Option(help="People's labels (CSV, JSONL): sample, rubric, label; not two judges."),
    ] = None,
    run: RunOption = "",
    minimum: MinimumOption = 10,
    store: StoreOption = STORE,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """Compare two judges over the same transcripts, or one with people's labels in a file.

    Agreement, Cohen's kappa and unscored shares for each rubric; against labels, sensitivity
    and specificity. All with 95 % intervals.
    """
    from vibench.cli.judges.agree import agree

    raise typer.Exit(agree(judges, labels, run, minimum, store, form_of(as_json, as_csv)))


@app.command("bridge")
def _bridge(
    source: Annotated[str, typer.Argument(metavar="FROM", help=NAMED)],
    target: Annotated[str, typer.Argument(metavar="TO", help=NAMED)],
    rate: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RUBRIC=RATE[/N]",
            help="Apply the stored bridge to FROM's published rate (of N answers).",
        ),
    ] = None,
    run: RunOption = "",
    minimum: MinimumOption = 10,
    store: StoreOption = STORE,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """Link one judge's rates to another's, from transcripts that both judged, and store it.

    With --rate, set a published number of FROM's beside what TO would give, with its interval.
    """
    from vibench.cli.judges.bridge import apply, bridge

    form = form_of(as_json, as_csv)
    if rate:
        raise typer.Exit(apply(source, target, rate, store, form))
    raise typer.Exit(bridge(source, target, run, minimum, store, form))
