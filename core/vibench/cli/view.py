"""`vibench view`: the report as a page served on this machine, with every transcript."""

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
    """Serve the page until Ctrl-C, and return the exit code 0."""
    from vibench.cli.html import supplement
    from vibench.page import Options
    from vibench.page.server import serve

    screen = console()
    store = Store(root)
    # A SIGTERM (a batch system's) ends it as Ctrl-C does.
    with terminable():
        try:
            collected = run_report(store, runs)
            options = Options(redact, paper)
            with serve(store, collected, port, options, supplement(store, collected)) as server:
                screen.print(server.url, markup=False, soft_wrap=True)
                screen.print("Only this machine can open it. Press Ctrl-C to stop.", markup=False)
                if browser:
                    webbrowser.open(server.url)
                server.serve_forever()
        except KeyboardInterrupt:
            screen.print("\nStopped.", markup=False)
    return 0
