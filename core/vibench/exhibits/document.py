"""A document before any form draws it: sections of paragraphs, lists and tables.

Reports, the gate, exhibits and the lists of commands are each made a document once; the terminal
and Markdown draw every document. What a document holds is text: each form escapes all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vibench.exhibits.table import Table, Tone

if TYPE_CHECKING:
    from vibench.engines.token_text import TokenText

__all__ = ["Block", "Document", "Excerpt", "Notes", "Paragraph", "Points", "Section"]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A sentence or some. A `command` follows it, to be copied; a text that is `unbroken` (a
    path, a command) is left to the terminal to break, so that it too can be copied."""

    text: str
    tone: Tone = ""
    command: str = ""
    unbroken: bool = False


@dataclass(frozen=True, slots=True)
class Points:
    """A list; an item may have several lines."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Notes:
    """Small print below a table: dim lines on a terminal, a list in Markdown."""

    lines: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Text that a model reads or writes, line by line as it is, its special tokens set off."""

    pieces: tuple[TokenText, ...]


Block = Paragraph | Points | Notes | Excerpt | Table


@dataclass(frozen=True, slots=True)
class Section:
    """A title ("" for none) and what is below it. `level` is that of a Markdown heading."""

    title: str
    blocks: tuple[Block, ...]
    tone: Tone = "strong"
    level: int = 2


Document = tuple[Section, ...]
