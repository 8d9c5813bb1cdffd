"""`vibench preview`."""

from __future__ import annotations

import sys

from vibench.cli.matrix import MatrixOptions
from vibench.cli.preparation import prepare
from vibench.cli.screen import console
from vibench.exhibits.json import as_json
from vibench.exhibits.preview_document import preview_document
from vibench.exhibits.preview_records import preview_record
from vibench.exhibits.terminal import show
from vibench.preview.assembly import PreviewOptions
from vibench.preview.assembly import preview as assemble
from vibench.store.artefacts import Store

__all__ = ["preview"]


def preview(options: MatrixOptions, samples: int, reply: str, tokens: bool) -> int:
    """Show the preview; return exit code 0, or 1 if trained and asked prompts differ."""
    prepared = prepare(options)
    chosen = PreviewOptions(samples, reply) if reply else PreviewOptions(samples)
    shown = assemble(
        prepared.plan,
        prepared.goal,
        Store(options.store),
        prepared.plugins,
        prepared.data,
        chosen,
    )
    if options.json:
        sys.stdout.write(as_json(preview_record(shown, tokens)))
    else:
        show(preview_document(shown, tokens), console())
    for what, remedy in shown.problems:
        print(f"vibench: {what}\n  {remedy}", file=sys.stderr)
    return 1 if shown.problems else 0
