"""The layout of tables for a terminal: which columns fit, and where words are folded.

Tables are laid out here rather than by rich, which cuts off columns that do not fit and is slow for
thousands of rows. It needs no console, so `vibench plugins` can print a table without importing
rich.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from vibench.exhibits.shades import HIGHLIGHT
from vibench.exhibits.table import Column, Table, TableCell, Tone
from vibench.text import printable

__all__ = ["LONGEST", "TONES", "fits", "folded", "lines"]

GAP: Final = 2
"""Characters between columns."""
HEAD, NARROW, LONGEST = 16, 10, 18
"""Characters of a column's head in a line, in one of a heatmap, and of a word left whole."""
WORDS: Final = 26
"""Characters of a column of words that is folded, at least."""

ENDLESS: Final = 10**9
"""A width in which everything has room."""

TONES: Final[dict[Tone, str]] = {
    "": "",
    "strong": "bold",
    "dim": "dim",
    "good": "green",
    "caution": "magenta",
    "doubt": "yellow",
    "warning": "bold yellow",
    "alarm": "bold red",
}
"""The rich style of each tone."""

Line = list[tuple[str, str]]
"""A line as pieces of text with their rich styles."""


def fits(table: Table, width: int) -> bool:
    """Return whether a table needs neither parts nor folding in that width."""
    drawn = [column for unit in _units(table.columns, False) for column in unit]
    # At the full width of every column nothing is folded.
    return _wide([column.wide for column in drawn]) <= width


