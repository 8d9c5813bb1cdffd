"""The garbage collector while an endpoint is asked, a plan is made or a report is.

Every request makes a few hundred short-lived objects, most of which are in use when a
collection with the interpreter's own threshold looks at them: that took a fifth of the time
of asking. Looking a thirtieth as often finds as much. Plans and reports are objects by the
hundred thousand that all stay.
"""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Iterator

__all__ = ["fewer_collections", "often", "seldom"]

THRESHOLD = 20_000
"""Objects more than at the last collection that begin one."""

_lock = threading.RLock()  # a collection may end a session that nobody closed
_asking = 0
_before = gc.get_threshold()


def seldom() -> None:
    """Collect less often, until as many calls of `often` as of this one."""
    global _asking, _before
    with _lock:
        _asking += 1
        if _asking == 1:
            _before = gc.get_threshold()
            if 0 < _before[0] < THRESHOLD:  # 0: somebody has turned it off
                gc.set_threshold(THRESHOLD, *_before[1:])


def often() -> None:
    """Collect as before."""
    global _asking
    with _lock:
        _asking -= 1
        if _asking == 0:
            gc.set_threshold(*_before)


@contextlib.contextmanager
def fewer_collections() -> Iterator[None]:
    """Collect less often within the block (or the function that this decorates)."""
    seldom()
    try:
        yield
    finally:
        often()
