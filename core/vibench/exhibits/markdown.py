"""A table or figure as Markdown, as GitHub reads it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vibench.exhibits.captions import above, below, title
from vibench.exhibits.exhibit import Exhibit, Panel
from vibench.exhibits.layout import Column, columns, labels
from vibench.text import clean, markdown_escaped

__all__ = ["as_markdown"]


def as_markdown(exhibit: Exhibit) -> str:
    """A heading, the settings, a table for each panel, and what is said below, as a list."""
    return "\n".join(_lines(exhibit)) + "\n"


def _lines(exhibit: Exhibit) -> Iterable[str]:
    yield f"### {markdown_escaped(title(exhibit))}"
    said = above(exhibit)
    yield from ("", markdown_escaped(said)) if said else ()
    for panel in exhibit.panels:
        if panel.title:
            yield from ("", f"**{markdown_escaped(clean(panel.title))}**")
        yield from ("", *_table(panel, exhibit))
    notes = below(exhibit)
    yield from ("", *(f"- {_note(note)}" for note in notes)) if notes else ()


def _table(panel: Panel, exhibit: Exhibit) -> Iterable[str]:
    made = columns(panel, exhibit)
    heads, rules, cells = [markdown_escaped(clean(exhibit.rows))], ["---"], [labels(panel)]
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
        yield _row([markdown_escaped(cell) for cell in row])


def _head(column: Column) -> str:
    name = markdown_escaped(column.head)
    if column.highlighted and name:
        name = f"**{name}**"
    return f"{markdown_escaped(column.group)}<br>{name}" if column.group else name


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _note(note: str) -> str:
    """A note; a command in it is code, which needs no escapes."""
    said, mark, command = note.partition("To make it: ")
    if said or not mark or "`" in command:
        return markdown_escaped(note)
    return f"To make it: `{command}`"
