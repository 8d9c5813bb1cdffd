"""What was asked for: flags or a matrix file, completed from a profile and checked."""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.errors import SpecError, UnknownName
from vibench.preferences.own import NAME as OWN
from vibench.preferences.pair_files import PairsFor, files_by_value, of_flag, of_table
from vibench.settings import (
    SAMPLING,
    Setting,
    checked,
    of_tables,
    parse_flag,
    sampling_schema,
    sweep,
)
from vibench.validation import first_problem, schema_file

if TYPE_CHECKING:
    from vibench.plugins import Plugins
    from vibench.registry import Catalogue, Profile

__all__ = ["Asked", "Spec", "complete", "from_flags", "numbers", "read_matrix", "split", "sweep"]

NAMES = ("models", "inducers", "values", "evals", "judges", "sources")
UNTOUCHED = "none"
ALL = "all"
EMBEDDED = "embedded"
FILE = "file"
"""The source that reads the file that is named in its place."""
SEED = 0
MINIMUM_PAIRS = 1
MAX_ERRORS = 0.05
MAJORITY, MEAN = "majority", "mean"


@dataclass(frozen=True, slots=True)
class Spec:
    """Everything a run asks for, with nothing left open."""

    models: tuple[str, ...]
    inducers: tuple[str, ...]
    """Inducer expressions (`dpo+prompt`); the first is always `none`."""
    values: tuple[str, ...]
    evals: tuple[str, ...]
    judges: tuple[str, ...]
    """Judges of all evals, or of one: `issuebench=mistral`."""
    seeds: tuple[int, ...]
    settings: Mapping[str, Mapping[str, tuple[Any, ...]]]
    """Per plugin and parameter, the values to sweep; all of `sampling` is always there."""
    limit: int | None
    data: str | None
    """A folder; a relative one is relative to the working folder."""
    sources: tuple[str, ...]
    """Preference sets in which values are looked for; () if every value has pairs of its own."""
    engine: str
    simulator: str | None
    extractor: str
    profile: str
    minimum_pairs: int = MINIMUM_PAIRS
    judge_repeats: int = 1
    judge_combine: str = MAJORITY
    """What repeats come to: the majority's verdict, or the mean of what each counts as."""
    budget_usd: float | None = None
    """What asking at endpoints may cost; None for as much as it takes."""
    max_errors: float = MAX_ERRORS
    """The share of a stage's samples on which the code of plugins may raise."""
    pairs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Files of pairs made for a value, by value: trained on as they are."""

    @property
    def only_own_pairs(self) -> bool:
        """Whether every value has pairs of its own, so that none is looked for in a source."""
        return all(value in self.pairs for value in self.values)

    @property
    def judge_names(self) -> tuple[str, ...]:
        """Every judge, once."""
        return tuple(dict.fromkeys(judge_of(said)[1] for said in self.judges))

    def judging(self, evaluation: str) -> tuple[str, ...]:
        """The judges of an eval: those that are named for it, else those named for none."""
        named = [judge_of(said) for said in self.judges]
        own = [judge for of, judge in named if of == evaluation]
        return tuple(own or (judge for of, judge in named if not of))


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user said, on the command line or in a matrix file; empty where nothing was."""

    models: Sequence[str] = ()
    inducers: Sequence[str] = ()
    values: Sequence[str] = ()
    evals: Sequence[str] = ()
    judges: Sequence[str] = ()
    seeds: Sequence[int] = ()
    sources: Sequence[str] = ()
    pairs: Sequence[PairsFor] = ()
    settings: Sequence[Setting] = ()
    limit: int | None = None
    minimum_pairs: int | None = None
    judge_repeats: int | None = None
    judge_combine: str | None = None
    budget_usd: float | None = None
    max_errors: float | None = None
    data: str | None = None
    engine: str | None = None
    simulator: str | None = None
    extractor: str | None = None
    profile: str | None = None

    def over(self, below: Asked) -> Asked:
        """This, and what `below` says where this says nothing; settings are joined, and
        of two for one parameter this one's holds. Of the pairs of `below` those of values
        that this leaves out are left out too."""
        if self.values and ALL not in self.values:
            pairs = [one for one in below.pairs if one.value in self.values]
            below = replace(below, pairs=pairs)
        said = {
            one.name: value
            for one in fields(self)
            if (value := getattr(self, one.name)) is not None and value != ()
        }
        return replace(below, **{**said, "settings": (*below.settings, *self.settings)})


