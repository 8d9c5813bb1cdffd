"""Cues: patterns of whole words, found in sentences in time that hardly grows with the lexicon.

A cue is a line of words. `a|b` and `(a b|c)` are alternatives, `word?` may be missing, `word*`
is any word that begins so, `..` is up to three words and `...` up to seven. Marks before a cue:
`?` only in a question, `!` only in a statement, `^` only at a sentence's start, `$` only at its
end, `=` negation before it is part of the cue's own meaning or does not matter.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from vibench_judges.rules.negation import negated
from vibench_judges.rules.sentences import Sentence

__all__ = ["Cue", "Hit", "Lexicon"]

_GAPS: Final = {"..": r"(?:\S+ ){0,3}?", "...": r"(?:\S+ ){0,7}?"}
_ELEMENT = re.compile(r"\([^()]*\)\??|\S+")
_KEY: Final = 4  # a word is looked up by its first letters, so that `word*` can be looked up too


@dataclass(frozen=True, slots=True)
class Cue:
    """One pattern, what it speaks for and how strongly (1 is enough on its own)."""

    name: str
    source: str
    weight: float
    regex: re.Pattern[str]
    needs: tuple[frozenset[str], ...]  # of each set, a sentence must hold one key
    marks: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A cue found in a sentence, at the words from `first` up to but not including `last`."""

    cue: Cue
    first: int
    last: int


def _alternatives(element: str) -> list[str]:
    return [part.strip() for part in element.strip("()?").split("|") if part.strip()]


def _word_pattern(alternative: str) -> str:
    return " ".join(re.escape(word).replace(r"\*", r"\S*") for word in alternative.split())


def _keys(alternatives: Iterable[str]) -> frozenset[str] | None:
    """The lookup keys of an element: one per alternative, its longest word's; None if unusable."""
    keys = set()
    for alternative in alternatives:
        # A pattern whose first letters are open cannot be looked up.
        usable = [w for w in alternative.split() if "*" not in w[: _KEY + 1].rstrip("*") + "|"]
        usable = [w for w in usable if "*" not in w or len(w.rstrip("*")) >= _KEY]
        if not usable:
            return None
        keys.add(max(usable, key=len)[:_KEY].rstrip("*"))
    return frozenset(keys)


def parse(name: str, source: str, weight: float) -> Cue:
    """A cue from its line of words."""
    marks = source[: len(source) - len(source.lstrip("?!^$="))]
    # Every word has a space before and after, which stand in for word boundaries.
    pattern = [" "]
    needs: list[frozenset[str]] = []
    for element in _ELEMENT.findall(source[len(marks) :]):
        if element in _GAPS:
            pattern.append(_GAPS[element])
            continue
        alternatives = _alternatives(element)
        body = "|".join(_word_pattern(each) for each in alternatives)
        if element.endswith("?"):
            pattern.append(f"(?:(?:{body}) )?")
            continue
        pattern.append(f"(?:{body}) ")
        keys = _keys(alternatives)
        if keys is not None:
            needs.append(keys)
    if "$" in marks:
        pattern.append("$")
    # Such a cue would be searched in every sentence.
    if not needs:
        raise ValueError(f"the cue {source!r} has no word it can be looked up by")
    # The rarest word comes first: sentences are looked up by it, and most hold none of them.
    needs.sort(key=_commonness)
    return Cue(name, source, weight, re.compile("".join(pattern)), tuple(needs), marks)


def _commonness(keys: frozenset[str]) -> tuple[int, int]:
    """Return roughly how common the words behind these keys are: short words, and many of them."""
    return (sum(4 if len(key) < _KEY else 1 for key in keys), len(keys))


class Lexicon:
    """Cues of several names, looked up by the rarest word each must hold."""

    def __init__(self, cues: Iterable[Cue]) -> None:
        self.cues = tuple(cues)
        index: dict[str, list[Cue]] = {}
        for cue in self.cues:
            for key in cue.needs[0]:
                index.setdefault(key, []).append(cue)
        self._index: Mapping[str, list[Cue]] = index

    @classmethod
    def of(cls, lines: Mapping[str, Iterable[tuple[float, str]]]) -> "Lexicon":
        """A lexicon from lines of cues; several to a string, blank lines and `#` skipped."""
        cues = []
        for name, groups in lines.items():
            for weight, block in groups:
                for line in block.splitlines():
                    source = line.strip()
                    if source and not source.startswith("#"):
                        cues.append(parse(name, source, weight))
        return cls(cues)

    def _candidates(self, keys: frozenset[str]) -> list[Cue]:
        index = self._index
        # A cue with alternatives is in the index more than once.
        seen: dict[int, Cue] = {}
        for key in keys:
            for cue in index.get(key, ()):
                if all(not keys.isdisjoint(need) for need in cue.needs):
                    seen[id(cue)] = cue
        return list(seen.values())

    def find(self, sentence: Sentence, quoted: bool = False) -> Iterator[Hit]:
        """The cues a sentence holds, leaving out quoted (unless asked) and negated ones."""
        # Hundreds of patterns are searched only where the sentence holds a key of each of their
        # words.
        keys = frozenset(word[:_KEY] for word in sentence.words)
        for cue in self._candidates(keys):
            if "?" in cue.marks and not sentence.question:
                continue
            if "!" in cue.marks and sentence.question:
                continue
            for match in cue.regex.finditer(sentence.line):
                # The line has one space before each word, so spaces count words.
                first = sentence.line.count(" ", 0, match.start())
                last = first + match.group().count(" ") - 1
                # Later matches lie further on, so none of them is at the start.
                if "^" in cue.marks and first > 0:
                    break
                if not quoted and any(sentence.quoted[first:last]):
                    continue
                if "=" not in cue.marks and negated(sentence, first):
                    continue
                yield Hit(cue, first, last)
                break
