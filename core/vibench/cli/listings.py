"""Print a listing in the form that was asked for."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from vibench.exhibits.lists import Listing, listing_csv, listing_document, listing_json
from vibench.exhibits.terminal import show

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["Form", "print_listing"]

Form = Literal["terminal", "json", "csv"]


def print_listing(
    listing: Listing, form: Form, screen: Console, on_screen: Sequence[Listing] = ()
) -> None:
    """Print a listing as JSON or CSV; on a terminal `on_screen` if given, which may hold less."""
    match form:
        case "json":
            sys.stdout.write(listing_json(listing))
        case "csv":
            sys.stdout.write(listing_csv(listing))
        case _:
            show(listing_document(on_screen or (listing,)), screen)
