"""The command line. Each command's body lies in a file of its own and is imported when it
is called; nothing here imports anything heavy."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from vibench.cli.data import app as data_app
from vibench.cli.judges import app as judges_app
from vibench.cli.matrix import MatrixOptions, matrix_command
from vibench.cli.options import STORE, StoreOption
from vibench.cli.results import app as results_app
from vibench.cli.store import app as store_app
from vibench.cli.tables import tables_command
from vibench.errors import UsageError, VibenchError
from vibench.store.files import RETRY, is_passing
from vibench.version import __version__

__all__ = ["app", "main"]

DEBUG = "VIBENCH_DEBUG"

app = typer.Typer(
    name="vibench",
    help="When a value is induced into a language model, what else changes?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.add_typer(data_app, name="data")
app.add_typer(judges_app, name="judges")
app.add_typer(results_app, name="results")
app.add_typer(store_app, name="store")


def _version(asked: bool) -> None:
    if asked:
        print(f"vibench {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    debug: Annotated[
        bool, typer.Option("--debug", envvar=DEBUG, help="Show tracebacks of errors.")
    ] = False,
    show_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    if debug:
        os.environ[DEBUG] = "1"


@app.command("run")
@matrix_command
def _run(asked: MatrixOptions) -> int:
    """Train and prompt what is needed, ask every model the same, judge, show what changed.

    Say what to combine with flags, or in a MATRIX file (TOML). The same command again goes
    on where the last one stopped.
    """
    from vibench.cli.run import run

    return run(asked)


@app.command("plan")
@matrix_command
def _plan(asked: MatrixOptions) -> int:
    """Show what a run would do, what of it is done, and how much is left. Runs nothing."""
    from vibench.cli.plan import plan

    return plan(asked)


RunsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[RUN]...", help="Ids of runs, or all; the last run unless given."),
]
RedactOption = Annotated[
    bool, typer.Option("--redact", help="Leave answers that may do harm out of the page.")
]
PaperOption = Annotated[
    bool, typer.Option("--paper", help="The paper's own numbers beside the run's, on the page.")
]


@app.command("report")
def _report(
    runs: RunsArgument = None,
    store: StoreOption = STORE,
    form: Annotated[
        str, typer.Option("--format", help="terminal, markdown, csv or json.")
    ] = "terminal",
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write it as one page instead.")
    ] = None,
    redact: RedactOption = False,
    paper: PaperOption = False,
    transcripts: Annotated[
        int | None,
        typer.Option(min=0, help="How many transcripts the page holds itself; else 10,000."),
    ] = None,
) -> None:
    """Show again what runs found, from the store alone; or write it as a page."""
    from vibench.cli.report import report, to_page

    if html is not None:
        raise typer.Exit(to_page(runs or (), store, html, redact, paper, transcripts))
    if redact or paper or transcripts is not None:
        raise UsageError(
            "--redact, --paper and --transcripts are about the page.", "Name its file with --html."
        )
    raise typer.Exit(report(runs or (), store, form))


@app.command("view")
def _view(
    runs: RunsArgument = None,
    store: StoreOption = STORE,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 for any that is free.")] = 0,
    browser: Annotated[
        bool, typer.Option("--open/--no-open", help="Open it in the browser.")
    ] = True,
    redact: RedactOption = False,
    paper: PaperOption = False,
) -> None:
    """Show what runs found as a page on this machine, with all transcripts of the store."""
    from vibench.cli.view import view

    raise typer.Exit(view(runs or (), store, port, browser, redact, paper))


app.command("tables")(tables_command)


@app.command("gate")
def _gate(
    run: Annotated[str, typer.Argument(help="A run's id; the last run unless given.")] = "",
    tolerance: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=MARGIN[,...]",
            help="How far a metric may change: refusal=-2 may fall by 2 points, =2 may rise.",
        ),
    ] = None,
    store: StoreOption = STORE,
    form: Annotated[str, typer.Option("--format", help="terminal, markdown or json.")] = "terminal",
    junit: Annotated[Path | None, typer.Option(help="Write JUnit XML to this file too.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 for WARN too.")] = False,
    max_unscored: Annotated[
        float, typer.Option(min=0, max=100, help="The most that may be unscored, in percent.")
    ] = 5.0,
) -> None:
    """Say whether a run's contrasts are within what is tolerated, for CI.

    Exit code 0: all PASS or WARN. 1: some BLOCK. 3: none, but some INCONCLUSIVE.
    """
    from vibench.cli.gate import gate

    raise typer.Exit(gate(run, tolerance or (), store, form, junit, strict, max_unscored))


@app.command("plugins")
def _plugins(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Import each plugin and hold it to its contract.")
    ] = False,
) -> None:
    """List the inducers, evals, judges and other plugins that are installed."""
    from vibench.cli.plugins import command

    raise typer.Exit(command(as_json, check))


def main() -> None:
    """The console script: errors are two sentences, with exit code 2 where the input is wrong."""
    try:
        app()
    except VibenchError as e:
        if os.environ.get(DEBUG):
            raise
        print(f"vibench: {e.message}", file=sys.stderr)
        if e.hint:
            print(f"  {e.hint}", file=sys.stderr)
        sys.exit(e.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader (head, less) has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except OSError as e:
        if os.environ.get(DEBUG) or not is_passing(e):
            raise
        print(f"vibench: {e.strerror}: {e.filename or 'while writing'}", file=sys.stderr)
        print(f"  {RETRY}", file=sys.stderr)
        sys.exit(1)
