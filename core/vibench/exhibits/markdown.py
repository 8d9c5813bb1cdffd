"""A table or figure as Markdown, as GitHub reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from vibench.exhibits.captions import above, below, title
from vibench.exhibits.exhibit import Exhibit, Panel
from vibench.exhibits.layout import Column, columns, labels
from vibench.report.phrases import clean

__all__ = ["as_markdown"]

SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$&])")


def as_markdown(exhibit: Exhibit) -> str:
    """A heading, the settings, a table for each panel, and what is said below, as a list."""
    return "\n".join(_lines(exhibit)) + "\n"


def _lines(exhibit: Exhibit) -> Iterable[str]:
    yield f"### {_escaped(title(exhibit))}"
    said = above(exhibit)
    yield from ("", _escaped(said)) if said else ()
    for panel in exhibit.panels:
        if panel.title:
            yield from ("", f"**{_escaped(clean(panel.title))}**")
        yield from ("", *_table(panel, exhibit))
    notes = below(exhibit)
    yield from ("", *(f"- {_note(note)}" for note in notes)) if notes else ()


def _table(panel: Panel, exhibit: Exhibit) -> Iterable[str]:
    made = columns(panel, exhibit)
    heads, rules, cells = [_escaped(clean(exhibit.rows))], ["---"], [labels(panel)]
    for column in made:
        rule = "---" if column.words else "---:"
        heads.append(_head(column))
        rules.append(rule)
        cells.append([cell.line for cell in column.cells])
        if column.paper:
            heads.append("paper")
            rules.append(rule)
            cells.append(list(column.paper))
    yield _row(heads)
    yield _row(rules)
    for row in zip(*cells, strict=True):
        yield _row([_escaped(cell) for cell in row])


def _head(column: Column) -> str:
    name = _escaped(column.head)
    if column.highlighted and name:
        name = f"**{name}**"
    return f"{_escaped(column.group)}<br>{name}" if column.group else name


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _note(note: str) -> str:
    """A note; a command in it is code, which needs no escapes."""
    said, mark, command = note.partition("To make it: ")
    if said or not mark or "`" in command:
        return _escaped(note)
    return f"To make it: `{command}`"


def _escaped(text: str) -> str:
    return SPECIAL.sub(r"\\\1", text)
