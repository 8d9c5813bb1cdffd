"""vibench: when a value is induced into a language model, what else changes?

The names a plugin author needs. Nothing here imports anything heavy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from vibench.version import __version__

if TYPE_CHECKING:
    from vibench.data import read_csv, read_text
    from vibench.engines.chat_template import Renderer, RenderingError
    from vibench.engines.model_files import require_packages
    from vibench.engines.quiet import quiet
    from vibench.errors import (
        DataError,
        MissingExtra,
        PluginError,
        SpecError,
        StageError,
        UnknownName,
        UsageError,
        VibenchError,
    )
    from vibench.hookspecs import PlanMade, RunFinished, StageFinished, hookimpl
    from vibench.interfaces import (
        Data,
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
    from vibench.judging.rubrics import VALUES, values_rubric
    from vibench.parameters import Parameter, with_defaults
    from vibench.records import (
        Adapter,
        Ask,
        ChatRequest,
        Completion,
        Dropped,
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

HOMES = (
    "errors",
    "parameters",
    "records",
    "hookspecs",
    "interfaces",
    "data",
    "judging.rubrics",
    "judging.model_judge",
    "engines.quiet",
    "engines.chat_template",
    "engines.model_files",
    "results",
)
"""The modules that define the public names, the cheapest to import first."""

__all__ = [
    "VALUES",
    "Adapter",
    "Ask",
    "ChatRequest",
    "Completion",
    "Data",
    "DataError",
    "Dropped",
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
    "MissingExtra",
    "Model",
    "ModelJudge",
    "Outcome",
    "Parameter",
    "PlanMade",
    "PluginError",
    "PreferencePair",
    "Renderer",
    "RenderingError",
    "Reply",
    "Rubric",
    "RunFinished",
    "Sample",
    "Sampling",
    "Session",
    "Source",
    "SpecError",
    "StageError",
    "StageFinished",
    "Subject",
    "Thought",
    "Tokens",
    "TrainingJob",
    "Transcript",
    "UnknownName",
    "UsageError",
    "Value",
    "Verdict",
    "VibenchError",
    "__version__",
    "hookimpl",
    "load_results",
    "quiet",
    "read_csv",
    "read_text",
    "require_packages",
    "values_rubric",
    "with_defaults",
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
