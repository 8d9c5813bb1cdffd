"""The command line. Each command's body is in a file of its own and imported when it is called;
nothing here imports anything heavy.

The first line of a command's docstring is its summary in `vibench --help`: at most 60 characters,
or it would be cut short at 80 columns.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from vibench.cli.lazy_groups import Root
from vibench.cli.matrix import MatrixOptions, matrix_command
from vibench.cli.options import STORE, StoreOption
from vibench.cli.tables import tables_command
from vibench.errors import UsageError, VibenchError
from vibench.version import __version__

__all__ = ["app", "main"]

# `main` handles errors outside of typer, so --debug reaches it through the environment.
DEBUG = "VIBENCH_DEBUG"

app = typer.Typer(
    name="vibench",
    cls=Root,
    help="When a value is induced into a language model, what else changes?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(requested: bool) -> None:
    if requested:
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
def _run(options: MatrixOptions) -> int:
    """Train, prompt, ask and judge models; report what changed.

    Choose models, inducers, values and evals by flags, or in a MATRIX file (TOML). Rerun the
    same command to resume an interrupted run.
    """
    from vibench.cli.run import run

    return run(options)


@app.command("plan")
@matrix_command
def _plan(options: MatrixOptions) -> int:
    """Show what a run would do, and what is left to do.

    Takes the same flags as `vibench run`, and runs nothing.
    """
    from vibench.cli.plan import plan

    return plan(options)


@app.command("preview")
@matrix_command
def _preview(
    options: MatrixOptions,
    samples: Annotated[
        int, typer.Option("--samples", min=1, help="Samples and pairs to show of each kind.")
    ] = 1,
    reply: Annotated[
        str,
        typer.Option("--reply", metavar="TEXT", help="Example reply of the models to judge."),
    ] = "",
    tokens: Annotated[bool, typer.Option("--tokens", help="Show token ids too.")] = False,
) -> int:
    """Show what models and judges would be asked, and read.

    Takes the same flags as `vibench run`. No model is loaded, only tokenizers. Exit code 1: a
    training would read other prompts than the trained model is asked.
    """
    from vibench.cli.preview import preview

    return preview(options, samples, reply, tokens)


RunsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[RUN]...", help="Ids of runs, or all; default: the last run."),
]
RedactOption = Annotated[
    bool, typer.Option("--redact", help="Leave possibly harmful answers out of the page.")
]
PaperOption = Annotated[
    bool, typer.Option("--paper", help="Show the paper's numbers beside the run's on the page.")
]


@app.command("report")
def _report(
    runs: RunsArgument = None,
    store: StoreOption = STORE,
    form: Annotated[
        str, typer.Option("--format", help="terminal, markdown, csv or json.")
    ] = "terminal",
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write an HTML page instead.")
    ] = None,
    redact: RedactOption = False,
    paper: PaperOption = False,
    transcripts: Annotated[
        int | None,
        typer.Option(min=0, help="Maximum transcripts in the page; default: 10,000."),
    ] = None,
) -> None:
    """Show the results of runs, or write them as an HTML page.

    Everything is read from the store; nothing is run.
    """
    from vibench.cli.report import report, to_page

    if html is not None:
        # The page is another kind of output, not a further --format: it takes options of its own.
        raise typer.Exit(to_page(runs or (), store, html, redact, paper, transcripts))
    if redact or paper or transcripts is not None:
        raise UsageError(
            "--redact, --paper and --transcripts are options of the page.",
            "Name its file with --html, or leave them out.",
        )
    raise typer.Exit(report(runs or (), store, form))


@app.command("view")
def _view(
    runs: RunsArgument = None,
    store: StoreOption = STORE,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on; 0 for any free one.")
    ] = 0,
    browser: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in the browser.")
    ] = True,
    redact: RedactOption = False,
    paper: PaperOption = False,
) -> None:
    """Browse results and all transcripts in the browser.

    Serves the page on this machine until it is interrupted.
    """
    from vibench.cli.view import view

    raise typer.Exit(view(runs or (), store, port, browser, redact, paper))


app.command("tables")(tables_command)


@app.command("gate")
def _gate(
    run: Annotated[str, typer.Argument(help="A run's id; default: the last run.")] = "",
    tolerance: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=MARGIN[,...]",
            help="Allowed change of a metric: refusal=-2 may fall by 2 points, =2 may rise.",
        ),
    ] = None,
    store: StoreOption = STORE,
    form: Annotated[str, typer.Option("--format", help="terminal, markdown or json.")] = "terminal",
    junit: Annotated[Path | None, typer.Option(help="Also write JUnit XML to this file.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Also exit 1 on WARN.")] = False,
    max_unscored: Annotated[
        float, typer.Option(min=0, max=100, help="Maximum percentage of unscored answers.")
    ] = 5.0,
) -> None:
    """Check a run's changes against tolerances, for CI.

    Exit code 0: only PASS or WARN. 1: at least one BLOCK. 3: no BLOCK, but at least one
    INCONCLUSIVE.
    """
    from vibench.cli.gate import gate

    raise typer.Exit(gate(run, tolerance or (), store, form, junit, strict, max_unscored))


@app.command("plugins")
def _plugins(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Import each plugin, check its contract, and call it with small parts."
        ),
    ] = False,
) -> None:
    """List the installed inducers, evals, judges and others."""
    from vibench.cli.plugins import command

    raise typer.Exit(command(as_json, check))


@app.command("doctor")
def _doctor(
    data: Annotated[str | None, typer.Option("--data", help="Folder of data files.")] = None,
    store: StoreOption = STORE,
    endpoint: Annotated[
        list[str] | None,
        typer.Option("--endpoint", metavar="URL", help="Endpoint to reach; repeatable."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check packages, devices, keys, network, data and store.

    Paste the output into a bug report: it holds no key. Exit code 1: a plugin is broken, or
    the store cannot be used.
    """
    from vibench.cli.doctor import doctor

    raise typer.Exit(doctor(data, store, endpoint or (), as_json))


def main() -> None:
    """Run the command line; the console script.

    An error is two sentences, what and what to do, with exit code 2 if the input is wrong.
    """
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
        # 128 + SIGINT, as shells report it.
        sys.exit(130)
    except BrokenPipeError:
        # The reader (head, less) has closed the pipe. Without this, Python would complain about it
        # once more when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except OSError as e:
        from vibench.store.files import RETRY, is_passing

        # A full disk or too many open files are no defect of vibench, whatever was being written.
        if os.environ.get(DEBUG) or not is_passing(e):
            raise
        print(f"vibench: {e.strerror}: {e.filename or 'while writing'}", file=sys.stderr)
        print(f"  {RETRY}", file=sys.stderr)
        sys.exit(1)
