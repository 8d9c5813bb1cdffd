"""vibench: when a value is induced into a language model, what else changes?

The names a plugin author needs. Nothing here imports anything heavy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

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
from vibench.judges import ModelJudge
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
    Tokens,
    Transcript,
    Value,
    Verdict,
)

if TYPE_CHECKING:
    from vibench.results import load_results

__version__ = "0.1.0"

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
    # Plugins import this module, and have no use for what results take to import.
    if name == "load_results":
        return import_module("vibench.results").load_results
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
