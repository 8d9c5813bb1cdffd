"""The last lines of the log that an engine writes, for the record of how it ended."""

from __future__ import annotations

import stat
from pathlib import Path

__all__ = ["LastWords"]

LOG = "/proc/self/fd/2"
LINES = 6
WIDTH = 300
TAIL = 64 * 1024


class LastWords:
    """Reads what this process and its children wrote to standard error since its making.

    Only where that is a regular file, as in a run's worker: what went to a terminal has
    been seen already.
    """

    def __init__(self) -> None:
        self._start = self._size()

    def said(self) -> str:
        """The last lines as the end of a sentence, or nothing."""
        size = self._size()
        if size <= self._start:
            return ""
        with Path(LOG).open("rb") as log:
            log.seek(max(self._start, size - TAIL))
            text = log.read().decode(errors="replace")
        lines = [line.strip()[:WIDTH] for line in text.splitlines() if line.strip()]
        # How vLLM clears up is told at length and hides what came before.
        lines = [line for line in lines if " INFO " not in line] or lines
        return f" Its last log lines: {' | '.join(lines[-LINES:])}" if lines else ""

    @staticmethod
    def _size() -> int:
        try:
            status = Path(LOG).stat()
        except OSError:
            return 0
        return status.st_size if stat.S_ISREG(status.st_mode) else 0
