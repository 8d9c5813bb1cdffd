"""Documents on a terminal: tables laid out for its width, and each text in the colour of its tone.

Everything is printed as plain text, so that markup in a model's name or an error does nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vibench.exhibits.document import Document, Excerpt, Notes, Paragraph, Points
from vibench.exhibits.table import Table
from vibench.exhibits.table_layout import LONGEST, TONES, folded, lines
from vibench.text import printable

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["show"]

SPECIAL = "reverse"
"""The style of a special token."""
BAR = "│ "


def show(document: Document, console: Console) -> None:
    """Print a document; sections, and tables within them, are set off by blank lines."""
    from rich.text import Text

    for number, section in enumerate(document):
        if number:
            console.print()
        if section.title:
            console.print(Text(printable(section.title), style=TONES[section.tone]))
        previous: object = None
        for block in section.blocks:
            if previous is not None and (isinstance(block, Table) or isinstance(previous, Table)):
                console.print()
            match block:
                case Paragraph():
                    _paragraph(block, console)
                case Points():
                    _points(block, console)
                case Notes():
                    for line in block.lines:
                        _paragraph(replace(line, tone="dim"), console)
                case Excerpt():
                    _excerpt(block, console)
                case Table():
                    _table(block, console)
            previous = block


def _paragraph(paragraph: Paragraph, console: Console) -> None:
    from rich.text import Text

    text = f"{paragraph.text} {paragraph.command}" if paragraph.command else paragraph.text
    drawn = Text(printable(text), style=TONES[paragraph.tone])
    console.print(drawn, soft_wrap=paragraph.unbroken or bool(paragraph.command))


def _points(points: Points, console: Console) -> None:
    from rich.text import Text

    for item in points.items:
        parts = folded(printable(item), max(console.width - 2, LONGEST))
        console.print(Text("• " + "\n  ".join(parts)))


def _excerpt(excerpt: Excerpt, console: Console) -> None:
    from rich.text import Text

    text = Text.assemble(
        *((printable(p.text), SPECIAL if p.special else "") for p in excerpt.pieces)
    )
    # A bar before each line: what a model reads may look like anything else that is printed.
    for line in text.wrap(console, max(console.width - len(BAR), LONGEST)):
        console.print(Text.assemble((BAR, "dim"), line))


def _table(table: Table, console: Console) -> None:
    from rich.text import Text

    if table.title:
        console.print(Text(printable(table.title), style=TONES["strong"]))
    coloured = console.color_system is not None and not console.no_color
    drawn = [Text.assemble(*line) for line in lines(table, console.width, coloured)]
    console.print(Text("\n").join(drawn), soft_wrap=True)
    highlighted = [printable(column.head) for column in table.columns if column.highlighted]
    if highlighted and not coloured:
        console.print(Text(f"Highlighted: {', '.join(highlighted)}."))
