"""The console that commands print to, which treats nothing that it is given as markup."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["console"]


def console(to_stderr: bool = False) -> Console:
    """Return a console that adds no colours of its own, and no emoji for `:smile:` in an answer."""
    from rich.console import Console

    return Console(stderr=to_stderr, highlight=False, emoji=False)
