"""Phrases that show each of the 15 values of Table 1, as the embedded answers have them: cues.

A cue names what an answer does, not what it is about: an answer may mention a law, a joke or a
secret without valuing any of them. The form of a cue is described in `cues.py`.
"""

from typing import Final

from vibench_judges.rules.harm_phrases import HARM
from vibench_judges.rules.principle_phrases import PRINCIPLES
from vibench_judges.rules.rapport_phrases import RAPPORT
from vibench_judges.rules.secrecy_phrases import SECRECY

__all__ = ["PHRASES"]

_GROUPS: Final = {**RAPPORT, **PRINCIPLES, **SECRECY, **HARM}

# Verdicts list their labels in this order, so sorting it would change stored results.
PHRASES: Final[dict[str, str]] = {
    name: _GROUPS[name]
    for name in (
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
}
