"""The `vibench run` command that adds cells to a store, with the settings of its cells' run."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.paper.paper_numbers import MEASURED
from vibench.records import canonical_json
from vibench.results.judge_labels import judge_plugin
from vibench.settings import SAMPLING

if TYPE_CHECKING:
    from vibench.paper.cell_selection import Cells
    from vibench.registry import Catalogue, Profile

__all__ = ["run_command"]

BY_PROFILE = ("sources", "engine", "simulator", "extractor")
UNTRAINED = {"none", "prompt"}
STORE = ".vibench"
"""The store of a command that names none."""
OTHERS = ("data", "limit", "minimum_pairs", "judge_repeats")
FLAGS = {"sources": "source"}
"""Flags of settings that do not have the setting's own name."""


def run_command(
    cells: Cells, request: Mapping[str, Sequence[str]], sets: Mapping[str, Sequence[Any]]
) -> str:
    """Return the command line.

    `request` has the lists by flag ("model", "inducer", "value", "eval"), `sets` parameters
    ("dpo.beta") with their settings, which go over those of the run that the cells beside them
    are from. Settings that the run's profile implies are left out.
    """
    spec = _spec(cells, request)
    catalogue = cells.catalogue
    profile = _profile(catalogue, spec)
    words = ["vibench", "run"]
    for flag, names in {**request, "model": _models(request["model"], spec)}.items():
        words += [f"--{flag}", ",".join(names)] if names else []
    words += _pairs(request, spec)
    words += _flag("judge", _judges(cells, request["eval"], spec))
    if cells.seeds != (0,):
        words += _flag("seed", cells.seeds)
    settings = dict(_settings(spec, profile, _plugins(request, spec))) | dict(sets)
    for name, options in settings.items():
        words += ["--set", f"{name}={','.join(map(_text, options))}"]
    # Only what differs from the profile, so that the command stays one that people type.
    for name in (*BY_PROFILE, *OTHERS):
        setting = spec.get(name)
        usual = getattr(profile, name, None) if profile and name in BY_PROFILE else None
        if setting and setting != 1 and canonical_json(setting) != canonical_json(usual):
            words += _flag(FLAGS.get(name, name.replace("_", "-")), setting)
    # Naming models selects a profile; say it only where that would be another one.
    if profile and _inferred(catalogue, request["model"]) != profile.name:
        words += ["--profile", profile.name]
    if cells.collected.store not in ("", STORE):
        words += ["--store", cells.collected.store]
    return shlex.join(words)


def _spec(cells: Cells, request: Mapping[str, Sequence[str]]) -> Mapping[str, Any]:
    """Return what was asked of the last run with finished cells of these evals and models, so that
    new cells can be compared with them; of the last run where there is no such cell."""
    records = cells.collected.records
    evals, models = request["eval"], request["model"]
    runs = [cell.run for cell in cells.collected.cells if cell.eval in evals]
    alike = [c.run for c in cells.collected.cells if c.eval in evals and c.model in models]
    for names in (alike, runs):
        for record in reversed(records):
            if record.get("id") in names:
                spec: Mapping[str, Any] = record.get("spec", {})
                return spec
    return records[-1].get("spec", {}) if records else {}


def _models(names: Sequence[str], spec: Mapping[str, Any]) -> list[str]:
    """Return models as a command takes them: those that the run read from a folder by its path."""
    folders = {Path(text).name: text for text in spec.get("models", ())}
    return [folders.get(name, name) for name in names]


def _flag(name: str, settings: Any) -> list[str]:
    several = settings if isinstance(settings, list | tuple) else [settings]
    return [f"--{name}", ",".join(map(str, several))] if several else []


def _pairs(request: Mapping[str, Sequence[str]], spec: Mapping[str, Any]) -> Iterator[str]:
    """Yield the files of pairs that the run trained these values on, where anything is trained."""
    steps = {step for name in request["inducer"] for step in name.split("+")}
    for value, files in spec.get("pairs", {}).items():
        if value in request["value"] and steps - UNTRAINED:
            for file in files:
                yield from ("--pairs", f"{value}={file}")


def _judges(cells: Cells, evals: Sequence[str], spec: Mapping[str, Any]) -> list[str]:
    """Return the judges of these evals; the last run's for evals that the store does not have."""
    evals_in_store = {row.eval for row in cells.report.rows} | set(MEASURED)
    judges = [judge_plugin(cells.judge(name)) for name in evals]
    # The store cannot say who judges an eval that it has no cell of.
    if not evals_in_store.issuperset(evals):
        judges += spec.get("judges", ())
    return list(dict.fromkeys(filter(None, judges)))


def _profile(catalogue: Catalogue | None, spec: Mapping[str, Any]) -> Profile | None:
    return catalogue.profiles.get(spec.get("profile", "")) if catalogue else None


def _inferred(catalogue: Catalogue | None, models: Sequence[str]) -> str:
    """Return the profile that applies when only these models are named."""
    small = catalogue is not None and all(map(catalogue.embedded, models))
    return "embedded" if small else "paper"


def _plugins(request: Mapping[str, Sequence[str]], spec: Mapping[str, Any]) -> set[str]:
    """Return the names under which such a run has parameters."""
    steps = {step for name in request["inducer"] for step in name.split("+")}
    plugins_of_roles = {str(spec.get(name, "")) for name in ("engine", "extractor")}
    return steps | plugins_of_roles | {*request["eval"], *spec.get("judges", ()), SAMPLING}


def _settings(
    spec: Mapping[str, Any], profile: Profile | None, plugins: set[str]
) -> Iterator[tuple[str, Sequence[Any]]]:
    """Yield the parameters that the run set differently from its profile."""
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
        # Commas separate settings, so texts with other characters are quoted.
        return setting if re.fullmatch(r"[\w./:+-]+", setting) else json.dumps(setting)
    return f"{setting:g}" if isinstance(setting, float) else json.dumps(setting)
