"""vibench: when a value is induced into a language model, what else changes?

The names a plugin author needs. Nothing here imports anything heavy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vibench.errors import DataError, PluginError, SpecError, UsageError, VibenchError
    from vibench.hookspecs import PlanMade, RunFinished, StageFinished, hookimpl
    from vibench.interfaces import (
        Engine,
        Eval,
        Inducer,
        Judge,
        JudgeModel,
        Materials,
        Measuring,
        Session,
        Source,
        TrainingJob,
    )
    from vibench.judging.model_judge import ModelJudge
    from vibench.records import (
        Adapter,
        Ask,
        ChatRequest,
        Completion,
        Loglikelihood,
        LoglikelihoodRequest,
        Message,
        Model,
        Outcome,
        PreferencePair,
        Reply,
        Rubric,
        Sample,
        Sampling,
        Subject,
        Thought,
        Tokens,
        Transcript,
        Value,
        Verdict,
    )
    from vibench.results import load_results

__version__ = "0.2.0"

HOMES = ("errors", "records", "hookspecs", "interfaces", "judging.model_judge", "results")
"""The modules that these names come from, the lighter ones first."""

__all__ = [
    "Adapter",
    "Ask",
    "ChatRequest",
    "Completion",
    "DataError",
    "Engine",
    "Eval",
    "Inducer",
    "Judge",
    "JudgeModel",
    "Loglikelihood",
    "LoglikelihoodRequest",
    "Materials",
    "Measuring",
    "Message",
    "Model",
    "ModelJudge",
    "Outcome",
    "PlanMade",
    "PluginError",
    "PreferencePair",
    "Reply",
    "Rubric",
    "RunFinished",
    "Sample",
    "Sampling",
    "Session",
    "Source",
    "SpecError",
    "StageFinished",
    "Subject",
    "Thought",
    "Tokens",
    "TrainingJob",
    "Transcript",
    "UsageError",
    "Value",
    "Verdict",
    "VibenchError",
    "__version__",
    "hookimpl",
    "load_results",
]


def __getattr__(name: str) -> Any:
    """The name, with its module imported now: a command imports no more than it uses."""
    if name in __all__:
        for home in HOMES:
            module = import_module(f"{__name__}.{home}")
            if name in module.__all__:
                return globals().setdefault(name, getattr(module, name))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
