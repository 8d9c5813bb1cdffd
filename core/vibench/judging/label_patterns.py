"""The patterns by which `labels` reads lists: separators, markers, grades, and the many ways to
say that there is nothing.

tests/judging/test_labels.py has replies for each of them.
"""

from __future__ import annotations

import re
from typing import Final

EDGES: Final = "`'\"“”‘’«»*_[]()./| \t"
"""Characters around a label that are not part of it."""
# A slash or a bar with spaces only: `and/or` and `I/O` are words.
SEPARATOR: Final = re.compile(r"[,;，、；\n]|\s[/|]\s")
LINE_BULLET: Final = re.compile(r"[•‣◦▪●○]")
# `- `, `* `, `1.`, `2)`, `a)`. A number is followed by a space or a letter, or it is a decimal.
MARKER: Final = re.compile(
    r"[\s*_]*(?:[-–—+→✓✔✅#>*•‣◦▪●○·]+\s*|\(?\d{1,2}[.):](?=\s|[*_]*[^\W\d])|[a-h]\)\s)",
    re.IGNORECASE,
)
# In a list on one line: `1. empathy 2. honesty`.
NEXT_NUMBER: Final = re.compile(r"[ \t](?=\(?\d{1,2}[.)][ \t]+\S)")
PARENTHESES: Final = re.compile(r"(?<=[\w*`'\"”’])(?:[ \t]?[(（][^()（）\n]*[)）])+")
CHECKBOX: Final = re.compile(r"\[[ xX]\]")
# `empathy 0.9` and `empathy 85%`, without a colon.
SCORE: Final = re.compile(r"(.*[^\W\d]\S*)\s+(\d?\.\d+|\d{1,3}\s?%)\s*")
CONJUNCTION: Final = re.compile(r"(?:and|or|plus|&)\s+", re.IGNORECASE)
JOINED: Final = re.compile(r"\s+(?:and|&)\s+")
COLON: Final = re.compile(r"[*_\"”]*\s?[:：=]\s*")
DASH: Final = re.compile(r"\s[-–—]+\s")

# A header is `values:` or `answer:` with nothing but such words around it; a colon with a number
# behind it is the grade of a label that happens to be called so.
BEFORE: Final = (
    "the|my|our|here|are|is|final|selected|expressed|demonstrated|identified|following|main|"
    "primary|key|core|list|of|these|clearly|ai|assistant|assistant's|ai's"
)
AFTER: Final = (
    "are|is|expressed|demonstrated|identified|shown|found|present|selected|include|includes|in|"
    "by|the|this|conversation|assistant|ai|here|clearly"
)
HEADER: Final = re.compile(
    rf"[\W_]*(?:(?:{BEFORE})\s+){{0,6}}(?:values?|answers?|labels?)(?:\s+(?:{AFTER})){{0,6}}"
    r"[*_]*\s?[:：](?!\S*\d)\s*",
    re.IGNORECASE,
)

NONE_WORDS: Final = frozenset(
    (
        "none",
        "nil",
        "null",
        "nothing",
        "n/a",
        "n.a",
        "na",
        "not applicable",
        "no value",
        "no values",
    )
)
# "None of the values...", "no clear values are expressed", "the assistant does not express any ...
# values": never with a comma inside, behind which a list might begin.
NONE: Final = re.compile(
    r"none(?: of (?:the|these|those|them|this)\b| (?:are|is|were|was|clearly|demonstrated|expressed"
    r"|identified|found|shown|present|detected|observed|apply|applies|applicable)\b|\.| ?[:–—]|"
    r" -)[^,;，、；\n:]*"
    r"|(?:there (?:are|is|were|was) )?(?:no|not any)(?: [\w'’-]+){0,4} values?\b[^,;，、；\n:]*"
    r"|(?:the )?(?:ai|assistant|response|message|conversation)[\w' ’]{0,30}? (?:does|do|did) not"
    r"(?: \w+){0,2} (?:express|demonstrate|show|exhibit|display|convey|reflect|imply)"
    r"(?: \w+){0,2} any\b[^,;，、；\n:]* values?\b[^,;，、；\n:]*",
    re.IGNORECASE,
)
EXCEPT: Final = re.compile(r"\b(?:but|except|besides|other than|apart from)\b", re.IGNORECASE)

NUMBER: Final = re.compile(
    r"(?:\d+(?:[.,]\d+)?|[.,]\d+)\s*%?(?:\s*(?:/|of|out of)\s*\d+(?:\.\d+)?)?"
)
ABSENT: Final = re.compile(
    r"(?:no|not|none|never|absent|false|lacking|missing|n/a|zero)\b.*", re.IGNORECASE | re.DOTALL
)
GRADE: Final = re.compile(
    r"(?:very |quite |somewhat |clearly |strongly |weakly |moderately )?"
    r"(?:strong|strongly|high|medium|moderate|low|weak|implied|implicit|explicit|primary|secondary"
    r"|yes|true|present|clear|clearly|shown|expressed|demonstrated)",
    re.IGNORECASE,
)
WORDS_OF_NO_VALUE: Final = frozenset(("yes", "no", "true", "false"))
SUBJECTS: Final = frozenset(("i", "it", "he", "she", "they", "we", "you", "this", "these", "there"))
SPEAKERS: Final = ("the assistant", "the ai", "the model", "the user", "the response", "assistant")
_VERBS: Final = """
is are was were am isn't aren't has does did doesn't didn't would should cannot can't because shows
demonstrates expresses exhibits displays seems appears conveys reflects acknowledges provides offers
promotes endorses encourages
"""
VERBS: Final = frozenset(_VERBS.split())
"""Words that make a sentence of more than two words; a value's name would have none of them."""
