"""`vibench data`: preference sets, the values they express, value subsets and their checks.

Nothing here imports anything heavy; each command's body is in another file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vibench.cli.data.options import DataOptions, data_command, form_of
from vibench.cli.options import STORE, PairsOption, StoreOption

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
)
annotate = typer.Typer(help="Have people check the value subsets.", no_args_is_help=True)
app.add_typer(annotate, name="annotate")

ValueOption = Annotated[
    list[str] | None, typer.Option("--value", help="Names of values, or 'all'.")
]
MinimumOption = Annotated[
    int | None, typer.Option(min=1, help="Minimum number of pairs in a subset.")
]
PaperOption = Annotated[bool, typer.Option("--paper", help="Show the paper's numbers too.")]


@app.command("pairs")
@data_command
def _pairs(options: DataOptions, pair_files: PairsOption = None) -> int:
    """Show pairs, lengths and dropped rows of each source."""
    from vibench.cli.data.commands import pairs

    return pairs(options, pair_files or [])


@app.command("values")
@data_command
def _values(
    options: DataOptions,
    top: Annotated[int, typer.Option(min=1, help="Values to show for each source.")] = 20,
    figure: Annotated[
        Path | None, typer.Option(help="Also draw Figure 9 into this file (.png, .svg or .pdf).")
    ] = None,
) -> int:
    """Count the values that responses express (Figure 9)."""
    from vibench.cli.data.commands import values

    return values(options, top, figure)


@app.command("candidates")
@data_command
def _candidates(
    options: DataOptions,
    minimum: Annotated[int, typer.Option(min=1, help="Minimum number of pairs of a value.")] = 500,
    category: Annotated[
        list[str] | None,
        typer.Option(help="Categories of the taxonomy; default: Social, Protective, Personal."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also list values that do not qualify, and why.")
    ] = False,
) -> int:
    """List values that meet the paper's criteria (section 4)."""
    from vibench.cli.data.commands import candidates

    return candidates(options, minimum, category or [], everything)


@app.command("subsets")
@data_command
def _subsets(
    options: DataOptions,
    value: ValueOption = None,
    pair_files: PairsOption = None,
    minimum_pairs: MinimumOption = None,
    paper: PaperOption = False,
) -> int:
    """Make the value subsets and count their pairs (Table 1)."""
    from vibench.cli.data.subset_sizes import subsets

    return subsets(options, value or [], minimum_pairs, paper, pair_files or [])


@app.command("verify")
@data_command
def _verify(
    options: DataOptions,
    value: ValueOption = None,
    pair_files: PairsOption = None,
    judge: Annotated[list[str] | None, typer.Option(help="Judges that verify.")] = None,
    minimum_pairs: MinimumOption = None,
    paper: PaperOption = False,
) -> int:
    """Let judges verify the value subsets (Table 2).

    Shows the precision of each judge beside that of random guesses.
    """
    from vibench.cli.data.checks import verify

    return verify(options, value or [], judge or [], minimum_pairs, paper, pair_files or [])


@annotate.command("export")
@data_command
def _export(
    options: DataOptions,
    out: Annotated[Path, typer.Option(help="New folder for the annotators' files.")],
    value: ValueOption = None,
    pair_files: PairsOption = None,
    annotator: Annotated[
        list[str] | None, typer.Option(help="Names of the annotators; default: three.")
    ] = None,
    per_value: Annotated[int, typer.Option(min=1, help="Pairs to draw for each value.")] = 100,
    distractors: Annotated[
        int, typer.Option(min=1, help="Labels to offer besides the target.")
    ] = 3,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the random draw.")] = 0,
    minimum_pairs: MinimumOption = None,
) -> int:
    """Write files for annotators with pairs of each subset.

    The pairs are drawn at random. Annotators may fill in a page, CSV, JSONL or a Label Studio
    project.
    """
    from vibench.cli.data.annotation import export
    from vibench.plan.preferences import Annotating

    settings = Annotating(per_value=per_value, distractors=distractors, seed=seed)
    return export(
        options, out, value or [], annotator or [], settings, minimum_pairs, pair_files or []
    )


@annotate.command("import")
def _import(
    files: Annotated[list[Path], typer.Argument(help="Files that annotators returned.")],
    partial: Annotated[
        bool, typer.Option("--partial", help="Score even if answers are missing.")
    ] = False,
    paper: PaperOption = False,
    kit: Annotated[str, typer.Option(help="The kit's id; default: the latest.")] = "",
    store: StoreOption = STORE,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """Read and score the annotators' answers (Table 3).

    Shows the precision of each subset and the agreement of the annotators.
    """
    from vibench.cli.data.annotation import import_answers

    form = form_of(as_json, as_csv)
    raise typer.Exit(import_answers(files, store, form, partial, paper, kit))
