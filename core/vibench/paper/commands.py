"""The `vibench run` that makes further cells of a store, set as its last run was."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from vibench.paper.published import MEASURED
from vibench.records import canonical_json
from vibench.results.judge_labels import judge_plugin
from vibench.settings import SAMPLING

if TYPE_CHECKING:
    from vibench.paper.cell_selection import Cells
    from vibench.registry import Catalogue, Profile

__all__ = ["run_command"]

BY_PROFILE = ("sources", "engine", "simulator", "extractor")
UNTRAINED = {"none", "prompt"}
OTHERS = ("data", "limit", "minimum_pairs", "judge_repeats")


def run_command(
    cells: Cells, asked: Mapping[str, Sequence[str]], sets: Mapping[str, Sequence[Any]]
) -> str:
    """`asked` are the lists by flag ("model", "inducer", "value", "eval"), `sets` parameters
    ("dpo.beta") with their settings, over those of the last run. What that run's profile says
    anyway is left out, and so is where the store lies."""
    records = cells.collected.records
    spec: Mapping[str, Any] = records[-1].get("spec", {}) if records else {}
    catalogue = cells.catalogue
    profile = _profile(catalogue, spec)
    words = ["vibench", "run"]
    for flag, names in asked.items():
        words += [f"--{flag}", ",".join(names)] if names else []
    words += _pairs(asked, spec)
    words += _flag("judge", _judges(cells, asked["eval"], spec))
    if cells.seeds != (0,):
        words += _flag("seed", cells.seeds)
    settings = dict(_settings(spec, profile, _plugins(asked, spec))) | dict(sets)
    for name, options in settings.items():
        words += ["--set", f"{name}={','.join(map(_text, options))}"]
    for name in (*BY_PROFILE, *OTHERS):
        setting = spec.get(name)
        usual = getattr(profile, name, None) if profile and name in BY_PROFILE else None
        if setting and setting != 1 and canonical_json(setting) != canonical_json(usual):
            words += _flag(name.removesuffix("s").replace("_", "-"), setting)
    if profile and _inferred(catalogue, asked["model"]) != profile.name:
        words += ["--profile", profile.name]
    return shlex.join(words)


def _flag(name: str, settings: Any) -> list[str]:
    several = settings if isinstance(settings, list | tuple) else [settings]
    return [f"--{name}", ",".join(map(str, several))] if several else []


def _pairs(asked: Mapping[str, Sequence[str]], spec: Mapping[str, Any]) -> Iterator[str]:
    """The files that the run trained these values on, where something is trained."""
    steps = {step for name in asked["inducer"] for step in name.split("+")}
    for value, files in spec.get("pairs", {}).items():
        if value in asked["value"] and steps - UNTRAINED:
            for file in files:
                yield from ("--pairs", f"{value}={file}")


def _judges(cells: Cells, evals: Sequence[str], spec: Mapping[str, Any]) -> list[str]:
    """Those of the evals asked for; of evals that the store has not, the last run's."""
    known = {row.eval for row in cells.report.rows} | set(MEASURED)
    found = [judge_plugin(cells.judge(name)) for name in evals]
    if not known.issuperset(evals):
        found += spec.get("judges", ())
    return list(dict.fromkeys(filter(None, found)))


def _profile(catalogue: Catalogue | None, spec: Mapping[str, Any]) -> Profile | None:
    return catalogue.profiles.get(spec.get("profile", "")) if catalogue else None


def _inferred(catalogue: Catalogue | None, models: Sequence[str]) -> str:
    """The profile that holds when only these models are named."""
    small = catalogue is not None and all(map(catalogue.embedded, models))
    return "embedded" if small else "paper"


def _plugins(asked: Mapping[str, Sequence[str]], spec: Mapping[str, Any]) -> set[str]:
    """Names under which something can be set in such a run."""
    steps = {step for name in asked["inducer"] for step in name.split("+")}
    others = {str(spec.get(name, "")) for name in ("engine", "extractor")}
    return steps | others | {*asked["eval"], *spec.get("judges", ()), SAMPLING}


def _settings(
    spec: Mapping[str, Any], profile: Profile | None, plugins: set[str]
) -> Iterator[tuple[str, Sequence[Any]]]:
    """What the run set otherwise than its profile."""
    usual: Mapping[str, Mapping[str, Any]] = {}
    if profile:
        usual = {**profile.settings, SAMPLING: asdict(profile.sampling)}
    for plugin, parameters in spec.get("settings", {}).items():
        if plugin not in plugins:
            continue
        for parameter, options in parameters.items():
            plain = usual.get(plugin, {}).get(parameter)
            if list(options) != [plain]:
                yield f"{plugin}.{parameter}", options


def _text(setting: Any) -> str:
    if isinstance(setting, str):
        return setting if re.fullmatch(r"[\w./:+-]+", setting) else json.dumps(setting)
    return f"{setting:g}" if isinstance(setting, float) else json.dumps(setting)
