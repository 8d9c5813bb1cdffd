"""The command line. Each command's body lies in a file of its own and is imported when it
is called; nothing here imports anything heavy."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from vibench import __version__
from vibench.cli.data import app as data_app
from vibench.cli.judges import app as judges_app
from vibench.cli.matrix import MatrixOptions, matrix_command
from vibench.errors import VibenchError

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

StoreOption = Annotated[
    str, typer.Option("--store", envvar="VIBENCH_STORE", help="Where results are kept.")
]


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
    from vibench.cli.run import plan

    return plan(asked)


@app.command("report")
def _report(
    run: Annotated[str, typer.Argument(help="A run's id; the last run unless given.")] = "",
    store: StoreOption = ".vibench",
    form: Annotated[
        str, typer.Option("--format", help="terminal, markdown, csv or json.")
    ] = "terminal",
) -> None:
    """Show again what a run found, from the store alone."""
    from vibench.cli.report import report

    raise typer.Exit(report(run, store, form))


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
    """The console script: errors a user can mend are two sentences and exit code 2."""
    try:
        app()
    except VibenchError as e:
        if os.environ.get(DEBUG):
            raise
        print(f"vibench: {e.message}", file=sys.stderr)
        if e.hint:
            print(f"  {e.hint}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader (head, less) has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
