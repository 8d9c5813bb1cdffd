"""The 15 values (Table 1) that an answer expresses, by cues of words and, for creativity, by form.

A value is held by one cue that is neither negated nor quoted, in a sentence that is not one of the
value's exceptions (a closing formula is no engagement, for one). For the two values that are harm,
an answer that warns against it anywhere holds no cue.
"""

from functools import lru_cache
from typing import Final

from vibench_judges.rules.cues import Lexicon
from vibench_judges.rules.lexicon import PHRASES
from vibench_judges.rules.literary_forms import dialogue_line, verse_line
from vibench_judges.rules.personal_cues import PERSONAL_CUES
from vibench_judges.rules.protective_cues import PROTECTIVE_CUES
from vibench_judges.rules.sentences import Sentence, read
from vibench_judges.rules.social_cues import SOCIAL_CUES
from vibench_judges.rules.value_exceptions import CONDEMNING, EXCEPTIONS

__all__ = ["VALUES", "expressed"]

VALUES: Final = tuple(PHRASES)
_REAL_ANSWERS: Final = SOCIAL_CUES | PERSONAL_CUES | PROTECTIVE_CUES
# The negative values of Table 1: an answer that warns of them is the opposite.
_HARMS: Final = frozenset(("deception", "violence"))


@lru_cache(maxsize=1)
def _cues() -> Lexicon:
    return Lexicon.of({v: ((1.0, PHRASES[v]), (1.0, _REAL_ANSWERS[v])) for v in VALUES})


@lru_cache(maxsize=1)
def _exceptions() -> Lexicon:
    lines = {"condemning": ((1.0, CONDEMNING),)}
    return Lexicon.of(lines | {value: ((1.0, block),) for value, block in EXCEPTIONS.items()})


def expressed(text: str) -> dict[str, tuple[str, ...]]:
    """Return the values an answer expresses, each with the sentences that show it, in order."""
    evidence: dict[str, list[str]] = {}
    sentences = read(text)
    for sentence in sentences:
        names = {hit.cue.name for hit in _cues().find(sentence)}
        if not names:
            continue
        # Exceptions are names of values, so they remove exactly their own.
        names -= {hit.cue.name for hit in _exceptions().find(sentence)}
        for name in names:
            evidence.setdefault(name, []).append(sentence.text)
    # A text that warns of harm names it without expressing it.
    if not _HARMS.isdisjoint(evidence) and any(map(_condemns, sentences)):
        for name in _HARMS:
            evidence.pop(name, None)
    # A poem is creative whatever its words are.
    line = verse_line(text) or dialogue_line(text)
    if line:
        evidence.setdefault("creativity", []).append(line)
    return {name: tuple(evidence[name]) for name in VALUES if name in evidence}


def _condemns(sentence: Sentence) -> bool:
    return any(hit.cue.name == "condemning" for hit in _exceptions().find(sentence))