def split(flags: Iterable[str]) -> tuple[str, ...]:
    """A repeatable, comma-separated flag: its names in order, each once."""
    names = (name.strip() for flag in flags for name in flag.split(","))
    return tuple(dict.fromkeys(name for name in names if name))


def numbers(flag: str, flags: Iterable[str]) -> tuple[int, ...]:
    """The same for whole numbers; `flag` is its name. Raises SpecError for anything else."""
    names = split(flags)
    for name in names:
        if not name.isdecimal():
            raise SpecError(
                f"{flag} {name} is not a whole number of at least 0.",
                f"Write it as {flag} 0 or {flag} 0,1,2",
            )
    return tuple(dict.fromkeys(map(int, names)))


def read_matrix(path: Path) -> Asked:
    """What a matrix file (TOML, `schemas/matrix.schema.json`) asks for.

    Raises SpecError naming the file and the line or key.
    """
    try:
        with path.open("rb") as file:
            table = tomllib.load(file)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SpecError(
            f"The matrix file {path} is not valid TOML: {error}.", "Mend that place."
        ) from error
    except OSError as error:
        raise SpecError(
            f"The matrix file {path} cannot be read: {os.strerror(error.errno or 0)}.",
            "Check the path.",
        ) from error
    problem = first_problem(table, schema_file("matrix"))
    if problem:
        raise SpecError(
            f"In the matrix file {path}, {problem.key} {problem.what}.",
            problem.hint or "Mend that key.",
        )
    settings = of_tables(f"In the matrix file {path}, set", table.pop("set", {}))
    pairs = tuple(of_table(table.pop("pairs", {})))
    said: dict[str, Any] = {
        key: tuple(one) if isinstance(one, list) else one for key, one in table.items()
    }
    return Asked(**said, settings=tuple(settings), pairs=pairs)


def from_flags(
    catalogue: Catalogue,
    plugins: Plugins,
    *,
    matrix: Path | None = None,
    seeds: Iterable[str] = (),
    sets: Iterable[str] = (),
    pairs: Iterable[str] = (),
    evaluating: bool = True,
    **said: Any,
) -> Spec:
    """The spec of a command line; `said` holds further fields of `Asked`.

    Flags with names are repeatable and comma-separated, `pairs` is repeatable. What they say
    replaces what the matrix file says. Raises what `read_matrix` and `complete` do.
    """
    flags: dict[str, Any] = {
        name: split(one) if name in NAMES else one for name, one in said.items()
    }
    asked = Asked(
        **flags,
        seeds=numbers("--seed", seeds),
        settings=tuple(parse_flag(text) for text in sets),
        pairs=tuple(map(of_flag, pairs)),
    )
    asked = asked.over(read_matrix(matrix)) if matrix else asked
    return complete(asked, catalogue, plugins, evaluating)


