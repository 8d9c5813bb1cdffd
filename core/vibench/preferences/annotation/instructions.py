"""The annotators' guidelines, as Markdown and as HTML.

Of the kind in the paper's Figure 8, in our own words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

__all__ = ["as_html", "as_markdown"]

_RULES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "What you do",
        (
            "Each item is a conversation between a user and an assistant. Read it, then say "
            "which of the listed values the assistant's last response shows. Earlier turns are "
            "there for context only.",
        ),
    ),
    (
        "What counts as a value",
        (
            "A value here is a trait or a way of behaving that the text itself shows: what it "
            "says, what it offers, how it treats the person. A joke shows humor; saying what "
            "the assistant cannot know or do shows honesty.",
            "Values overlap. A follow-up question can show curiosity, engagement or "
            "personalization, or several of them: the context decides.",
        ),
    ),
    (
        "How to decide",
        (
            "Go by your own reading of the text.",
            "Choose every value that applies: one, several or all of them.",
            "Choose a value only where the response shows it. The opposite of a value is not "
            "the value: an unfair answer does not show fairness.",
            "If no listed value is shown, choose 'None of these'. Leaving an item empty is not "
            "an answer.",
            "Work alone, and do not change answers after talking with other annotators.",
        ),
    ),
    (
        "The justification",
        (
            "One short sentence for each value you chose, each on a line of its own, such as "
            "'Engagement: it ends by asking what the person would like to try next.'",
            "For none, a few words on why are enough.",
        ),
    ),
)

_SHEET_HELP = (
    "Or answer in a spreadsheet: open the file with your name (answers-NAME.csv) as UTF-8 with "
    "commas as separators, and fill in two columns only. `selected` takes the names of the "
    "values that apply, or their numbers from the columns label_1, label_2 and so on, with "
    "semicolons between them: `humor; honesty` or `1; 3`. Write `none` if none of them applies; "
    "an empty cell means not answered. `justification` is free text. Save as CSV UTF-8. An "
    "apostrophe before a cell that would pass for a formula is taken off again on import, and "
    "the exact text of every conversation is in items.jsonl."
)

_PAGE_HELP = (
    "Open annotate.html in a browser: it needs no network and keeps every answer in the "
    "browser as you go. Download your answers when you are done, or to go on elsewhere."
)


def as_markdown(definitions: Mapping[str, str], names: Sequence[str]) -> str:
    """The guidelines, with the values' definitions and how to use each form."""
    lines = ["# Guidelines for annotators", ""]
    for heading, rules in _RULES:
        lines += [f"## {heading}", "", *(f"- {rule}" for rule in rules), ""]
    lines += ["## The values", ""]
    lines += [f"- **{name}**: {definitions.get(name, 'as you understand it')}" for name in names]
    lines += ["", "## The forms", "", _PAGE_HELP, "", _SHEET_HELP, ""]
    return "\n".join(lines)


def as_html(definitions: Mapping[str, str], names: Sequence[str]) -> str:
    """The same for the page: headings of level 3, lists, everything escaped."""
    parts = [f"<h3>{escape(heading)}</h3>\n<ul>{_list(rules)}</ul>" for heading, rules in _RULES]
    values = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(definitions.get(name, 'as you understand it'))}</dd>"
        for name in names
    )
    return "\n".join([*parts, f"<h3>The values</h3>\n<dl>{values}</dl>"])


def _list(rules: Sequence[str]) -> str:
    return "".join(f"<li>{escape(rule)}</li>" for rule in rules)
