"""Values named in free text: what a judge is shown, and one spelling for each name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from vibench.preferences.value_names import AMERICAN, ISE, ISE_KEPT, KEPT, SINGULAR
from vibench.records import Message, PreferencePair
from vibench.thoughts import split

__all__ = ["normalise", "normalised", "response_messages"]

EDGES = " \t\r\n\"'`´‘’“”«»*_.,;:!?()[]{}<>#•·-–—/\\"
BREAKS = re.compile(r"[\s_\-‐-―−]+")


def response_messages(pair: PreferencePair, side: str) -> tuple[Message, ...]:
    """The conversation a judge of values sees: the prompt and one side's response, without
    thoughts."""
    response = pair.chosen if side == "chosen" else pair.rejected
    return tuple(map(_answer, (*pair.prompt, Message("assistant", response))))


def _answer(message: Message) -> Message:
    """A message without the thought that an assistant's may begin with."""
    if message.role != "assistant":
        return message
    return Message("assistant", split(message.content, lone=True).answer)


@lru_cache(maxsize=65536)  # Judges name the same few thousand values over and over.
def normalise(value: str) -> str:
    """One spelling for one value, so that the open-ended names of a judge can be counted.

    1. Compatibility characters and case are folded; marks and spaces at the edges go.
    2. Spaces, underscores and dashes of any kind become one hyphen:
       "Open mindedness" -> "open-mindedness".
    3. The last word loses its plural: "boundaries" -> "boundary". Words that end in -ss,
       -us, -is, -ics or -ous, and those in `value_names.KEPT`, are singular as they are.
    4. British spelling becomes American: -ise and its kin, but for the stems in
       `value_names.ISE_KEPT`, and the stems in `value_names.AMERICAN` ("humour" -> "humor",
       "personalisation" -> "personalization", "prioritising" -> "prioritizing").

    Only spelling is changed: "empathetic" stays apart from "empathy". Idempotent; "" for a
    string without a letter or digit.
    """
    previous, name = None, value
    while name != previous:  # folding one character may open the way for another rule
        previous, name = name, _once(name)
    return name


def normalised(values: Iterable[str]) -> list[str]:
    """The spellings that `normalise` gives, sorted, each once."""
    return sorted(set(map(normalise, values)))


def _once(value: str) -> str:
    text = unicodedata.normalize("NFKC", value).casefold().strip(EDGES)
    words = [w for w in (part.strip(EDGES) for part in BREAKS.split(text)) if w]
    if words:
        words[-1] = _singular(words[-1])
    return "-".join(_american(word) for word in words)


def _singular(word: str) -> str:
    if len(word) < 4 or word in KEPT or not word.endswith("s"):
        return word
    for ending, replacement in SINGULAR:
        if word.endswith(ending):
            return word.removesuffix(ending) + replacement
    return word


def _american(word: str) -> str:
    for british, american in AMERICAN:
        word = word.replace(british, american)
    parts = ISE.fullmatch(word)
    if parts is None or ISE_KEPT.fullmatch(parts[1]):
        return word
    return f"{parts[1]}iz{parts[2]}"
