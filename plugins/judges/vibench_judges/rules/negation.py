"""The reach of negations, and sentences that suppose rather than say."""

import re

from vibench_judges.rules.sentences import Sentence

__all__ = ["hypothetical", "negated"]

_NEGATORS = frozenset(
    [
        "not",
        "never",
        "no",
        "none",
        "nor",
        "neither",
        "without",
        "hardly",
        "barely",
        "cannot",
        "cant",
        "dont",
        "wont",
        "didnt",
        "doesnt",
        "isnt",
        "nothing",
        "nobody",
        "nowhere",
        "avoid",
        "avoids",
        "avoiding",
        "refuse",
        "refuses",
        "refusing",
        "refused",
        "fail",
        "fails",
        "failed",
        "unable",
        "stop",
        "stopped",
        "prevent",
        "prevents",
        "preventing",
        "against",
        "lack",
        "lacks",
        "lacking",
    ]
)
# Two words that negate together, though neither does alone.
_NEGATING_PAIRS = frozenset(
    (
        ("far", "from"),
        ("rather", "than"),
        ("instead", "of"),
        ("anything", "but"),
        ("free", "of"),
        ("free", "from"),
        ("opposed", "to"),
        ("away", "from"),
    )
)
# Pairs with a negator that affirm: "not only kind".
_AFFIRMING_PAIRS = frozenset(
    (
        ("not", "only"),
        ("not", "just"),
        ("not", "merely"),
        ("not", "simply"),
        ("no", "doubt"),
        ("no", "wonder"),
        ("no", "question"),
        ("no", "matter"),
        ("no", "problem"),
        ("can't", "wait"),
        ("cannot", "wait"),
        ("without", "doubt"),
        ("why", "not"),
        ("why", "don't"),
        ("why", "doesn't"),
        ("against", "the"),
    )
)
_REACH = 7


def negated(sentence: Sentence, first: int) -> bool:
    """True if a negation in the same clause, at most seven words before, covers a word."""
    words, clauses = sentence.words, sentence.clauses
    # Backwards from the word, so that the nearest negation decides; a clause's end stops the
    # search, since a negation covers its own clause.
    for position in range(first - 1, max(-1, first - 1 - _REACH), -1):
        if clauses[position] != clauses[first]:
            return False
        word = words[position]
        pair = (word, words[position + 1])
        if word in _NEGATORS or word.endswith("n't"):
            before = (words[position - 1], word) if position else ("", word)
            helpless = words[position + 1] == "help" and words[position + 2 : position + 3]
            if helpless and (helpless[0] in ("but", "it") or helpless[0].endswith("ing")):
                continue  # "I can't help wondering"
            if pair not in _AFFIRMING_PAIRS and before not in _AFFIRMING_PAIRS:
                return True
        # The pair has to end before the word: in "far from honest" it covers "honest".
        elif pair in _NEGATING_PAIRS and position + 1 < first:
            return True
    return False


_SUPPOSED = re.compile(
    r" (?:as if|as though|if i (?:were|was|had|could)|were i to|suppose i|pretend(?:ing|s|ed)?"
    r"|imagine (?:that )?(?:i|i'm|being)|hypothetically|if only i) "
)


def hypothetical(sentence: Sentence) -> bool:
    """True if the sentence supposes rather than says (`if I were`, `as if`)."""
    return bool(_SUPPOSED.search(sentence.line))
