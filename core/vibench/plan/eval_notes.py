"""Notes of evals on how they measure, for plans and the records of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vibench.settings import sweep

if TYPE_CHECKING:
    from vibench.plugins import Plugins
    from vibench.spec import Spec

__all__ = ["eval_notes"]


def eval_notes(spec: Spec, plugins: Plugins) -> list[str]:
    """Return the `notes` of each eval of a run, in all of its settings, each once."""
    notes = (
        f"{name}: {note}"
        for name in spec.evals
        for setting in sweep(spec.settings.get(name, {}))
        for note in plugins.build("eval", name, setting).notes
    )
    return list(dict.fromkeys(notes))
