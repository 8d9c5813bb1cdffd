"""vibench: when a value is induced into a language model, what else changes?

The names a plugin author needs. Nothing here imports anything heavy.
"""

from __future__ import annotations

from vibench.errors import DataError, PluginError, SpecError, UsageError, VibenchError
from vibench.hookspecs import PlanMade, RunFinished, StageFinished, hookimpl
from vibench.interfaces import (
    Engine,
    Eval,
    Inducer,
    Judge,
    JudgeModel,
    Materials,
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
    Transcript,
    Value,
    Verdict,
)

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
    "TrainingJob",
    "Transcript",
    "UsageError",
    "Value",
    "Verdict",
    "VibenchError",
    "__version__",
    "hookimpl",
]
