"""A table or figure as LaTeX: a `table` with booktabs, heatmaps with shaded cells."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from vibench.exhibits.captions import above, below, title
from vibench.exhibits.exhibit import Exhibit, Panel
from vibench.exhibits.exhibit_table import table_of
from vibench.exhibits.numbers import MISSING
from vibench.exhibits.shades import HIGHLIGHT
from vibench.exhibits.table import Column, TableCell
from vibench.text import clean

__all__ = ["as_latex"]

NEEDS = r"% needs \usepackage{booktabs,graphicx} and \usepackage[table]{xcolor}"

SPECIAL: Final = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "–": r"\textendash{}",
    "—": r"\textemdash{}",
    "‘": "{`}",
    "’": "'",
    "“": "{``}",
    "”": "{'}{'}",
    "…": r"\ldots{}",
    "æ": r"\ae{}",
    "Æ": r"\AE{}",
    "ø": r"\o{}",
    "Ø": r"\O{}",
    "ß": r"\ss{}",
    "œ": r"\oe{}",
    "°": r"$^\circ$",
}
SPECIAL.update({c: f"\\{c}" for c in "&%$#_{}"})
# At the start of a row two of these would be its options.
SPECIAL.update({c: f"{{{c}}}" for c in "`[]*"})
SYMBOLS: Final = {
    "×": "times",
    "±": "pm",
    "†": "dagger",
    "·": "cdot",
    "α": "alpha",
    "β": "beta",
    "λ": "lambda",
    "≤": "leq",
    "≥": "geq",
}
SPECIAL.update({c: f"$\\{name}$" for c, name in SYMBOLS.items()})

ACCENTS: Final = dict(
    zip(
        "\u0300\u0301\u0302\u0303\u0308\u0304\u0307\u030a\u030b\u030c\u0306\u0327",
        "`'^~\"=.rHvuc",
        strict=True,
    )
)
"""Combining characters, and the commands that set them."""

ROTATED = 6
"""A heatmap with more columns has their names upright, and is as wide as the page."""


def as_latex(exhibit: Exhibit) -> str:
    """Return a float with a tabular for each panel, `\\caption` and `\\label{tab:NAME}`.

    Numbers have their errors as subscripts, as in the paper's tables. Characters that the
    usual fonts lack are written by their code point.
    """
    return "\n".join(_lines(exhibit)) + "\n"


def _lines(exhibit: Exhibit) -> Iterable[str]:
    wide = any(len(panel.columns) > ROTATED for panel in exhibit.panels)
    float_name = "table*" if wide else "table"
    yield NEEDS
    yield rf"\begin{{{float_name}}}[t]"
    yield r"\centering"
    yield r"\small"
    for panel in exhibit.panels:
        if panel.title:
            yield rf"\textbf{{{_escaped(clean(panel.title))}}}\par\smallskip"
        # Only tables wider than the line are scaled down; others keep the size of the text.
        yield r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%"
        yield from _tabular(panel, exhibit)
        yield r"}\par\medskip"
    sentences = [title(exhibit, numbered=False), above(exhibit), *below(exhibit)]
    # The caption joins sentences of which some have no full stop.
    ended = (text if text[-1] in ".!?" else f"{text}." for text in sentences if text)
    yield rf"\caption{{{' '.join(_escaped(text) for text in ended)}}}"
    yield rf"\label{{tab:{re.sub('[^A-Za-z0-9-]+', '-', exhibit.name)}}}"
    yield rf"\end{{{float_name}}}"


def _tabular(panel: Panel, exhibit: Exhibit) -> Iterable[str]:
    labels, *columns = table_of(panel, exhibit).columns
    upright = exhibit.kind == "heatmap" and len(columns) > ROTATED
    kinds = "".join(r"p{0.3\linewidth}" if column.words else "r" for column in columns)
    yield rf"\begin{{tabular}}{{l{kinds}}}"
    yield r"\toprule"
    yield from _groups(columns)
    yield _row([_escaped(labels.head), *(_head(column, upright) for column in columns)])
    yield r"\midrule"
    for i, label in enumerate(labels.cells):
        cells = (_shade(column, i) + _cell(column.cells[i]) for column in columns)
        yield _row([_escaped(label.text), *cells])
    yield r"\bottomrule"
    yield r"\end{tabular}"


def _groups(columns: Sequence[Column]) -> Iterable[str]:
    """Yield the headings over several columns with their rules; nothing where there are none."""
    if not any(column.group for column in columns):
        return
    cells, rules, number = [""], [], 2
    for group, members in groupby(columns, key=lambda column: column.group):
        many = sum(1 for _ in members)
        cells.append(rf"\multicolumn{{{many}}}{{c}}{{{_escaped(group)}}}")
        if group:
            rules.append(rf"\cmidrule(lr){{{number}-{number + many - 1}}}")
        number += many
    yield _row(cells)
    yield " ".join(rules)


def _head(column: Column, upright: bool) -> str:
    if column.follows:
        # The paper's column is narrow text beside its number, never turned or grey.
        return _escaped(column.head)
    name = _escaped(column.head)
    gray = rf"\cellcolor[HTML]{{{HIGHLIGHT[1:].upper()}}}" if column.highlighted else ""
    return gray + (rf"\rotatebox{{90}}{{{name}}}" if upright else name)


def _shade(column: Column, row: int) -> str:
    shade = column.shades[row] if column.shades else None
    if not shade:
        return ""
    text = r"\color{white}" if shade.light else ""
    return rf"\cellcolor[HTML]{{{shade.background[1:].upper()}}}{text}"


def _cell(cell: TableCell) -> str:
    if cell.words:
        # A dash as LaTeX writes it, whatever sign the other forms have.
        return "--" if cell.text == MISSING else _escaped(cell.text)
    below = rf"_{{\pm {_digits(cell.error)}}}" if cell.error else ""
    above = "".join(r"\dagger" if c == "†" else _escaped(c) for c in cell.mark)
    text = f"${_digits(cell.text)}{below}" + (f"^{{{above}}}$" if above else "$")
    if cell.interval:
        text += f" ${_digits(cell.interval)}$"
    return text + (rf" {{\scriptsize ({cell.coverage})}}" if cell.coverage else "")


def _digits(text: str) -> str:
    """A number in mathematics, where a comma would be punctuation; so would the one between
    the bounds of an interval, which is followed by a space."""
    return re.sub(r",(?=\d)", "{,}", text)


def _row(cells: Sequence[str]) -> str:
    return f"{' & '.join(cells)} \\\\"


def _escaped(text: str) -> str:
    """Return text in which LaTeX sees no command."""
    escaped = "".join(_letter(c) for c in unicodedata.normalize("NFC", text))
    return re.sub(r"(?<=(['-]))(?=\1)", "{}", escaped)  # "--" and "''" would be one letter


def _letter(letter: str) -> str:
    if letter in SPECIAL:
        return SPECIAL[letter]
    if letter.isascii():
        return letter
    # pdflatex knows accents as commands; other scripts as their code point, so that it compiles.
    base, *marks = list(unicodedata.normalize("NFD", letter))
    if len(marks) == 1 and base.isascii() and marks[0] in ACCENTS:
        return rf"\{ACCENTS[marks[0]]}{{{base}}}"
    return f"{{[}}U+{ord(letter):04X}{{]}}"
