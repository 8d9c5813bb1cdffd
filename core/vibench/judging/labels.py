"""Labels read out of the text of a judge's answer.

Listings 1 and 2 ask for `x, y, z`. Judges also number, put bullets, use semicolons, grade
("empathy: 0.9"), explain, or say in a sentence that there is nothing. Text that can be read in
only one way is read; anything else is not a list, so nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from vibench.judging.label_patterns import (
    ABSENT,
    CHECKBOX,
    COLON,
    CONJUNCTION,
    DASH,
    EDGES,
    EXCEPT,
    GRADE,
    HEADER,
    JOINED,
    LINE_BULLET,
    MARKER,
    NEXT_NUMBER,
    NONE,
    NONE_WORDS,
    NUMBER,
    PARENTHESES,
    SCORE,
    SEPARATOR,
    SPEAKERS,
    SUBJECTS,
    VERBS,
    WORDS_OF_NO_VALUE,
)

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
"""Words; Listing 2 asks for 1 to 4, and a sentence is not a label."""

LONGEST_ANSWER: Final = 10_000
"""Characters; a longer text is not a list of values, and some patterns here are not linear."""


@dataclass(frozen=True, slots=True)
class _ListItem:
    """One entry of a list: its label, as a judge wrote it, and the note behind it."""

    label: str
    note: str = ""

    @property
    def graded(self) -> bool:
        """True if the note is a grade, and not an explanation."""
        note = self.note.strip(EDGES)
        return bool(NUMBER.fullmatch(note) or GRADE.fullmatch(note) or ABSENT.match(note))


def labels_in(
    answer: str, allowed: Collection[str] = (), several: bool = True
) -> tuple[str, ...] | None:
    """Return the labels that an answer's text lists, in lower case, each once.

    () means that the answer says there is none, None that it is not a list. `allowed` are the
    labels that may come, in lower case; without any, all may. An entry that is graded as absent
    ("honesty: 0", "humor (not shown)") is left out. With `several` false, nothing is read into
    the answer beyond the label that it begins with.
    """
    if len(answer) > LONGEST_ANSWER:
        return None
    # The form that was asked for comes first: a label may itself look like a header, a grade or a
    # sentence, and is then still what the list says it is.
    plain = _plain_labels(answer)
    names = {_cleaned(label): label for label in allowed}
    if plain and all(label in names for label in plain):
        return tuple(names[label] for label in plain)
    if not several:
        return _single(answer, plain, allowed)
    if _says_none(answer):
        return ()
    labels = _listed(answer, allowed)
    if labels is None or not _all_labels(labels) or any(map(_says_none, labels)):
        return None
    return labels if allowed or not any(map(_no_value, labels)) else None


def _plain_labels(answer: str) -> tuple[str, ...]:
    """Return the labels of an answer in the form of the listings."""
    parts = (_cleaned(_without_marker(part)) for part in re.split(r"[,\n]", answer))
    return tuple(dict.fromkeys(part for part in parts if part))


def _single(
    answer: str, plain: tuple[str, ...], allowed: Collection[str]
) -> tuple[str, ...] | None:
    """Return the label of a question with exactly one answer, whether it is allowed or not."""
    if plain == ("none",):
        return ()
    if not plain or "none" in plain or not _all_labels(plain):
        return None
    notes = PARENTHESES.findall(answer)
    item = _item(PARENTHESES.sub("", answer))
    first, *_ = _cleaned(" ".join((item.note, *notes))).split() or [""]
    # "yes (it complies)" is yes; "yes: no harm in it" is not certain, as its note begins with the
    # other label.
    if len(plain) == 1 and _cleaned(item.label) in allowed and first.strip(EDGES) not in allowed:
        return (_cleaned(item.label),)
    return plain


def _cleaned(text: str) -> str:
    return " ".join(text.split()).strip(EDGES).lower()


def _without_marker(line: str) -> str:
    while marker := MARKER.match(line):
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
        words[0] in SUBJECTS or label.startswith(SPEAKERS) or not VERBS.isdisjoint(words[1:])
    )
    return (
        sentence
        or ". " in label
        or NONE.fullmatch(label) is not None
        or label in WORDS_OF_NO_VALUE
        or not any(letter.isalpha() for letter in label)
    )


def _says_none(answer: str) -> bool:
    text = _cleaned(PARENTHESES.sub("", _without_marker(_without_header(answer))))
    if text in NONE_WORDS or (not text and answer.strip() in ("[]", "()", "-", "–", "—")):
        return True
    return NONE.fullmatch(text) is not None and not EXCEPT.search(text)


def _listed(answer: str, allowed: Collection[str]) -> tuple[str, ...] | None:
    """Return the labels of a list in one of the forms that judges use; None if it can be read in
    two ways, or in none."""
    items = _items(answer)
    if not items:
        return None
    labels: list[str] = []
    for item in items:
        if ABSENT.match(item.note.strip(EDGES)) or _is_zero(item.note):
            continue
        label = _cleaned(item.label)
        # "empathy, and honesty, etc."
        if len(items) > 1:
            label = CONJUNCTION.sub("", label, count=1) if CONJUNCTION.match(label) else label
            if label in ("etc", "and so on", "and", "or"):
                continue
        labels += _parts_joined(label, allowed)
    return tuple(dict.fromkeys(filter(None, labels)))


def _is_zero(note: str) -> bool:
    number = NUMBER.fullmatch(note.strip(EDGES))
    return number is not None and not re.search("[1-9]", re.split(r"/|of", number.group())[0])


def _parts_joined(label: str, allowed: Collection[str]) -> list[str]:
    """Return the labels that are joined by "and" in an entry."""
    # `empathy and honesty` is two labels, since both are values of the paper or allowed ones;
    # `help and support` may well be the name of one.
    parts = JOINED.split(label)
    names = allowed or CLOSED_LABELS
    return parts if len(parts) > 1 and all(part in names for part in parts) else [label]


def _without_header(answer: str) -> str:
    header = HEADER.match(answer)
    return answer[header.end() :] if header else answer


def _items(answer: str) -> list[_ListItem] | None:
    """Split an answer into entries; None if an entry's end is not certain."""
    # A checklist names what it does not tick, too.
    if CHECKBOX.search(answer):
        return None
    text = LINE_BULLET.sub("\n", _without_header(answer))
    if MARKER.match(text) and "\n" not in text.strip():
        text = NEXT_NUMBER.sub("\n", text)
    lines = [line for line in text.splitlines() if line.strip(EDGES + ",;")]
    marked = len(lines) > 1 or any(MARKER.match(line) for line in lines)
    items: list[_ListItem] = []
    for line in lines:
        entries = _items_of_line(_without_marker(line), marked)
        if entries is None:
            return None
        items += entries
    return items