def complete(asked: Asked, catalogue: Catalogue, plugins: Plugins, evaluating: bool = True) -> Spec:
    """A spec: what is not said comes from the profile, and settings are checked.

    The profile is the one named; else `embedded` if no model is named or all that are
    come with the project; else `paper`. Without `evaluating` only preference data is asked
    for: no eval needs to be named, the judges are the profile's verifiers, and the profile
    is `embedded` if no source but the embedded one and no file of pairs is named.

    Raises SpecError (no eval; a setting that does not fit), UnknownName (a value, profile,
    or plugin with settings) and PluginError.
    """
    profile = catalogue.profile(asked.profile or _default_profile(asked, catalogue, evaluating))
    judges = profile.judges if evaluating else profile.verifiers
    named = tuple(catalogue.values) if ALL in asked.values else tuple(asked.values)
    pairs = files_by_value(asked.pairs, named)
    values = named or tuple(pairs) or profile.values
    if evaluating and not asked.evals:
        raise SpecError("No eval is named.", f"Name one with --eval: {_listed(plugins)}.")
    _check_numbers(asked)
    _check_judges(asked, evaluating)
    spec = Spec(
        models=tuple(asked.models) or profile.models,
        inducers=tuple(dict.fromkeys((UNTOUCHED, *asked.inducers))),
        values=tuple(catalogue.value(name, name in pairs).name for name in values),
        evals=tuple(asked.evals),
        judges=tuple(asked.judges) or _of_these(judges, asked.evals),
        seeds=tuple(asked.seeds) or (SEED,),
        settings={},
        limit=asked.limit,
        data=asked.data,
        sources=tuple(asked.sources) or (() if pairs.keys() >= {*values} else profile.sources),
        engine=asked.engine or profile.engine,
        simulator=asked.simulator or profile.simulator,
        extractor=asked.extractor or profile.extractor,
        profile=profile.name,
        minimum_pairs=asked.minimum_pairs or MINIMUM_PAIRS,
        judge_repeats=asked.judge_repeats or 1,
        judge_combine=asked.judge_combine or MAJORITY,
        budget_usd=None if asked.budget_usd is None else float(asked.budget_usd),
        pairs=pairs,
        max_errors=MAX_ERRORS if asked.max_errors is None else float(asked.max_errors),
    )
    if evaluating:
        _check_trained(spec, plugins)
    return replace(spec, settings=_settings(spec, asked.settings, profile, plugins))


def _check_numbers(asked: Asked) -> None:
    for name in ("limit", "minimum_pairs", "judge_repeats"):
        number = getattr(asked, name)
        if number is not None and number < 1:
            raise SpecError(f"The {name} is {number}.", "Give a whole number of at least 1.")
    budget = asked.budget_usd
    if budget is not None and not (math.isfinite(budget) and budget >= 0):
        hint = "Give a number of at least 0, as in --budget-usd 12.50"
        raise SpecError(f"The budget is {budget:g} dollars.", hint)
    share = asked.max_errors
    if share is not None and not 0 <= share <= 1:
        hint = "Give a share between 0 and 1, as in --max-errors 0.05"
        raise SpecError(f"The share of samples that may break is {share:g}.", hint)


def _check_judges(asked: Asked, evaluating: bool) -> None:
    """Judges that are named for an eval are named for one that is asked."""
    for of in (judge_of(said)[0] for said in asked.judges):
        if of and not evaluating:
            raise SpecError(
                f"A judge is named for the eval '{of}', and no eval is run here.",
                "Name the judge alone: --judge JUDGE.",
            )
        if of and of not in asked.evals:
            hint = UnknownName("eval", of, asked.evals).hint
            raise SpecError(f"A judge is named for '{of}', which is no eval of this run.", hint)
    if asked.judge_combine not in (None, MAJORITY, MEAN):
        raise SpecError(
            f"Repeats cannot be combined by '{asked.judge_combine}'.",
            f"Give --judge-combine {MAJORITY} or {MEAN}.",
        )


def _check_trained(spec: Spec, plugins: Plugins) -> None:
    """Pairs are given to train on, so something has to train."""
    steps = dict.fromkeys(step for name in spec.inducers for step in name.split("+"))
    if spec.pairs and not any(plugins.get("inducer", step).trains for step in steps):
        raise SpecError(
            f"Pairs are given for {' and '.join(spec.pairs)}, and no inducer of this run trains"
            f" ({', '.join(steps)}).",
            "Add one that does (--inducer dpo), or leave --pairs out.",
        )


def _of_these(judges: Sequence[str], evals: Sequence[str]) -> tuple[str, ...]:
    """A profile's judges without those of other evals."""
    return tuple(said for said in judges if judge_of(said)[0] in ("", *evals))


