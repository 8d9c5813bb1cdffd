"""Samples on which the code of a plugin raised: unscored, counted, and held to a bound.

    scratch/KEY/broken.jsonl           while a stage is done, and after it has failed
    artefacts/KIND/KEY/broken.jsonl    beside its result, once it is made

A line holds the plugin, the place, the sample, the cause and the traceback.
"""

from __future__ import annotations

import json
import traceback
from typing import TYPE_CHECKING, Any

from vibench.errors import StageError
from vibench.hooks import cause
from vibench.plugin_errors import title

if TYPE_CHECKING:
    from pathlib import Path

    from vibench.sessions.configs import PluginConfig
    from vibench.sessions.stage_work import StageWork

__all__ = ["BROKEN", "ENOUGH", "Defects", "broken", "is_broken", "traceback_of"]

BROKEN = "broken"
"""How the cause of what is unscored for a plugin's own fault begins."""

FILE = "broken.jsonl"
ENOUGH = 20
"""How many must break before a stage is given up early."""

LONGEST = 300
"""Characters of a cause; its traceback has the rest."""


def broken(error: Exception) -> str:
    """The cause by which a sample is unscored that plugin code raised on, in one line."""
    return f"{BROKEN}: {' '.join(cause(error).split())}"[:LONGEST]


def is_broken(reason: str | None) -> bool:
    """Tell such a cause from others."""
    return reason is not None and reason.startswith(f"{BROKEN}:")


def traceback_of(error: Exception) -> str:
    """An exception's traceback, as Python prints it."""
    return "".join(traceback.format_exception(error))


class Defects:
    """The samples of one stage that one plugin's code raised on."""

    def __init__(self, work: StageWork, plugin: PluginConfig, share: float, total: int) -> None:
        """`share` is the bound, `total` how many samples, or about how many questions, there
        are."""
        self.name = title(work.plugins.entry(plugin.kind, plugin.name))
        self.bound = share
        self.total = total
        self.causes: dict[str, str] = {}
        self._work = work
        self._first = ""
        self._places: set[tuple[str, str]] = set()

    @property
    def count(self) -> int:
        """The number of samples, or questions about samples, on record."""
        return len(self._places)

    def add(self, sample: str, step: str, error: Exception) -> str:
        """Put a sample on record; return the cause by which it is unscored."""
        self.record(sample, step, broken(error), traceback_of(error))
        return self.causes[sample]

    def record(self, sample: str, step: str, reason: str, details: str) -> None:
        """The same, for an exception that was caught elsewhere."""
        # The first is quoted in the error; people look at one traceback, not at a thousand.
        self._first = self._first or f"{step} of '{sample}': {reason.partition(': ')[2]}"
        self.causes.setdefault(sample, reason)
        self._places.add((sample, step))
        row = {"plugin": self.name, "place": step, "sample": sample, "cause": reason}
        file = self._work.store.scratch(self._work.stage.key) / FILE
        with self._work.store.explained(), file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps({**row, "traceback": details}, ensure_ascii=False) + "\n")

    def check_early(self, seen: int) -> None:
        """Raise StageError where most of what was seen broke, rather than ask all the rest."""
        # Early, for each question may cost money: an eval that raises on everything is found out
        # after twenty.
        if self.count >= ENOUGH and 2 * self.count > seen:
            self.check(max(self.total, seen))

    def check(self, total: int) -> None:
        """Raise StageError if the share of samples that broke is above the bound."""
        if self.count <= self.bound * total:
            return
        file = self._work.store.scratch(self._work.stage.key) / FILE
        raise StageError(
            f"{self.name} broke on {self.count:,} of {total:,}, which is more than --max-errors "
            f"{self.bound:g} allows. The first: {self._first}. The tracebacks are in {file}"
        )

    def adopt(self, sample: str, reason: str) -> None:
        """Count a sample that is on record since an earlier life of the stage."""
        if sample not in self.causes:
            self.causes[sample] = reason
            self._places.add((sample, ""))
            self._first = self._first or f"'{sample}': {reason.partition(': ')[2]}"

    def facts(self, folder: Path) -> dict[str, Any]:
        """The count for the manifest, where there is any; the record is copied beside the
        result in `folder`, each line once."""
        if not self.causes:
            return {}
        source = self._work.store.scratch(self._work.stage.key) / FILE
        if source.is_file():
            # A resumed stage records again what it meets again; the copy beside the result has
            # each once.
            lines = dict.fromkeys(source.read_text(encoding="utf-8").splitlines())
            text = "".join(f"{line}\n" for line in lines)
            (folder / FILE).write_text(text, encoding="utf-8")
        return {BROKEN: self.count}
