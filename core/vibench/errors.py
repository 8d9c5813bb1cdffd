"""The errors that vibench raises on purpose, in one place.

VibenchError            `exit_code` is what a command ends with
├── UsageError          the user can correct it: exit code 2, one sentence and a hint
│   ├── SpecError       what was asked for cannot be read or does not fit together
│   ├── UnknownName     a name that nothing goes by
│   ├── RegistryError   the catalogue or an overlay of it is broken
│   ├── DataError       a data file is missing or has a broken row
│   ├── PluginError     a plugin that a run names cannot be used
│   ├── MissingExtra    an optional dependency is not installed
│   ├── UnreachableError  a network, the hub or an endpoint, not now: exit code 1
│   └── StoreError      the store cannot be read or written
│       └── StoreFault  not now, for a cause that may pass: exit code 1
└── StageError          one stage failed; it is recorded and the others go on: exit code 1
    ├── EndpointError   an endpoint is not asked any more: an outage, spent credit or budget
    └── UnansweredError some requests failed temporarily; the rest is on record
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from vibench.text import echoed

__all__ = [
    "DataError",
    "EndpointError",
    "MissingExtra",
    "PluginError",
    "RegistryError",
    "SpecError",
    "StageError",
    "StoreError",
    "StoreFault",
    "UnansweredError",
    "UnknownName",
    "UnreachableError",
    "UsageError",
    "VibenchError",
]


class VibenchError(Exception):
    """Base of every error vibench raises on purpose."""

    exit_code: ClassVar[int] = 2
    """What a command ends with: 2 where the input is wrong, 1 where it is not."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


MAX_LENGTH, MAX_HINT = 600, 1200
"""Characters to show of an error about what was typed, and of its hint."""


class UsageError(VibenchError):
    """An error that the user can correct. `message` is what is wrong, `hint` what to do.

    Both may hold what the user typed, or what a file holds: control characters in it are
    escaped, and what is too long to read is shortened.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        lines = hint.split("\n") if len(hint) <= MAX_HINT else [hint]
        hint_lines = "\n".join(echoed(line, MAX_HINT) for line in lines)
        super().__init__(echoed(message, MAX_LENGTH), hint_lines)


class SpecError(UsageError):
    """The matrix, a flag or a parameter is wrong."""


class RegistryError(UsageError):
    """registry.toml or an overlay is broken; the message names file and key."""


class DataError(UsageError):
    """A data file is missing or one of its rows is broken; the message names both."""


class PluginError(UsageError):
    """A plugin of the run cannot be loaded or breaks its contract."""


class StoreError(UsageError):
    """The store cannot be read or written."""


class StoreFault(StoreError):
    """The store could not be read or written this time: too many open files, a full disk, a
    lost network. The input is right, and nothing in the store was changed."""

    exit_code = 1


class UnreachableError(UsageError):
    """A network, the hub or an endpoint could not be reached this time; nothing was made."""

    exit_code = 1


class UnknownName(UsageError):
    """A name that does not exist; the hint offers similar names, or all of them."""

    def __init__(self, kind: str, name: str, names: Iterable[str], advice: str = "") -> None:
        names = sorted(names)
        near = difflib.get_close_matches(name, names, n=3, cutoff=0.6)
        if near:
            hint = f"Did you mean {' or '.join(near)}?"
        elif names:
            hint = f"Known: {', '.join(names[:30])}{', ...' if len(names) > 30 else ''}."
        else:
            hint = f"There is no {kind} at all."
        super().__init__(f"There is no {kind} called '{echoed(name)}'.", f"{hint} {advice}".strip())


class MissingExtra(UsageError):
    """An optional dependency is not installed; the hint is the install command."""

    def __init__(self, what: str, extra: str, module: str) -> None:
        super().__init__(
            f"{what} needs the Python package '{module}', which is not installed.",
            f"Install it with: pip install 'vibench[{extra}]'",
        )


class StageError(VibenchError):
    """A stage failed. The run's record holds the cause."""

    exit_code = 1


class EndpointError(StageError):
    """An endpoint cannot be used for now: an outage, spent credit, a budget that is reached. It
    would stop every stage that needs the endpoint."""


class UnansweredError(StageError):
    """Some of a stage's requests failed temporarily.

    Such failures are not results: the stage is not finished, its answers are saved, and
    rerunning the command repeats only the failed requests. `requests` is their kind
    ("conversations"), `causes` counts the failures by cause.
    """

    def __init__(self, requests: str, total: int, causes: Mapping[str, int]) -> None:
        self.requests, self.total, self.causes = requests, total, dict(causes)
        super().__init__(
            f"{sum(causes.values()):,} of {total:,} {requests} failed temporarily: "
            f"{_causes_in_words(causes)}.",
            "Answers so far are kept. Rerun the same command to ask only the rest.",
        )

    @classmethod
    def of(cls, errors: Sequence[UnansweredError]) -> UnansweredError:
        """Return the sum of several stages' errors about the same kind of requests."""
        causes: Counter[str] = Counter()
        for error in errors:
            causes.update(error.causes)
        return cls(errors[0].requests, sum(error.total for error in errors), causes)


SHOWN_CAUSES = 4
"""Causes to show in an error; the others are counted."""


def _causes_in_words(causes: Mapping[str, int]) -> str:
    """Return the causes with their counts, the most frequent first."""
    examples: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for cause, count in causes.items():
        # Causes often differ in a number alone (an attempt, a request's ID): one example of
        # each kind tells the reader as much as a thousand of them.
        kind = re.split(r"[\d(]", cause, maxsplit=1)[0]
        examples.setdefault(kind, cause)
        counts[kind] += count
    ranked = counts.most_common()
    words = [f"{examples[kind].rstrip('.')}, {count:,}x" for kind, count in ranked[:SHOWN_CAUSES]]
    rest = sum(count for _, count in ranked[SHOWN_CAUSES:])
    return "; ".join([*words, f"other causes, {rest:,}x"] if rest else words)
