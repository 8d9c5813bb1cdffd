"""The garbage collector, called less often while many objects are made that stay in use.

Every request makes a few hundred short-lived objects, most of which are in use when a
collection with the interpreter's own threshold looks at them: that took a fifth of the time of
a request. Collecting a thirtieth as often frees as much. Plans and reports are hundreds of
thousands of objects, all of which stay in use.
"""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Iterator

__all__ = ["collect_as_before", "collect_seldom", "fewer_collections"]

THRESHOLD = 20_000
"""New objects since the last collection that start another one."""

# Reentrant: a collection that starts under the lock may end a session that nobody closed, whose
# end takes the lock again.
_lock = threading.RLock()
_users = 0
_before = gc.get_threshold()


def collect_seldom() -> None:
    """Collect less often, until `collect_as_before` has been called as often as this."""
    global _users, _before
    with _lock:
        _users += 1
        if _users == 1:
            _before = gc.get_threshold()
            if 0 < _before[0] < THRESHOLD:  # 0: the collector is off, and stays so.
                gc.set_threshold(THRESHOLD, *_before[1:])


def collect_as_before() -> None:
    """Collect as before, if this was the last that wanted otherwise."""
    global _users
    with _lock:
        _users -= 1
        if _users == 0:
            gc.set_threshold(*_before)


@contextlib.contextmanager
def fewer_collections() -> Iterator[None]:
    """Collect less often within the block (or the function that this decorates)."""
    collect_seldom()
    try:
        yield
    finally:
        collect_as_before()
