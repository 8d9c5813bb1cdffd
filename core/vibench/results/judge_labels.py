"""The labels of judges in reports: the plugin's name and, where it is not the plugin's own, the
model that judged and the engine that ran it.

The label is the judge's identity in a report. Verdicts of two models under one plugin's name are
two judges, which are never shown in one table or averaged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vibench.errors import UsageError
from vibench.plan.parameters import Parameters

if TYPE_CHECKING:
    from vibench.plan import Cell
    from vibench.plugins import Plugins

__all__ = ["JudgeLabels", "RunLabels", "judge_plugin"]


class JudgeLabels:
    """Labels judges by their parameters in a cell."""

    def __init__(self, plugins: Plugins) -> None:
        self._plugins = plugins
        self._own: dict[str, tuple[str, str]] = {}

    def label(self, judge: str, parameters: Mapping[str, Any], engine: str) -> str:
        """Return "mistral", or "mistral (gpt-4.1-mini at openai)" where it asked another model or
        by another engine than its own. `engine` is the run's, for a judge that names none.
        """
        model = parameters.get(f"{judge}.model")
        if not judge or model is None:
            return judge
        by = parameters.get(f"{judge}.engine") or ""
        if (model, by) == self._of_plugin(judge):
            return judge
        where = by or engine
        return f"{judge} ({model} at {where})" if where else f"{judge} ({model})"

    def _of_plugin(self, judge: str) -> tuple[str, str]:
        """Return the model and the engine that the plugin's name stands for."""
        if judge not in self._own:
            try:
                plugin = self._plugins.get("judge", judge)
            except UsageError:  # It is gone since then, so that its own model is not known.
                return ("", "")
            properties = plugin.parameters.get("properties", {})
            model, engine = (
                str(properties.get(name, {}).get("default", "")) for name in ("model", "engine")
            )
            # A plugin named after a model that is gone has another default: its answers are
            # then labelled with the model that gave them.
            self._own[judge] = (getattr(plugin, "named_after", "") or model, engine)
        return self._own[judge]


class RunLabels:
    """The parameters of a run's cells, and the labels of their judges."""

    def __init__(self, labels: JudgeLabels, record: Mapping[str, Any]) -> None:
        self._labels = labels
        self._parameters = Parameters(record)
        self._engine = record.get("spec", {}).get("engine", "")
        self._judges: dict[tuple[Any, ...], str] = {}

    def of(self, cell: Cell) -> tuple[Mapping[str, Any], str]:
        """Return a cell's parameters and its judge's label."""
        parameters = self._parameters.of(cell)
        return parameters, self._labels.label(cell.judge, parameters, self._engine)

    def judge(self, cell: Cell) -> str:
        """Return the label of a cell's judge alone, which takes less time for many cells."""
        # Thousands of cells have the same few judges, with the same few settings.
        swept = (cell.settings.get(f"{cell.judge}.{name}") for name in ("model", "engine"))
        key = (cell.judge, *swept)
        if key not in self._judges:
            self._judges[key] = self.of(cell)[1]
        return self._judges[key]


def judge_plugin(label: str) -> str:
    """Return the plugin's name out of a label."""
    return label.partition(" (")[0]
