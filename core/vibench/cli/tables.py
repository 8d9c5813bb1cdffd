"""`vibench tables`: the paper's tables and figures, made from a store."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vibench.cli.options import STORE, StoreOption
from vibench.cli.screen import console
from vibench.errors import StoreError, UnknownName, UsageError

if TYPE_CHECKING:
    from vibench.exhibits.exhibit import Exhibit

__all__ = ["FORMS", "TablesOptions", "tables", "tables_command"]

FORMS = ("terminal", "markdown", "latex", "csv", "json")


@dataclass(frozen=True, slots=True)
class TablesOptions:
    """The command's options. `form` is "" if left out; `choice` goes to `vibench.paper.Choice`."""

    names: tuple[str, ...]
    runs: tuple[str, ...]
    store: str
    paper: bool
    form: str
    out: Path | None
    choice: dict[str, Any]
    listing: bool


def tables_command(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]...", help="table-5, figure-2, ... (see --list). Default: all."
        ),
    ] = None,
    run: Annotated[
        list[str] | None, typer.Option(help="A run's id; 'all' for all. Default: the last run.")
    ] = None,
    store: StoreOption = STORE,
    paper: Annotated[
        bool, typer.Option("--paper", help="Show the paper's own number beside each.")
    ] = False,
    form: Annotated[str, typer.Option("--format", help=f"{', '.join(FORMS)}.")] = "",
    out: Annotated[
        Path | None, typer.Option(help="Write each to this folder in every form, pictures too.")
    ] = None,
    judge: Annotated[str, typer.Option(help="The judge to use where there are several.")] = "",
    beta: Annotated[float | None, typer.Option(help="The trainer's beta to use.")] = None,
    temperature: Annotated[
        float | None, typer.Option(help="The sampling temperature to use.")
    ] = None,
    inducer: Annotated[str, typer.Option(help="The training inducer: dpo or orpo.")] = "",
    seed: Annotated[list[int] | None, typer.Option(help="Seeds to use. Default: all.")] = None,
    listing: Annotated[bool, typer.Option("--list", help="List the tables and figures.")] = False,
) -> None:
    """Show the paper's tables and figures made from a store.

    Without a NAME, shows every one that the store has any numbers for. A partial one lists what
    is missing and the command that makes it.
    """
    settings: dict[str, Any] = {
        "judge": judge,
        "beta": beta,
        "temperature": temperature,
        "trainer": inducer,
    }
    # Options left out keep the defaults of `Choice`, which know the paper's settings.
    choice = {name: value for name, value in settings.items() if value not in (None, "")}
    if seed:
        choice["seeds"] = tuple(seed)
    options = TablesOptions(
        tuple(names or ()), tuple(run or ()), store, paper, form, out, choice, listing
    )
    raise typer.Exit(tables(options))


def tables(options: TablesOptions) -> int:
    """Print or write the exhibits.

    Raise UsageError without a finished cell in the store, for a named exhibit that the store has
    nothing of (after the others are shown), and for an unknown name or run.
    """
    if options.form and options.form not in FORMS:
        raise UnknownName("format", options.form, FORMS)
    if options.form and options.out is not None:
        raise UsageError(
            "With --out every form is written, so --format has no effect.", "Leave one of them out."
        )
    if options.listing:
        return _list()
    exhibits = _exhibits(options)
    present = [exhibit for exhibit in exhibits if not exhibit.empty]
    lacking = [exhibit for exhibit in exhibits if exhibit.empty]
    if options.out is not None:
        _write(present, options.out)
    elif present:
        _print(present, options.form or "terminal")
    # Someone asked for these by name, so having nothing of them is an error.
    if lacking and options.names:
        raise _nothing(lacking)
    if lacking and (present or not options.names):
        _closing(lacking, options.out is None and options.form in ("", "terminal"))
    return 0


def _list() -> int:
    from vibench.paper import NAMES

    wide = max(map(len, NAMES))
    for name, title in NAMES.items():
        print(f"{name:{wide}}  {title}")
    return 0


