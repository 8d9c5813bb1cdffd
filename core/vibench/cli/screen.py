"""Where commands print: one console, told that nothing it is given is markup of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["console"]


def console(to_stderr: bool = False) -> Console:
    """Colours nothing by itself, and leaves `:smile:` in a label or an answer as it is."""
    from rich.console import Console

    return Console(stderr=to_stderr, highlight=False, emoji=False)