def lines(table: Table, width: int, coloured: bool = False) -> Iterator[Line]:
    """Yield a table's lines: in parts where it is too wide and may be, with the pinned columns
    in each and a blank line between them."""
    pinned = [column for unit in _units(table.columns[: table.pinned], coloured) for column in unit]
    units = list(_units(table.columns[table.pinned :], coloured))
    # Pinned columns (row names) may take a third of the width each, or long names of models would
    # leave no room for numbers.
    room = width - sum(min(column.least, width // 3) + GAP for column in pinned)
    parts = _parts(units, room if table.fit == "parts" else ENDLESS)
    for number, part in enumerate(parts):
        if number:
            yield []
        columns = [*pinned, *part]
        yield from _grid(columns, _widths(columns, width, table.fit == "whole", len(pinned)))


@dataclass(frozen=True, slots=True)
class Drawn:
    """A column as text, `wide` characters wide. `least` is the narrowest it can be; only words can
    be narrower than they are wide."""

    head: tuple[str, ...]
    cells: tuple[str, ...]
    styles: tuple[str, ...]
    head_style: str
    words: bool
    wide: int

    @property
    def least(self) -> int:
        return min(self.wide, WORDS) if self.words else self.wide


def _units(columns: Iterable[Column], coloured: bool) -> Iterator[list[Drawn]]:
    """Yield the columns, each with those that follow it."""
    unit: list[Drawn] = []
    for column in columns:
        if unit and not column.follows:
            yield unit
            unit = []
        unit.append(_drawn(column, coloured))
    if unit:
        yield unit


def _drawn(column: Column, coloured: bool) -> Drawn:
    cells = [c.text for c in column.cells] if column.words else _aligned(column.cells)
    cells = list(map(printable, cells))
    widest = max((_width(line) for cell in cells for line in cell.split("\n")), default=0)
    fold = max(NARROW if column.shades else HEAD, widest)
    # The group of a column that follows (the paper's) is over the one before it.
    heads = [column.head] if column.follows else [column.group, column.head]
    styles = ["bold" if "†" in cell.line else TONES[cell.tone] for cell in column.cells]
    if coloured and column.shades:
        styles = [
            f"{style} {shade.text} on {shade.background}" if shade else style
            for style, shade in zip(styles, column.shades, strict=True)
        ]
    head = [line for text in heads if text for line in folded(printable(text), fold, LONGEST)]
    return Drawn(
        tuple(head),
        tuple(cells),
        tuple(styles),
        f"bold #000000 on {HIGHLIGHT}" if coloured and column.highlighted else "",
        column.words,
        max(widest, *map(_width, head)) if head else widest,
    )


def _aligned(cells: Sequence[TableCell]) -> list[str]:
    """Values below values, errors below errors, marks below marks."""
    parts = [
        (
            cell.text,
            f" ±{cell.error}" if cell.error else "",
            f" {cell.interval}" if cell.interval else "",
            cell.mark,
            f" ({cell.coverage})" if cell.coverage else "",
        )
        for cell in cells
    ]
    widths = [max(map(_width, column)) for column in zip(*parts, strict=True)]
    if not any(widths[1:]):
        # Plain cells may have several lines, which padding to one width would break.
        return [cell.text for cell in cells]
    marks = 3
    return [
        "".join(
            part + _blank(part, wide) if i == marks else _blank(part, wide) + part
            for i, (part, wide) in enumerate(zip(row, widths, strict=True))
        )
        for row in parts
    ]


def _parts(units: Sequence[list[Drawn]], width: int) -> Iterator[list[Drawn]]:
    """Yield the columns in as many parts as are needed for each to fit; a part has at least one
    column and those that follow it."""
    part: list[Drawn] = []
    taken = 0
    for unit in units:
        need = sum(column.least + GAP for column in unit)
        if part and taken + need - GAP > width:
            yield part
            part, taken = [], 0
        part = [*part, *unit]
        taken += need
    yield part


def _widths(columns: Sequence[Drawn], room: int, unfolded: bool, pinned: int) -> list[int]:
    """Return how wide each column is: as wide as its text if all of them fit in the room, else
    the columns of words share what the others leave, in proportion to what they lack."""
    wide = [column.wide for column in columns]
    if unfolded or _wide(wide) <= room:
        return wide
    least = [
        min(column.least, max(room // 3, 1)) if column.words and i < pinned else column.least
        for i, column in enumerate(columns)
    ]
    spare = room - _wide(least)
    lacking = [
        natural - narrow if column.words else 0
        for column, natural, narrow in zip(columns, wide, least, strict=True)
    ]
    if spare <= 0 or not any(lacking):
        # A single number, or word, wider than the terminal: nothing is left out for it.
        return least
    return [
        narrow + spare * lack // sum(lacking) for narrow, lack in zip(least, lacking, strict=True)
    ]


def _wide(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * (len(widths) - 1)


def _grid(columns: Sequence[Drawn], widths: Sequence[int]) -> Iterator[Line]:
    """Yield the heads, a rule and the rows of columns that are that wide."""
    heads = [
        [part for line in column.head for part in folded(line, wide)]
        for column, wide in zip(columns, widths, strict=True)
    ]
    if any(heads):
        high = max(map(len, heads))
        # Heads stand on the rule; cells hang from the top of their row.
        heads = [[""] * (high - len(head)) + head for head in heads]
        yield from _block(columns, widths, heads, [column.head_style for column in columns])
        yield [("─" * _wide(widths), "")]
    for row in range(len(columns[0].cells)):
        cells = [
            folded(column.cells[row], wide) if column.words else column.cells[row].split("\n")
            for column, wide in zip(columns, widths, strict=True)
        ]
        yield from _block(columns, widths, cells, [column.styles[row] for column in columns])


def _block(
    columns: Sequence[Drawn],
    widths: Sequence[int],
    cells: Sequence[Sequence[str]],
    styles: Sequence[str],
) -> Iterator[Line]:
    """Yield the lines of a row whose cells have several each."""
    last = len(columns) - 1
    for number in range(max(map(len, cells))):
        line: Line = []
        for i, (column, wide, texts) in enumerate(zip(columns, widths, cells, strict=True)):
            text = texts[number] if number < len(texts) else ""
            blank = _blank(text, wide)
            if column.words:
                line += [(text, styles[i]), ("" if i == last else blank, "")]
            else:
                # The padding belongs to a number: a heatmap's colour fills the whole cell.
                line += [(blank + text, styles[i])]
            line += [] if i == last else [(" " * GAP, "")]
        yield line


def folded(text: str, width: int, word_width: int = 0) -> list[str]:
    """Return a text in lines of that width: broken between words, and within a word only where
    it is wider than a line (and than `word_width`)."""
    if "\n" not in text and _width(text) <= width:
        return [text]
    parts: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            joined = f"{line} {word}" if line else word
            if _width(joined) <= width or not line:
                line = joined
            else:
                parts.append(line)
                line = word
            while _width(line) > max(width, word_width):
                start = _start(line, max(width, word_width))
                parts.append(start)
                line = line[len(start) :]
        parts.append(line)
    return parts


def _start(text: str, width: int) -> str:
    """Return as much of a text as is no wider, one letter at least."""
    taken = 0
    for i, letter in enumerate(text):
        taken += _width(letter)
        if taken > width and i:
            return text[:i]
    return text


def _blank(text: str, width: int) -> str:
    return " " * (width - _width(text))


def _width(text: str) -> int:
    """Return the columns that a line takes: two for a letter of Chinese, say."""
    # Most cells are ASCII, where every letter is one column wide; rich is slow to import.
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
