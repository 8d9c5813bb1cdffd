"""The spec: everything a run consists of, complete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vibench.plugins import Plugins
    from vibench.records import Value

__all__ = [
    "FILE",
    "MAX_ERRORS",
    "MEAN",
    "UNTOUCHED",
    "Spec",
    "default_options",
    "engine_of",
    "is_path",
    "judge_of",
]

UNTOUCHED = "none"
"""The inducer that changes nothing."""
FILE = "file"
"""The source that reads a file of pairs, which stands in place of a registered source."""
MAJORITY, MEAN = "majority", "mean"
MAX_ERRORS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """Everything a run consists of, with nothing left to look up.

    The defaults here are those of options that no profile has.
    """

    models: tuple[str, ...]
    inducers: tuple[str, ...]
    """Inducer expressions (`dpo+prompt`); the first is always `none`."""
    values: tuple[str, ...]
    evals: tuple[str, ...]
    judges: tuple[str, ...]
    """Judges of all evals, or of one: `issuebench=mistral`."""
    seeds: tuple[int, ...] = (0,)
    settings: Mapping[str, Mapping[str, tuple[Any, ...]]]
    """Per plugin and parameter, the values to sweep; all of `sampling` is always there."""
    limit: int | None = None
    data: str | None = None
    """A folder; a relative one is relative to the working folder."""
    sources: tuple[str, ...]
    """Preference sets to search for pairs; () if every value has pairs of its own."""
    engine: str
    simulator: str | None = None
    extractor: str
    profile: str
    minimum_pairs: int = 1
    judge_repeats: int = 1
    judge_combine: str = MAJORITY
    """How to combine repeats: the majority's verdict, or the mean of what each counts as."""
    budget_usd: float | None = None
    """Maximum to spend at endpoints; None for no maximum."""
    max_errors: float = MAX_ERRORS
    """The share of a stage's samples on which plugin code may raise."""
    pairs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Files of pairs made for a value, by value: trained on unchanged."""
    definitions: Mapping[str, Value] = field(default_factory=dict)
    """Each of the values as the catalogue defines it; a name alone if only pairs define it."""
    embedded_data: bool = False
    """Whether the profile reads the data that is shipped with vibench."""

    @property
    def only_own_pairs(self) -> bool:
        """Return whether every value has pairs of its own, so that no source is searched."""
        return all(value in self.pairs for value in self.values)

    @property
    def judge_names(self) -> tuple[str, ...]:
        """The judges, each once."""
        return tuple(dict.fromkeys(judge_of(text)[1] for text in self.judges))

    def judging(self, evaluation: str) -> tuple[str, ...]:
        """Return the judges of an eval: those set for it alone, else those of all evals."""
        judges = [judge_of(text) for text in self.judges]
        specific = [judge for name, judge in judges if name == evaluation]
        return tuple(specific or (judge for name, judge in judges if not name))


def default_options() -> dict[str, Any]:
    """Return the options that have a default whatever the profile, by name."""
    defaults = {option.name: option.default for option in fields(Spec)}
    return {name: value for name, value in defaults.items() if value not in (MISSING, None)}


def judge_of(text: str) -> tuple[str, str]:
    """Return (eval, judge) of `issuebench=mistral`; no eval, "", for a judge of all others."""
    evaluation, _, judge = text.rpartition("=")
    return evaluation.strip(), judge.strip()


def engine_of(model: str, plugins: Plugins) -> tuple[str, str]:
    """Return (engine, model) of a name such as `openai:gpt-5.6-terra`; ("", name) of others."""
    engine, colon, name = model.partition(":")
    return (engine, name) if colon and engine in plugins.names("engine") else ("", model)


def is_path(source: str, plugins: Plugins) -> bool:
    """Return whether the name of a source is the path of a file of pairs."""
    return source not in plugins.names("source") and ("/" in source or "." in source)
