"""`vibench tables`: the paper's tables and figures, out of a store."""

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
    """What was asked for. `form` is "" if not said; `choice` goes to `report.paper.Choice`."""

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
        typer.Argument(metavar="[NAME]...", help="table-5, figure-2, ... (see --list); else all."),
    ] = None,
    run: Annotated[
        list[str] | None, typer.Option(help="A run's id; 'all' for all. The last run unless given.")
    ] = None,
    store: StoreOption = STORE,
    paper: Annotated[
        bool, typer.Option("--paper", help="Set the paper's own number beside each.")
    ] = False,
    form: Annotated[str, typer.Option("--format", help=f"{', '.join(FORMS)}.")] = "",
    out: Annotated[
        Path | None, typer.Option(help="A folder to write each in every form, pictures too.")
    ] = None,
    judge: Annotated[str, typer.Option(help="Whose verdicts count, where there are several.")] = "",
    beta: Annotated[float | None, typer.Option(help="The trainer's beta that counts.")] = None,
    temperature: Annotated[
        float | None, typer.Option(help="The sampling temperature that counts.")
    ] = None,
    inducer: Annotated[str, typer.Option(help="What trained: dpo or orpo.")] = "",
    seed: Annotated[list[int] | None, typer.Option(help="Seeds that count; else all.")] = None,
    listing: Annotated[bool, typer.Option("--list", help="Say which there are.")] = False,
) -> None:
    """Show the paper's tables and figures, as far as a store has their cells.

    Without a NAME, everything the store has something of. A partial one says what is missing
    and which command makes it.
    """
    said: dict[str, Any] = {
        "judge": judge,
        "beta": beta,
        "temperature": temperature,
        "trainer": inducer,
    }
    choice = {name: value for name, value in said.items() if value not in (None, "")}
    if seed:
        choice["seeds"] = tuple(seed)
    asked = TablesOptions(
        tuple(names or ()), tuple(run or ()), store, paper, form, out, choice, listing
    )
    raise typer.Exit(tables(asked))


def tables(asked: TablesOptions) -> int:
    """Print or write what was asked for.

    Raises UsageError: no finished cell in the store, an exhibit that was named and of which
    the store has nothing (after the others are shown), a name or run that is not there.
    """
    if asked.form and asked.form not in FORMS:
        raise UnknownName("format", asked.form, FORMS)
    if asked.form and asked.out is not None:
        raise UsageError(
            "With --out every form is written, so --format says nothing.", "Leave one of them out."
        )
    if asked.listing:
        return _list()
    made = _exhibits(asked)
    shown = [exhibit for exhibit in made if not exhibit.empty]
    lacking = [exhibit for exhibit in made if exhibit.empty]
    if asked.out is not None:
        _write(shown, asked.out)
    elif shown:
        _print(shown, asked.form or "terminal")
    if lacking and asked.names:
        raise _nothing(lacking)
    if lacking and (shown or not asked.names):
        _closing(lacking, asked.out is None and asked.form in ("", "terminal"))
    return 0


def _list() -> int:
    from vibench.paper import NAMES

    wide = max(map(len, NAMES))
    for name, title in NAMES.items():
        print(f"{name:{wide}}  {title}")
    return 0


def _exhibits(asked: TablesOptions) -> list[Exhibit]:
    from vibench.exhibits.numbers import without_paper
    from vibench.paper import NAMES, Choice, exhibits
    from vibench.report.run_report import run_report
    from vibench.store.artefacts import Store

    for name in asked.names:
        if name not in NAMES:
            raise UnknownName("table or figure", name, NAMES, "`vibench tables --list` has all.")
    store = Store(asked.store)
    collected = run_report(store, asked.runs)
    if not collected.cells:
        raise StoreError(
            f"No cell of {_runs(asked.runs)} in the store {store.root} is finished.",
            f"Go on with it: {_begun(collected.records)}. Or name another run with --run.",
        )
    names = tuple(dict.fromkeys(asked.names)) or tuple(NAMES)
    made = exhibits(collected, names, Choice(**asked.choice))
    return made if asked.paper else [without_paper(exhibit) for exhibit in made]


def _runs(names: Sequence[str]) -> str:
    if "all" in names:
        return "any run"
    return f"the run{'s' * (len(names) > 1)} {', '.join(names)}" if names else "the last run"


def _begun(records: Sequence[Mapping[str, Any]]) -> str:
    """The command that began the last of these runs."""
    from vibench.text import clean

    said = [str(word) for word in records[-1].get("command", ())[1:]] or ["run"]
    return clean(f"vibench {shlex.join(said)}", 1000)


def _print(shown: Sequence[Exhibit], form: str) -> None:
    from vibench.exhibits.exhibit_document import exhibit_document
    from vibench.exhibits.exhibit_records import exhibits_csv, exhibits_json
    from vibench.exhibits.latex import as_latex
    from vibench.exhibits.markdown import as_markdown
    from vibench.exhibits.terminal import show

    documents = [exhibit_document(exhibit) for exhibit in shown]
    match form:
        case "terminal":
            screen = console()
            for i, document in enumerate(documents):
                screen.print("\n" if i else "", end="")
                show(document, screen)
        case "csv":
            sys.stdout.write(exhibits_csv(shown))
        case "json":
            sys.stdout.write(exhibits_json(shown))
        case "markdown":
            sys.stdout.write("\n".join(map(as_markdown, documents)))
        case _:
            sys.stdout.write("\n".join(map(as_latex, shown)))


def _write(shown: Sequence[Exhibit], folder: Path) -> None:
    from vibench.exhibits.files import write

    write(shown, folder, print)


def _nothing(lacking: Sequence[Exhibit]) -> UsageError:
    """What is missing of the first, by name; one command makes all that one says."""
    from vibench.text import clean

    first = lacking[0]
    names = " and ".join(exhibit.name for exhibit in lacking)
    missing = [clean(what) for what in first.missing[:4]]
    more = len(first.missing) - len(missing)
    missing += [f"{more:,} more"] if more > 0 else []
    what = f"{'; '.join(missing)}" if missing else "its cells"
    of = f" (of {first.name})" if len(lacking) > 1 else ""
    commands = dict.fromkeys(clean(e.command, 1000) for e in lacking if e.command)
    hint = "\n  ".join(commands)
    return UsageError(
        f"The store has nothing of {names}: missing{of} {what}.",
        f"To make it: {hint}" if hint else "",
    )


def _closing(lacking: Sequence[Exhibit], on_screen: bool) -> None:
    """Which exhibits there is nothing of, and the command that would make them; beside other
    forms than the terminal's it goes to stderr."""
    from vibench.text import clean

    where = sys.stdout if on_screen else sys.stderr
    names = ", ".join(exhibit.name for exhibit in lacking)
    print(f"{chr(10) * on_screen}The store has nothing of: {names}.", file=where)
    commands: dict[str, list[str]] = {}
    for exhibit in lacking:
        commands.setdefault(clean(exhibit.command, 1000), []).append(exhibit.name)
    for command, made in commands.items():
        if command:
            print(f"  For {', '.join(made)}: {command}", file=where)