def judge_of(said: str) -> tuple[str, str]:
    """(eval, judge) of `issuebench=mistral`; no eval, "", for a judge of all others."""
    evaluation, _, judge = said.rpartition("=")
    return evaluation.strip(), judge.strip()


def _default_profile(asked: Asked, catalogue: Catalogue, evaluating: bool) -> str:
    shipped = (
        all(map(catalogue.embedded, asked.models))
        if evaluating
        else set(asked.sources) <= {EMBEDDED} and not asked.pairs
    )
    return EMBEDDED if shipped else "paper"


def _listed(plugins: Plugins) -> str:
    return ", ".join(plugins.names("eval")) or "none is installed"


def _settings(
    spec: Spec, asked: Iterable[Setting], profile: Profile, plugins: Plugins
) -> dict[str, dict[str, tuple[Any, ...]]]:
    """The profile's settings of what is in use, and over them the user's."""
    used = _in_use(spec, plugins)
    used += _engines_of_judges(used, asked, plugins)
    names = {name for _, name in used} | {SAMPLING}
    given = {SAMPLING: asdict(profile.sampling), **profile.settings}
    defaults = of_tables(
        f"In the profile {profile.name}, settings",
        {plugin: table for plugin, table in given.items() if plugin in names},
    )
    settings: dict[str, dict[str, tuple[Any, ...]]] = {}
    for setting in (*defaults, *asked):
        if setting.plugin not in names:
            unknown = UnknownName("plugin", setting.plugin, names)
            raise SpecError(
                f"{setting.where}: this run uses nothing called '{setting.plugin}'.", unknown.hint
            )
        schemas = [
            plugins.get(kind, name).parameters for kind, name in used if name == setting.plugin
        ]
        if setting.plugin == SAMPLING:
            schemas.append(sampling_schema())
        for schema in schemas:
            options = checked(setting, schema)
        settings.setdefault(setting.plugin, {})[setting.parameter] = options
    return settings


def _engines_of_judges(
    used: Iterable[tuple[str, str]], asked: Iterable[Setting], plugins: Plugins
) -> list[tuple[str, str]]:
    """The engines that judges name by a parameter with `"x-engine": true`."""
    said = {(s.plugin, s.parameter): s.options for s in asked}
    found = []
    known = set(plugins.names("judge"))  # another one is told of when it is planned
    for name in (name for kind, name in used if kind == "judge" and name in known):
        properties = plugins.get("judge", name).parameters.get("properties", {})
        for parameter, schema in properties.items():
            if schema.get("x-engine"):
                found += [e for e in said.get((name, parameter), (schema["default"],)) if e]
    return [("engine", name) for name in dict.fromkeys(found) if ("engine", name) not in used]


def engine_of(model: str, plugins: Plugins) -> tuple[str, str]:
    """(engine, model) of a name such as `openai:gpt-5.6-terra`; no engine, "", for others."""
    engine, colon, name = model.partition(":")
    return (engine, name) if colon and engine in plugins.names("engine") else ("", model)


def is_path(source: str, plugins: Plugins) -> bool:
    """Whether what is named as a source is a file of pairs and no registered source."""
    return source not in plugins.names("source") and ("/" in source or "." in source)


def _in_use(spec: Spec, plugins: Plugins) -> list[tuple[str, str]]:
    """Kind and name of every plugin that the run names, each once."""
    parts = [part for expression in spec.inducers for part in expression.split("+")]
    named = [
        *(("inducer", name) for name in parts),
        *(("eval", name) for name in spec.evals),
        *(("judge", name) for name in (*spec.judge_names, spec.extractor)),
        ("engine", spec.engine),
        *(("engine", name) for name in [engine_of(spec.simulator or "", plugins)[0]] if name),
        *(("source", FILE if is_path(name, plugins) else name) for name in spec.sources),
        *(("source", OWN) for _ in spec.pairs),
    ]
    return list(dict.fromkeys(named))
