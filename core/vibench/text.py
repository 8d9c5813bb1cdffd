"""Text that models, plugins and other people wrote, made safe to show.

`clean` and `printable` are for every form, `echoed` is for errors about what was typed; on top of
them `spreadsheet_safe` is for CSV, `json_safe` for JSON and `markdown_escaped` for Markdown. LaTeX
has its own escapes (`vibench.exhibits.latex`), and HTML is escaped by Jinja2.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

__all__ = [
    "clean",
    "echoed",
    "json_safe",
    "markdown_escaped",
    "printable",
    "spreadsheet_original",
    "spreadsheet_safe",
]

ESCAPES: Final = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
CONTROLS: Final = ("Cc", "Cf", "Zl", "Zp")
"""Unicode categories: control and format characters (which can reverse a line), separators."""

# An apostrophe before a formula character is quoted once more, so that it can be taken off again.
FORMULA: Final = re.compile(r"'*[=+\-@\t\r\n]")
MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]<>#|~$&])")


def clean(text: str, limit: int = 200) -> str:
    """Return a text as one line of at most `limit` characters, without control characters.

    Escape sequences of terminals are removed as a whole, so that what they would do is not left
    as letters.
    """
    line = " ".join(printable(text).split())
    return line if len(line) <= limit else line[: limit - 3] + "..."


def echoed(text: str, limit: int = 60) -> str:
    """Return a text with control and bidi characters escaped (`\\x1b`, `\\u202e`), shortened in
    its middle to about `limit` characters."""
    text = _shortened(text, limit)
    if text.isprintable():
        return text
    escaped = "".join(
        letter.encode("unicode_escape").decode()
        if unicodedata.category(letter) in (*CONTROLS, "Cs")
        else letter
        for letter in text
    )
    return _shortened(escaped, limit)


def _shortened(text: str, limit: int) -> str:
    head = limit * 2 // 3
    return text if len(text) <= limit else f"{text[:head]}...{text[head - limit :]}"


def printable(text: str) -> str:
    """Return a text without control characters; its lines and spaces stay."""
    # Nearly every text is printable, and looking up the category of each letter is slow.
    if text.isprintable():
        return text
    return "".join(
        " " if letter != "\n" and unicodedata.category(letter) in CONTROLS else letter
        for letter in ESCAPES.sub("", text)
    )


def spreadsheet_safe(cell: Any) -> Any:
    """Return a cell of CSV that no spreadsheet takes for a formula; only text is changed.

    `spreadsheet_original(spreadsheet_safe(text)) == text` for every text.
    """
    return f"'{cell}" if isinstance(cell, str) and FORMULA.match(cell) else cell


def spreadsheet_original(cell: str) -> str:
    """Return the text that `spreadsheet_safe` made a cell of."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell


def markdown_escaped(text: str) -> str:
    """Return a text in which Markdown, as GitHub reads it, sees no markup, HTML or formula."""
    return MARKDOWN.sub(r"\\\1", text)


def json_safe(value: Any) -> Any:
    """Return a value as JSON can hold it: what is not finite is None, what JSON lacks is text."""
    match value:
        case float():
            return value if math.isfinite(value) else None
        case None | bool() | int() | str():
            return value
        case Mapping():
            return {str(name): json_safe(entry) for name, entry in value.items()}
        case list() | tuple() | set() | frozenset():
            return [json_safe(entry) for entry in value]
    return str(value)
