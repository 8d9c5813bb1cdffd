"""What can go wrong, in one place.

VibenchError            `exit_code` is what a command ends with
├── UsageError          the user can mend it: exit code 2, one sentence and a hint
│   ├── SpecError       what was asked for cannot be read or does not fit together
│   ├── UnknownName     a name that nothing goes by
│   ├── RegistryError   the catalogue or an overlay of it is broken
│   ├── DataError       a data file is missing or has a broken row
│   ├── PluginError     a plugin that a run names cannot be used
│   ├── MissingExtra    an optional dependency is not installed
│   └── StoreError      the store cannot be read or written
│       └── StoreFault  not now, for a cause that may pass: exit code 1
└── StageError          one stage failed; it is recorded and the others go on
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import ClassVar

__all__ = [
    "DataError",
    "MissingExtra",
    "PluginError",
    "RegistryError",
    "SpecError",
    "StageError",
    "StoreError",
    "StoreFault",
    "UnknownName",
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


class UsageError(VibenchError):
    """Something the user can mend. `message` says what, `hint` says what to do."""


class SpecError(UsageError):
    """The matrix, a flag or a parameter is wrong."""


class RegistryError(UsageError):
    """registry.toml or an overlay is broken; the message names file and key."""


class DataError(UsageError):
    """A data file is missing or one of its rows is broken; the message names both."""


class PluginError(UsageError):
    """A plugin that was asked for cannot be loaded or breaks its contract."""


class StoreError(UsageError):
    """The store cannot be read or written."""


class StoreFault(StoreError):
    """The store could not be read or written this time: too many open files, a full disk, a
    network that was away. The input is not wrong, and nothing in the store was changed."""

    exit_code = 1


class UnknownName(UsageError):
    """A name that nothing goes by; the hint offers what is near or all there is."""

    def __init__(self, kind: str, name: str, known: Iterable[str], more: str = "") -> None:
        names = sorted(known)
        near = difflib.get_close_matches(name, names, n=3, cutoff=0.6)
        if near:
            hint = f"Did you mean {' or '.join(near)}?"
        elif names:
            hint = f"Known: {', '.join(names[:30])}{', ...' if len(names) > 30 else ''}."
        else:
            hint = f"There is no {kind} at all."
        super().__init__(f"There is no {kind} called '{name}'.", f"{hint} {more}".strip())


class MissingExtra(UsageError):
    """An optional dependency is not installed; the hint is the install command."""

    def __init__(self, what: str, extra: str, module: str) -> None:
        super().__init__(
            f"{what} needs the Python package '{module}', which is not installed.",
            f"Install it with: pip install 'vibench[{extra}]'",
        )


class StageError(VibenchError):
    """A stage failed. The cause is kept in the run's record."""

    exit_code = 1
