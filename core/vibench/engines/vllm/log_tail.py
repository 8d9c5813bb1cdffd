"""The last lines of an engine's log, for the record of how it ended."""

from __future__ import annotations

import stat
from pathlib import Path

__all__ = ["LogTail"]

LOG = "/proc/self/fd/2"
MAX_LINES = 6
MAX_WIDTH = 300
TAIL_BYTES = 64 * 1024


class LogTail:
    """The log that this process and its children write to standard error from now on.

    It is read only where that is a regular file, as in a run's worker: what went to a terminal
    has been seen already.
    """

    def __init__(self) -> None:
        self._start = self._size()

    def text(self) -> str:
        """Return the last lines as the end of a sentence, or ""."""
        # Where the engine's core is a process of its own, its exception stays there: the error
        # that vLLM raises here only refers to the log.
        size = self._size()
        if size <= self._start:
            return ""
        with Path(LOG).open("rb") as log:
            log.seek(max(self._start, size - TAIL_BYTES))
            text = log.read().decode(errors="replace")
        lines = [line.strip()[:MAX_WIDTH] for line in text.splitlines() if line.strip()]
        # vLLM logs its cleaning up at length, which would hide the lines before.
        lines = [line for line in lines if " INFO " not in line] or lines
        return f" Its last log lines: {' | '.join(lines[-MAX_LINES:])}" if lines else ""

    @staticmethod
    def _size() -> int:
        try:
            status = Path(LOG).stat()
        except OSError:
            return 0
        return status.st_size if stat.S_ISREG(status.st_mode) else 0
