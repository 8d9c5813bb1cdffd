"""`vibench data`: preference sets, the values they express, value subsets and their checks.

Nothing here imports anything heavy; each command's body lies elsewhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vibench.cli.data.options import DataOptions, data_command, form_of
from vibench.cli.options import STORE, PairsOption, StoreOption

__all__ = ["app"]

app = typer.Typer(
    help="From preference sets to verified value subsets.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
annotate = typer.Typer(help="Have people check value subsets.", no_args_is_help=True)
app.add_typer(annotate, name="annotate")

ValueOption = Annotated[list[str] | None, typer.Option("--value", help="Values, or 'all'.")]
MinimumOption = Annotated[
    int | None, typer.Option(min=1, help="The smallest subset that is accepted.")
]
PaperOption = Annotated[bool, typer.Option("--paper", help="The paper's number beside each.")]


@app.command("pairs")
@data_command
def _pairs(asked: DataOptions, own: PairsOption = None) -> int:
    """Read the preference sets: pairs, lengths and dropped rows of each source."""
    from vibench.cli.data.commands import pairs

    return pairs(asked, own or [])


@app.command("values")
@data_command
def _values(
    asked: DataOptions,
    top: Annotated[int, typer.Option(min=1, help="How many values of each source to show.")] = 20,
    figure: Annotated[
        Path | None, typer.Option(help="Draw it too (.png, .svg or .pdf; Figure 9).")
    ] = None,
) -> int:
    """Say which values each response expresses, and count them per source (Figure 9)."""
    from vibench.cli.data.commands import values

    return values(asked, top, figure)


@app.command("candidates")
@data_command
def _candidates(
    asked: DataOptions,
    minimum: Annotated[int, typer.Option(min=1, help="Pairs that a value needs.")] = 500,
    category: Annotated[
        list[str] | None,
        typer.Option(help="Categories of the taxonomy that count; Social, Protective, Personal."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also the values that do not qualify, and why.")
    ] = False,
) -> int:
    """List the values that qualify for a subset by the paper's criteria (section 4)."""
    from vibench.cli.data.commands import candidates

    return candidates(asked, minimum, category or [], everything)


@app.command("subsets")
@data_command
def _subsets(
    asked: DataOptions,
    value: ValueOption = None,
    own: PairsOption = None,
    minimum_pairs: MinimumOption = None,
    paper: PaperOption = False,
) -> int:
    """Make the value subsets and count their pairs (Table 1)."""
    from vibench.cli.data.commands import subsets

    return subsets(asked, value or [], minimum_pairs, paper, own or [])


@app.command("verify")
@data_command
def _verify(
    asked: DataOptions,
    value: ValueOption = None,
    own: PairsOption = None,
    judge: Annotated[list[str] | None, typer.Option(help="Who verifies.")] = None,
    minimum_pairs: MinimumOption = None,
    paper: PaperOption = False,
) -> int:
    """Have judges say whether subsets express their value, beside random guesses (Table 2)."""
    from vibench.cli.data.checks import verify

    return verify(asked, value or [], judge or [], minimum_pairs, paper, own or [])


@annotate.command("export")
@data_command
def _export(
    asked: DataOptions,
    out: Annotated[Path, typer.Option(help="A new folder for the annotators' files.")],
    value: ValueOption = None,
    own: PairsOption = None,
    annotator: Annotated[
        list[str] | None, typer.Option(help="The annotators' names; three unless given.")
    ] = None,
    per_value: Annotated[int, typer.Option(min=1, help="Pairs of each value.")] = 100,
    distractors: Annotated[int, typer.Option(min=1, help="Labels beside the target.")] = 3,
    seed: Annotated[int, typer.Option(min=0, help="Of the draw.")] = 0,
    minimum_pairs: MinimumOption = None,
) -> int:
    """Draw pairs of each subset and write what annotators fill in: a page, CSV, JSONL and a
    Label Studio project."""
    from vibench.cli.data.annotation import export
    from vibench.plan.preferences import Annotating

    drawn = Annotating(per_value=per_value, distractors=distractors, seed=seed)
    return export(asked, out, value or [], annotator or [], drawn, minimum_pairs, own or [])


@annotate.command("import")
def _import(
    files: Annotated[list[Path], typer.Argument(help="What annotators sent back.")],
    partial: Annotated[
        bool, typer.Option("--partial", help="Score what is there, though answers are missing.")
    ] = False,
    paper: PaperOption = False,
    kit: Annotated[str, typer.Option(help="The kit's id; the last one made unless given.")] = "",
    store: StoreOption = STORE,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """Read annotators' answers and score them: precision and agreement (Table 3)."""
    from vibench.cli.data.annotation import import_answers

    form = form_of(as_json, as_csv)
    raise typer.Exit(import_answers(files, store, form, partial, paper, kit))