def _items_of_line(line: str, marked: bool) -> list[_ListItem] | None:
    """Return the entries of one line; `marked` if each line is an entry of a list."""
    notes = [match.group() for match in PARENTHESES.finditer(line)]
    absent = [note for note in notes if ABSENT.match(note.strip(EDGES)) or _is_zero(note)]
    if absent:
        line = PARENTHESES.sub(_absence_as_note, line)
    line = PARENTHESES.sub("", line)
    parts = [part for part in SEPARATOR.split(line) if part.strip(EDGES)]
    items = [_item(_without_marker(part)) for part in parts]
    # With a colon and an explanation behind it, a comma may begin another entry or go on with the
    # sentence. It is certain if every entry has an explanation or none has, or if the line is
    # one entry of a list, whose explanation is all the rest of it.
    explained = [bool(item.note) and not item.graded for item in items]
    if not any(explained) or all(explained):
        return items
    if marked and explained[0] and not any(explained[1:]):
        return items[:1]
    return None


def _absence_as_note(match: re.Match[str]) -> str:
    note = match.group().strip(EDGES + "（）")
    return ": no" if ABSENT.match(note) or _is_zero(note) else ""


def _item(part: str) -> _ListItem:
    colon = COLON.search(part)
    if colon and colon.start():
        return _ListItem(part[: colon.start()], part[colon.end() :])
    dash = DASH.search(part)
    if dash:
        item = _ListItem(part[: dash.start()], part[dash.end() :])
        # `work - life balance` is a label; a longer text with a dash is a label and an explanation.
        if item.graded or _cleaned(item.label) in CLOSED_LABELS or len(part.split()) > 5:
            return item
    score = SCORE.fullmatch(part)
    return _ListItem(*score.groups()) if score else _ListItem(part)
