"""`vibench doctor`: what is installed, within reach, and missing for what.

The output is meant for a bug report: it holds no key, and the home folder is written as `~`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vibench.exhibits.lists import Listing, listing_document

if TYPE_CHECKING:
    from vibench.plugins import Plugins

__all__ = ["doctor"]


def doctor(data: str | None, store: str, endpoints: Sequence[str], json_output: bool) -> int:
    """Print every check; return 1 if a plugin is broken or the store cannot be used, else 0."""
    from vibench.cli.doctor.machine import devices, program
    from vibench.cli.doctor.packages import packages, parts
    from vibench.cli.doctor.reach import addresses, data_sets, keys, store_state
    from vibench.cli.screen import console
    from vibench.engines.quiet import quiet
    from vibench.plugins import Plugins
    from vibench.registry import load_catalogue

    catalogue = load_catalogue()
    # Importing torch prints warnings, which do not belong into a report.
    with quiet():
        machine = devices()
    plugins, broken = plugin_state(Plugins.discover())
    state, usable = store_state(Path(store))
    listings = (
        Listing("Machine", ("what", "state"), [*program(), *machine]),
        Listing("Packages", ("package", "installed", "needed"), packages()),
        Listing("Parts", ("part", "works here", "missing"), parts()),
        Listing("Keys", ("variable", "set", "for"), keys()),
        Listing("Network", ("address", "reachable", "cause"), addresses(endpoints)),
        Listing("Data", ("data set", "where"), data_sets(catalogue, data)),
        Listing("Store", ("what", "state"), state),
        Listing(
            "Plugins of others",
            ("plugin", "package", "status", "cause"),
            plugins,
            without_rows="None is installed.",
        ),
    )
    if json_output:
        from vibench.exhibits.json import as_json

        content = {
            listing.title: [dict(zip(listing.columns, row, strict=True)) for row in listing.rows]
            for listing in listings
        }
        sys.stdout.write(as_json(content))
    else:
        from vibench.exhibits.terminal import show

        show(listing_document(listings), console())
    return 1 if broken or not usable else 0


def plugin_state(plugins: Plugins) -> tuple[list[tuple[str, str, str, str]], bool]:
    """Return a row for each plugin that does not come with vibench, and whether one is broken."""
    from vibench.entry_points import BUILTIN

    # vibench's own plugins are listed only if they are broken.
    infos = [i for i in plugins.listing(True) if i.distribution != BUILTIN or i.error]
    rows: list[tuple[str, str, str, str]] = [
        (f"{i.kind} {i.name}", f"{i.distribution} {i.version}".strip(), i.status, i.error or "")
        for i in infos
    ]
    return rows, any(i.status == "broken" for i in infos)
