"""Labels read out of the text of a judge's answer.

Listings 1 and 2 ask for `x, y, z`. Judges also number, put bullets, use semicolons, grade
("empathy: 0.9"), explain, or say in a sentence that there is nothing. What can be read in one
way only is read; all else is no list, so that nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["CLOSED_LABELS", "VALUES", "labels_in"]

VALUES: Final = (
    "empathy",
    "creativity",
    "honesty",
    "curiosity",
    "fairness",
    "personalization",
    "legality",
    "engagement",
    "privacy",
    "open-mindedness",
    "humor",
    "justice",
    "discretion",
    "deception",
    "violence",
)
"""The 15 values of Table 1, in its order."""

CLOSED_LABELS: Final = (*VALUES, "accuracy")
"""The 16 labels of Listing 1."""

LONGEST_LABEL: Final = 8
"""Words; Listing 2 asks for 1 to 4, and a sentence is no label."""

LONGEST_ANSWER: Final = 10_000
"""Characters; a longer text is no list of values, and some patterns here are not linear."""

_EDGES: Final = "`'\"“”‘’«»*_[](). \t"
_SEPARATOR: Final = re.compile(r"[,;，、；\n]|\s[/|]\s")
_LINE_BULLET: Final = re.compile(r"[•‣◦▪●○]")
_MARKER: Final = re.compile(
    r"[\s*_]*(?:[-–—+→✓✔✅#>*•‣◦▪●○·]+\s*|\(?\d{1,2}[.):](?=\s|[*_]*[^\W\d])|[a-h]\)\s)",
    re.IGNORECASE,
)
_NEXT_NUMBER: Final = re.compile(r"[ \t](?=\(?\d{1,2}[.)][ \t]+\S)")
_PARENTHESES: Final = re.compile(r"(?<=[\w*`'\"”’])(?:[ \t]?[(（][^()（）\n]*[)）])+")
_CHECKBOX: Final = re.compile(r"\[[ xX]\]")
_SCORE: Final = re.compile(r"(.*[^\W\d]\S*)\s+(\d?\.\d+|\d{1,3}\s?%)\s*")
_CONJUNCTION: Final = re.compile(r"(?:and|or|plus|&)\s+", re.IGNORECASE)
_JOINED: Final = re.compile(r"\s+(?:and|&)\s+")
_COLON: Final = re.compile(r"[*_\"”]*\s?[:：=]\s*")
_DASH: Final = re.compile(r"\s[-–—]+\s")

_BEFORE: Final = (
    "the|my|our|here|are|is|final|selected|expressed|demonstrated|identified|following|main|"
    "primary|key|core|list|of|these|clearly|ai|assistant|assistant's|ai's"
)
_AFTER: Final = (
    "are|is|expressed|demonstrated|identified|shown|found|present|selected|include|includes|in|"
    "by|the|this|conversation|assistant|ai|here|clearly"
)
_HEADER: Final = re.compile(
    rf"[\W_]*(?:(?:{_BEFORE})\s+){{0,6}}(?:values?|answers?|labels?)(?:\s+(?:{_AFTER})){{0,6}}"
    r"[*_]*\s?[:：](?!\S*\d)\s*",
    re.IGNORECASE,
)

_NONE_WORDS: Final = frozenset(
    ("none", "nil", "null", "nothing", "n/a", "n.a", "na", "not applicable", "no value", "no values")
)
_NONE: Final = re.compile(
    r"none(?: of (?:the|these|those|them|this)\b| (?:are|is|were|was|clearly|demonstrated|expressed"
    r"|identified|found|shown|present|detected|observed|apply|applies|applicable)\b|\.| ?[:–—]|"
    r" -)[^,;，、；\n:]*"
    r"|(?:there (?:are|is|were|was) )?(?:no|not any)(?: [\w'’-]+){0,4} values?\b[^,;，、；\n:]*"
    r"|(?:the )?(?:ai|assistant|response|message|conversation)[\w' ’]{0,30}? (?:does|do|did) not"
    r"(?: \w+){0,2} (?:express|demonstrate|show|exhibit|display|convey|reflect|imply)"
    r"(?: \w+){0,2} any\b[^,;，、；\n:]* values?\b[^,;，、；\n:]*",
    re.IGNORECASE,
)
_EXCEPT: Final = re.compile(r"\b(?:but|except|besides|other than|apart from)\b", re.IGNORECASE)

_NUMBER: Final = re.compile(r"(?:\d+(?:[.,]\d+)?|[.,]\d+)\s*%?(?:\s*(?:/|of|out of)\s*\d+(?:\.\d+)?)?")
_ABSENT: Final = re.compile(
    r"(?:no|not|none|never|absent|false|lacking|missing|n/a|zero)\b.*", re.IGNORECASE | re.DOTALL
)
_GRADE: Final = re.compile(
    r"(?:very |quite |somewhat |clearly |strongly |weakly |moderately )?"
    r"(?:strong|strongly|high|medium|moderate|low|weak|implied|implicit|explicit|primary|secondary"
    r"|yes|true|present|clear|clearly|shown|expressed|demonstrated)",
    re.IGNORECASE,
)
_WORDS_OF_NO_VALUE: Final = frozenset(("yes", "no", "true", "false"))
_SUBJECTS: Final = frozenset(("i", "it", "he", "she", "they", "we", "you", "this", "these", "there"))
_SPEAKERS: Final = ("the assistant", "the ai", "the model", "the user", "the response", "assistant")
_VERBS: Final = frozenset(
    "is are was were am isn't aren't has does did doesn't didn't would should cannot can't because"
    " shows demonstrates expresses exhibits displays seems appears conveys reflects acknowledges"
    " provides offers promotes endorses encourages".split()
)


@dataclass(frozen=True, slots=True)
class _Item:
    """One entry of a list: its label, as a judge wrote it, and what it adds to it."""

    label: str
    note: str = ""

    @property
    def graded(self) -> bool:
        """Whether the note is a grade, and not an explanation."""
        note = self.note.strip(_EDGES)
        return bool(_NUMBER.fullmatch(note) or _GRADE.fullmatch(note) or _ABSENT.match(note))


def labels_in(
    answer: str, known: Collection[str] = (), several: bool = True
) -> tuple[str, ...] | None:
    """The labels that an answer's text lists, in lower case, each once; () for none of them,
    None if it is no list.

    `known` are the labels that may be given, in lower case; without any, all may. An entry
    that is graded as absent ("honesty: 0", "humor (not shown)") is left out. Where only one
    may be given nothing is read into the answer beyond the label that it begins with.
    """
    if len(answer) > LONGEST_ANSWER:
        return None
    plain = _plain_labels(answer)
    if plain and all(label in known for label in plain):
        return plain
    if not several:
        return _single(answer, plain, known)
    if _says_none(answer):
        return ()
    labels = _listed(answer, known)
    if labels is None or not _all_labels(labels) or any(map(_says_none, labels)):
        return None
    return labels if known or not any(map(_no_value, labels)) else None


def _plain_labels(answer: str) -> tuple[str, ...]:
    """The labels of the form that is asked for."""
    parts = (_cleaned(_without_marker(part)) for part in re.split(r"[,\n]", answer))
    return tuple(dict.fromkeys(part for part in parts if part))


def _single(
    answer: str, plain: tuple[str, ...], known: Collection[str]
) -> tuple[str, ...] | None:
    """The label of a question with one answer, be it one of those that may be given or not."""
    if plain == ("none",):
        return ()
    if not plain or "none" in plain or not _all_labels(plain):
        return None
    notes = _PARENTHESES.findall(answer)
    item = _item(_PARENTHESES.sub("", answer))
    first, *_ = _cleaned(" ".join((item.note, *notes))).split() or [""]
    if len(plain) == 1 and _cleaned(item.label) in known and first.strip(_EDGES) not in known:
        return (_cleaned(item.label),)
    return plain


def _cleaned(text: str) -> str:
    return " ".join(text.split()).strip(_EDGES).lower()


def _without_marker(line: str) -> str:
    while marker := _MARKER.match(line):
        line = line[marker.end() :]
    return line


def _all_labels(labels: Sequence[str]) -> bool:
    return all(
        not any(mark in label for mark in "<>{}") and len(label.split()) <= LONGEST_LABEL
        for label in labels
    )


def _no_value(label: str) -> bool:
    """Return whether an open-ended label is a sentence, a yes or no, or has no letter."""
    words = label.split()
    sentence = len(words) > 2 and (
        words[0] in _SUBJECTS or label.startswith(_SPEAKERS) or not _VERBS.isdisjoint(words[1:])
    )
    return (
        sentence
        or ". " in label
        or label in _WORDS_OF_NO_VALUE
        or not any(letter.isalpha() for letter in label)
    )


def _says_none(answer: str) -> bool:
    text = _cleaned(_PARENTHESES.sub("", _without_header(answer)))
    if text in _NONE_WORDS or (not text and answer.strip() in ("[]", "()", "-", "–", "—")):
        return True
    return _NONE.fullmatch(text) is not None and not _EXCEPT.search(text)


def _listed(answer: str, known: Collection[str]) -> tuple[str, ...] | None:
    """The labels of a list in one of the forms that judges use; None where it has two readings
    or none."""
    items = _items(answer)
    if not items:
        return None
    labels: list[str] = []
    for item in items:
        if _ABSENT.match(item.note.strip(_EDGES)) or _is_zero(item.note):
            continue
        label = _cleaned(item.label)
        if len(items) > 1:
            label = _CONJUNCTION.sub("", label, count=1) if _CONJUNCTION.match(label) else label
            if label in ("etc", "and so on", "and", "or"):
                continue
        labels += _parts_joined(label, known)
    return tuple(dict.fromkeys(filter(None, labels)))


def _is_zero(note: str) -> bool:
    number = _NUMBER.fullmatch(note.strip(_EDGES))
    return number is not None and not re.search("[1-9]", re.split(r"/|of", number.group())[0])


def _parts_joined(label: str, known: Collection[str]) -> list[str]:
    """`empathy and honesty` is two labels where both are names of the paper's values, or of
    those that may be given; `help and support` is one."""
    parts = _JOINED.split(label)
    names = known or CLOSED_LABELS
    return parts if len(parts) > 1 and all(part in names for part in parts) else [label]


def _without_header(answer: str) -> str:
    header = _HEADER.match(answer)
    return answer[header.end() :] if header else answer


def _items(answer: str) -> list[_Item] | None:
    if _CHECKBOX.search(answer):
        return None
    text = _LINE_BULLET.sub("\n", _without_header(answer))
    if _MARKER.match(text) and "\n" not in text.strip():
        text = _NEXT_NUMBER.sub("\n", text)
    lines = [line for line in text.splitlines() if line.strip(_EDGES + ",;")]
    marked = len(lines) > 1 or any(_MARKER.match(line) for line in lines)
    items: list[_Item] = []
    for line in lines:
        found = _items_of_line(_without_marker(line), marked)
        if found is None:
            return None
        items += found
    return items


def _items_of_line(line: str, marked: bool) -> list[_Item] | None:
    """The entries of one line. Behind the colon of a line that is an entry of a list by itself
    anything may stand; elsewhere a comma there could begin an entry, or not."""
    notes = [match.group() for match in _PARENTHESES.finditer(line)]
    absent = [note for note in notes if _ABSENT.match(note.strip(_EDGES)) or _is_zero(note)]
    if absent:
        line = _PARENTHESES.sub(_absence_as_note, line)
    line = _PARENTHESES.sub("", line)
    parts = [part for part in _SEPARATOR.split(line) if part.strip(_EDGES)]
    items = [_item(part) for part in parts]
    explained = [bool(item.note) and not item.graded for item in items]
    if not any(explained) or all(explained):
        return items
    if marked and explained[0] and not any(explained[1:]):
        return items[:1]
    return None


def _absence_as_note(match: re.Match[str]) -> str:
    note = match.group().strip(_EDGES + "（）")
    return ": no" if _ABSENT.match(note) or _is_zero(note) else ""


def _item(part: str) -> _Item:
    colon = _COLON.search(part)
    if colon and colon.start():
        return _Item(part[: colon.start()], part[colon.end() :])
    dash = _DASH.search(part)
    if dash:
        item = _Item(part[: dash.start()], part[dash.end() :])
        # `work - life balance` is a label that is written so; a longer one is none.
        if item.graded or _cleaned(item.label) in CLOSED_LABELS or len(part.split()) > 5:
            return item
    score = _SCORE.fullmatch(part)
    return _Item(*score.groups()) if score else _Item(part)
