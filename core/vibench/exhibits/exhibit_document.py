"""An exhibit as a document: its caption, a table for each panel, and its notes."""

from __future__ import annotations

from collections.abc import Iterable

from vibench.exhibits.captions import (
    TO_MAKE,
    above,
    notes_of,
    price_of_command,
    title,
    to_make,
)
from vibench.exhibits.document import Block, Document, Notes, Paragraph, Section
from vibench.exhibits.exhibit import Exhibit
from vibench.exhibits.exhibit_table import table_of

__all__ = ["exhibit_document"]


def exhibit_document(exhibit: Exhibit) -> Document:
    """Return an exhibit as one section."""
    return (Section(title(exhibit), tuple(_blocks(exhibit)), level=3),)


def _blocks(exhibit: Exhibit) -> Iterable[Block]:
    if caption := above(exhibit):
        yield Paragraph(caption)
    yield from (table_of(panel, exhibit) for panel in exhibit.panels)
    notes = [Paragraph(note) for note in notes_of(exhibit)]
    notes += map(Paragraph, price_of_command(exhibit))
    if command := to_make(exhibit):
        notes.append(Paragraph(TO_MAKE, command=command))
    if notes:
        yield Notes(tuple(notes))
