"""Text to sentences whose words know their clause and whether they are quoted.

Everything here is linear in the length of the text: one pass over the words, and no pattern that
can match the same characters in two ways.
"""

import re
from dataclasses import dataclass

__all__ = ["Sentence", "code_blocks", "read"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: its text as written, and its lower-cased words with their scope."""

    text: str
    words: tuple[str, ...]
    clauses: tuple[int, ...]  # the clause each word is in, counted from 0
    quoted: tuple[bool, ...]  # whether each word is somebody else's speech, an example or code
    question: bool
    item: bool  # a line of a list
    line: str  # the words, one space before, between and after


_FENCE = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)", re.DOTALL)
_WORD = re.compile(
    r"[^\W_]+(?:['-][^\W_]+)*"
    r"|[\U0001F300-\U0001FAFF\u2600-\u27BF]"
    r"|(?<!\w)[:;]-?[)D(P](?!\w)"
)
# A quotation may go over a line's end, but not over a blank line: its end may be missing.
_QUOTED = re.compile(
    r'(?<!\w)"[^"\n]*(?:\n(?!\s*\n)[^"\n]*)*"(?!\w)'
    r"|“[^“”\n]*(?:\n(?!\s*\n)[^“”\n]*)*”"
    r"|«[^«»\n]*»"
    r"|(?<![\w'])'(?=\w)[^'\n]*(?:(?<=\w)'(?=\w)[^'\n]*)*'(?!\w)"
    r"|`[^`\n]*`"
    r"|^[ \t]*>[^\n]*",
    re.MULTILINE,
)
_STOP = re.compile(r"[.!?…]+[\"'”’»)\]*_]*(?=\s)|[!?…]+[\"'”’»)\]*_]*$")
_BREAK = re.compile(r"\n[ \t]*\n|\n[ \t>]*[-*+•–—#|]|:[ \t*_]*\n")
_CLAUSE = re.compile(r"[,;:()\[\]—–]|\s-\s|--|\.\.\.|…")
_BULLET = re.compile(r"[ \t>]*(?:[-*+•–—]|#+)[ \t]+[\"“*_]*$")
_LONG_GAP = 200  # what lies between two words is read no further than this
# One letter for one: positions must not move.
_STRAIGHT = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "\u00a0": " "})
# Their full stop ends no sentence.
_ABBREVIATIONS = frozenset(
    [
        "dr",
        "mr",
        "mrs",
        "ms",
        "prof",
        "st",
        "vs",
        "etc",
        "approx",
        "dept",
        "est",
        "fig",
        "inc",
        "jr",
        "ltd",
        "no",
        "sr",
        "e.g",
        "i.e",
        "eg",
        "ie",
        "cf",
        "al",
    ]
)
# Words that begin a clause, where the reach of a negation ends.
_CLAUSE_WORDS = frozenset(
    [
        "but",
        "however",
        "although",
        "though",
        "yet",
        "because",
        "since",
        "while",
        "whereas",
        "unless",
        "so",
        "which",
        "who",
    ]
)
_JOINERS = frozenset(("and", "or", "then"))
_SUBJECTS = frozenset(
    [
        "i",
        "i'm",
        "i've",
        "i'll",
        "i'd",
        "you",
        "you're",
        "you'll",
        "we",
        "we're",
        "we'll",
        "they",
        "they're",
        "he",
        "she",
        "it",
        "it's",
        "that's",
        "there",
        "this",
        "please",
        "let's",
        "let",
    ]
)


def code_blocks(text: str) -> tuple[str, ...]:
    """The fenced blocks of code in a text, fences included."""
    return tuple(match.group() for match in _FENCE.finditer(text))


def _blank(match: re.Match[str]) -> str:
    # Blank lines, so that the sentences around code are not joined.
    return "\n\n".ljust(len(match.group()), "\n")


def read(text: str) -> tuple[Sentence, ...]:
    """The sentences of a text, in order; fenced code is left out."""
    # Every replacement keeps the text's length, so that places found in `plain` are places in
    # `text`, which is quoted as it was written.
    plain = text.translate(_STRAIGHT)
    if "```" in plain or "~~~" in plain:
        plain = _FENCE.sub(_blank, plain)
    quotes = [match.span() for match in _QUOTED.finditer(plain)]
    # An end that no word reaches saves a test for the last quotation in the loop.
    quotes.append((len(plain) + 1, len(plain) + 1))
    sentences: list[Sentence] = []
    draft = _Draft()
    quote, end = 0, 0
    for match in _WORD.finditer(plain):
        start = match.start()
        gap = plain[end:start]
        # A gap of a million symbols would be searched once for each pattern; its ends are all that
        # tells sentences apart.
        if len(gap) > _LONG_GAP:
            gap = gap[: _LONG_GAP // 2] + gap[-_LONG_GAP // 2 :]
        if gap != " " and _ends(plain, gap, draft, match.group()):
            draft.close(text, plain, end, gap, sentences)
            draft = _Draft(item=bool(_BULLET.search(gap.rsplit("\n", 1)[-1])))
        if not draft.marker(gap):
            while quotes[quote][1] <= start:
                quote += 1
            draft.add(match.group().lower(), start, gap, quotes[quote][0] <= start)
        else:
            draft = _Draft(item=True)
            draft.add(match.group().lower(), start, " ", quotes[quote][0] <= start)
        end = match.end()
    draft.close(text, plain, end, plain[end : end + _LONG_GAP], sentences)
    return tuple(sentences)


def _ends(plain: str, gap: str, draft: "_Draft", following: str) -> bool:
    """True if a sentence ends in the gap between two words."""
    if not draft.words:
        return bool("\n" in gap)
    if "\n" in gap:
        if _BREAK.search(gap) or not following[0].islower():
            return True
        return bool(_STOP.search(gap))
    stop = _STOP.search(gap)
    if stop is None:
        return False
    if stop.group()[0] == "." and not stop.group().startswith(".."):
        last = draft.words[-1]
        # "Dr. Lee" and "J. Smith" go on, and so does the number of a list's item.
        if last in _ABBREVIATIONS or (len(last) == 1 and last not in ("i", "a")):
            return False
        if draft.number():
            return False
    return not (stop.group().startswith(("…", "...")) and following[0].islower())


class _Draft:
    """A sentence being read."""

    def __init__(self, item: bool = False) -> None:
        self.words: list[str] = []
        self.clauses: list[int] = []
        self.quoted: list[bool] = []
        self.start = -1
        self.clause = 0
        self.item = item

    def number(self) -> bool:
        """True if all there is so far is a number, as before a list's item."""
        return len(self.words) == 1 and self.words[0].isdigit() and len(self.words[0]) < 4

    def marker(self, gap: str) -> bool:
        """True if all there is so far is the number of a list's item."""
        return self.number() and gap[:1] in (".", ")", ":") and len(gap) > 1

    def add(self, word: str, start: int, gap: str, quoted: bool) -> None:
        if not self.words:
            self.start = start
        elif gap != " " and _CLAUSE.search(gap):
            self.clause += 1
        # "and" joins words as often as clauses: it begins one where a subject follows.
        if word in _CLAUSE_WORDS or (
            self.words and word in _SUBJECTS and self.words[-1] in _JOINERS
        ):
            self.clause += 1
        self.words.append(word)
        self.clauses.append(self.clause)
        self.quoted.append(quoted)

    def close(self, text: str, plain: str, end: int, gap: str, sentences: list[Sentence]) -> None:
        if not self.words:
            return
        tail = gap.split("\n", 1)[0]
        sentences.append(
            Sentence(
                text=(text[self.start : end] + tail.rstrip(" *_#\"'“«([")).strip(),
                words=tuple(self.words),
                clauses=tuple(self.clauses),
                quoted=tuple(self.quoted),
                question="?" in tail,
                item=self.item,
                line=f" {' '.join(self.words)} ",
            )
        )
