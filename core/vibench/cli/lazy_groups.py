"""Groups of commands that are imported when one of their commands is called.

typer builds every option of every command at once, which would take most of the time of
`vibench --help`, although that shows a single line of each group.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from typer.core import TyperGroup
from typer.main import get_group

from vibench.errors import VibenchError
from vibench.text import echoed

__all__ = ["LazyGroup", "Root"]

MAX_ERROR = 600
"""Characters to show of an error about the command line."""
GROUPS = {
    "data": "Prepare and verify preference data for values.",
    "judges": "List judges, measure their agreement, bridge their rates.",
    "results": "List runs, export their outcomes, query them in SQL.",
    "store": "List, verify, clean up, share and import stores.",
}
"""The groups, each `app` of a module of this package, and their summaries."""


class LazyGroup(TyperGroup):
    """A group of which only the name and the summary are known until it is called."""

    def load(self) -> TyperGroup:
        """Import the group and build its commands."""
        group = get_group(import_module(f"vibench.cli.{self.name}").app)
        # Its own help is empty: summaries lie here, so that `--help` imports no group.
        group.name, group.help = self.name, self.help
        return group

    def make_context(self, *args: Any, **extra: Any) -> Any:
        """Return a context of the group itself, which is then asked for its commands."""
        return self.load().make_context(*args, **extra)


@contextmanager
def _short_errors() -> Iterator[None]:
    """Shorten and escape what typer's errors repeat of the command line."""
    try:
        yield
    except VibenchError:
        raise
    except Exception as error:
        # typer has click inside, in a module whose name it does not promise: told by its form.
        if isinstance(message := getattr(error, "message", None), str):
            error.message = echoed(message, MAX_ERROR)  # type: ignore[attr-defined]
        raise


class Root(TyperGroup):
    """The root of the command line: its own commands, and the groups behind them."""

    def make_context(self, *args: Any, **extra: Any) -> Any:
        """Return a context of the root: its own options are read here."""
        with _short_errors():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: Any) -> Any:
        """Run a command; its options and its subcommand are read here."""
        with _short_errors():
            return super().invoke(ctx)

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, summary in GROUPS.items():
            self.commands[name] = LazyGroup(name=name, help=summary)
