"""Documents as Markdown, as GitHub reads it; all text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vibench.exhibits.document import Block, Document, Excerpt, Notes, Paragraph, Points
from vibench.exhibits.table import Column, Table, TableCell
from vibench.text import markdown_escaped, printable

__all__ = ["as_markdown"]

BOLD = ("strong", "warning", "alarm")
"""Tones of paragraphs that are bold."""


def as_markdown(document: Document) -> str:
    """Return a document as Markdown: headings, paragraphs, lists and tables."""
    blocks: list[str] = []
    for section in document:
        if section.title:
            blocks.append(f"{'#' * section.level} {_text(section.title)}")
        blocks += map(_block, section.blocks)
    return "\n\n".join(blocks) + "\n"


def _block(block: Block) -> str:
    match block:
        case Paragraph():
            text = _paragraph(block)
            return f"**{text}**" if block.tone in BOLD else text
        case Points():
            return "\n".join(f"- {_text(item)}" for item in block.items)
        case Notes():
            return "\n".join(f"- {_paragraph(line)}" for line in block.lines)
        case Excerpt():
            return _excerpt(block)
    return "\n".join(_table(block))


def _excerpt(excerpt: Excerpt) -> str:
    """Return an excerpt as a quotation, its special tokens in bold."""
    pieces = (f"**{_text(p.text)}**" if p.special else _text(p.text) for p in excerpt.pieces)
    return f"> {''.join(pieces)}"


def _paragraph(paragraph: Paragraph) -> str:
    """Return a paragraph's text, and its command as code, which needs no escapes."""
    command = printable(paragraph.command)
    if not command:
        return _text(paragraph.text)
    # A backtick would end the code.
    code = markdown_escaped(command) if "`" in command else f"`{command}`"
    return f"{_text(paragraph.text)} {code}"


def _table(table: Table) -> Iterable[str]:
    if table.title:
        yield from (f"**{_text(table.title)}**", "")
    yield _row([_head(column) for column in table.columns])
    yield _row(["---" if column.words else "---:" for column in table.columns])
    yield from (_row([_cell(cell) for cell in row]) for row in table.rows)


def _head(column: Column) -> str:
    name = _text(column.head)
    if column.highlighted and name:
        name = f"**{name}**"
    return name if column.follows or not column.group else f"{_text(column.group)}<br>{name}"


def _cell(cell: TableCell) -> str:
    text = _text(cell.line)
    return f"**{text}**" if cell.tone not in ("", "dim") and text else text


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _text(text: str) -> str:
    """Return text in which nothing is markup; lines of their own stay so, in a table too."""
    # A line break would end a row of a table, so it becomes a tag, the only one there is.
    lines = (" ".join(line.split()) for line in printable(text).split("\n"))
    return "<br>".join(map(markdown_escaped, lines))
