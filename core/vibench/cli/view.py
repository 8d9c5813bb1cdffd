"""`vibench view`: the report as a page on this machine, its transcripts from the store."""

from __future__ import annotations

import webbrowser
from collections.abc import Sequence

from vibench.cli.screen import console
from vibench.execute.run import terminable
from vibench.report.run_report import run_report
from vibench.store.artefacts import Store

__all__ = ["view"]


def view(
    runs: Sequence[str], root: str, port: int, browser: bool, redact: bool, paper: bool
) -> int:
    """Serve the page until Ctrl-C; then the exit code is 0."""
    from vibench.cli.html import supplement
    from vibench.page import Options
    from vibench.page.server import serve

    screen = console()
    store = Store(root)
    with terminable():
        try:
            found = run_report(store, runs)
            options = Options(redact, paper)
            with serve(store, found, port, options, supplement(store, found)) as server:
                screen.print(server.url, markup=False, soft_wrap=True)
                screen.print("Only this machine can open it. Ctrl-C ends it.", markup=False)
                if browser:
                    webbrowser.open(server.url)
                server.serve_forever()
        except KeyboardInterrupt:
            screen.print("\nEnded.", markup=False)
    return 0