def _exhibits(options: TablesOptions) -> list[Exhibit]:
    from vibench.exhibits.numbers import without_paper
    from vibench.paper import NAMES, Choice, exhibits
    from vibench.report.run_report import run_report
    from vibench.store.artefacts import Store

    # Before the store is read, which may take a while.
    for name in options.names:
        if name not in NAMES:
            raise UnknownName("table or figure", name, NAMES, "`vibench tables --list` has all.")
    store = Store(options.store)
    collected = run_report(store, options.runs)
    if not collected.cells:
        raise StoreError(
            f"No cell of {_runs(options.runs)} in the store {store.root} is finished.",
            f"Resume it: {_last_command(collected.records)}. Or name another run with --run.",
        )
    names = tuple(dict.fromkeys(options.names)) or tuple(NAMES)
    drawn = exhibits(collected, names, Choice(**options.choice))
    return drawn if options.paper else [without_paper(exhibit) for exhibit in drawn]


def _runs(names: Sequence[str]) -> str:
    if "all" in names:
        return "any run"
    return f"the run{'s' * (len(names) > 1)} {', '.join(names)}" if names else "the last run"


def _last_command(records: Sequence[Mapping[str, Any]]) -> str:
    """Return the command of the last of these runs."""
    from vibench.text import clean

    words = [str(word) for word in records[-1].get("command", ())[1:]] or ["run"]
    return clean(f"vibench {shlex.join(words)}", 1000)


def _print(exhibits: Sequence[Exhibit], form: str) -> None:
    from vibench.exhibits.exhibit_document import exhibit_document
    from vibench.exhibits.exhibit_records import exhibits_csv, exhibits_json
    from vibench.exhibits.latex import as_latex
    from vibench.exhibits.markdown import as_markdown
    from vibench.exhibits.terminal import show

    documents = [exhibit_document(exhibit) for exhibit in exhibits]
    match form:
        case "terminal":
            screen = console()
            for i, document in enumerate(documents):
                screen.print("\n" if i else "", end="")
                show(document, screen)
        case "csv":
            sys.stdout.write(exhibits_csv(exhibits))
        case "json":
            sys.stdout.write(exhibits_json(exhibits))
        case "markdown":
            sys.stdout.write("\n".join(map(as_markdown, documents)))
        case _:
            sys.stdout.write("\n".join(map(as_latex, exhibits)))


def _write(exhibits: Sequence[Exhibit], folder: Path) -> None:
    from vibench.exhibits.files import write

    write(exhibits, folder, print)


def _nothing(lacking: Sequence[Exhibit]) -> UsageError:
    """Return the error for exhibits without numbers: what the first lacks, and the commands."""
    from vibench.text import clean

    first = lacking[0]
    names = " and ".join(exhibit.name for exhibit in lacking)
    # A store of another design lacks hundreds of cells.
    cells = [clean(what) for what in first.missing[:4]]
    rest = len(first.missing) - len(cells)
    cells += [f"{rest:,} more"] if rest > 0 else []
    what = f"{'; '.join(cells)}" if cells else "its cells"
    subject = f" (of {first.name})" if len(lacking) > 1 else ""
    commands = dict.fromkeys(clean(e.command, 1000) for e in lacking if e.command)
    hint = "\n  ".join(commands)
    return UsageError(
        f"The store has nothing of {names}: missing{subject} {what}.",
        f"To make it: {hint}" if hint else "",
    )


def _closing(lacking: Sequence[Exhibit], on_screen: bool) -> None:
    """Print the exhibits that the store has nothing of, with the commands that make them; to stderr
    when stdout is for another program."""
    from vibench.text import clean

    where = sys.stdout if on_screen else sys.stderr
    names = ", ".join(exhibit.name for exhibit in lacking)
    print(f"{chr(10) * on_screen}The store has nothing of: {names}.", file=where)
    commands: dict[str, list[str]] = {}
    # Exhibits often share a command: print it once.
    for exhibit in lacking:
        commands.setdefault(clean(exhibit.command, 1000), []).append(exhibit.name)
    for command, names_made in commands.items():
        if command:
            print(f"  For {', '.join(names_made)}: {command}", file=where)
