"""Text that models, plugins and other people wrote, made safe to show.

`clean` is for every form; `spreadsheet_safe` is for CSV and `markdown_escaped` for Markdown, on
top of it. LaTeX has its own (`vibench.exhibits.latex`), and HTML is escaped by Jinja2.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final

__all__ = ["clean", "markdown_escaped", "spreadsheet_original", "spreadsheet_safe"]

ESCAPES: Final = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
CONTROLS: Final = ("Cc", "Cf", "Zl", "Zp")
"""Unicode categories: control and format characters (which can reverse a line), separators."""

FORMULA: Final = re.compile(r"'*[=+\-@\t\r\n]")
MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]<>#|~$&])")


def clean(text: str, limit: int = 200) -> str:
    """Return a text as one line of at most `limit` characters, without control characters.

    Escape sequences of terminals are removed as a whole, so that what they would do is not left
    as letters.
    """
    if not (text.isascii() and text.isprintable()):  # Nearly all texts are.
        text = "".join(
            " " if unicodedata.category(letter) in CONTROLS else letter
            for letter in ESCAPES.sub("", text)
        )
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 3] + "..."


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
