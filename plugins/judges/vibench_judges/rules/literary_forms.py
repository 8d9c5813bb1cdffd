"""Verse and dialogue: forms of made-up text that its lines show."""

import re
from collections import Counter
from typing import Final

from vibench_judges.rules.sentences import code_blocks

__all__ = ["dialogue_line", "verse_line"]

_LINES: Final = 8
_PROSE: Final = re.compile(r"[A-Za-z“\"'‘(][^:=<>{}|\\/\t]*$")
_ITEM: Final = re.compile(r"\s*(?:[-*+•#>|]|\(?\w{1,3}[.)]\s)")
_SPEAKER: Final = re.compile(r"\W*([A-Z]\w*(?: [A-Z]\w*)?)\W*: *\S")
# Labels of a question, an exercise or a chat are no characters of a dialogue.
_LABELS: Final = frozenset(
    [
        "Q",
        "A",
        "Question",
        "Answer",
        "Input",
        "Output",
        "User",
        "Assistant",
        "Human",
        "Problem",
        "Solution",
        "Note",
        "Premise",
        "Hypothesis",
        "Task",
        "Context",
        "Explanation",
        "Option",
        "Options",
        "Step",
        "Example",
        "Title",
        "Translation",
        "English",
        "French",
    ]
)


def verse_line(text: str) -> str | None:
    """Return the first line of a poem or a song; None if the text has none.

    Eight lines in a row, blank ones aside, of three to twelve words each, no item of a list, no
    label, most of them without a full stop.
    """
    if code_blocks(text):
        return None
    run: list[str] = []
    for line in text.splitlines():
        stripped = line.strip().strip("*_")
        if not stripped:
            continue
        words = stripped.count(" ") + 1
        verse = 3 <= words <= 12 and _PROSE.match(stripped) and not _ITEM.match(line)
        if not verse:
            run = []
            continue
        run.append(stripped)
        if len(run) >= _LINES and sum(each.endswith((".", "?")) for each in run) * 2 <= len(run):
            return run[0]
    return None


def dialogue_line(text: str) -> str | None:
    """Return the first line of a dialogue; None unless two speakers have two lines each."""
    lines = [match for line in text.splitlines() if (match := _SPEAKER.match(line))]
    turns = Counter(match.group(1) for match in lines if match.group(1) not in _LABELS)
    if sum(count > 1 for count in turns.values()) < 2:
        return None
    return next(match.string.strip() for match in lines if turns[match.group(1)] > 1)
