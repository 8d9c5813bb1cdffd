"""The catalogue: registry.toml and the user's overlays of it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from vibench.embedded import PREFIX
from vibench.errors import RegistryError, SpecError, UnknownName
from vibench.file_names import name_problem
from vibench.identity import is_folder, model_identity, template_identity
from vibench.preferences.values import normalise
from vibench.prices import Price
from vibench.records import Model, Sampling, Value
from vibench.toml_file import read_toml
from vibench.validation import Problem, first_problem, schema_file

__all__ = ["VARIABLE", "Catalogue", "Profile", "load_catalogue"]

VARIABLE = "VIBENCH_REGISTRY"
FILE = "registry.toml"
HUB_ID = re.compile(r"(?P<id>[\w.-]+/[\w.-]+)(@(?P<revision>[\w./-]+))?")
FORMS = "A model is a registry name, a hub ID (org/name or org/name@revision), or a local folder."

Tables = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Profile:
    """A run's defaults, for the options that the user leaves out."""

    name: str
    description: str
    engine: str
    judges: tuple[str, ...]
    """Judges of all evals, or of one (`issuebench=mistral`)."""
    extractor: str
    """The judge that labels the values in preference responses."""
    verifiers: tuple[str, ...]
    """The judges that verify value subsets."""
    sources: tuple[str, ...]
    models: tuple[str, ...]
    values: tuple[str, ...]
    simulator: str | None
    embedded_data: bool
    sampling: Sampling
    settings: Mapping[str, Mapping[str, Any]]
    """Per plugin, parameters that are not the plugin's own defaults."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The values, models, data sets and profiles that users can name without writing code."""

    values: Mapping[str, Value]
    models: Mapping[str, Mapping[str, Any]]
    sources: Mapping[str, Mapping[str, Any]]
    datasets: Mapping[str, Mapping[str, Any]]
    profiles: Mapping[str, Profile]
    prices: Mapping[str, Price] = field(default_factory=dict)

    def value(self, name: str, bare: bool = False) -> Value:
        """Return a value by its name; with `bare`, an unknown one has only its name.

        Raises UnknownName, or SpecError for a name that no value can have.
        """
        if name not in self.values and bare:
            return _bare(name)
        if name not in self.values:
            hint = f"A registry overlay adds values ({FILE} in the working folder, or --registry)."
            raise UnknownName("value", name, self.values, hint)
        return self.values[name]

    def profile(self, name: str) -> Profile:
        """Return a profile by its name. Raises UnknownName."""
        if name not in self.profiles:
            raise UnknownName("profile", name, self.profiles)
        return self.profiles[name]

    def model(self, text: str) -> Model:
        """Return the model of a registry name, a local folder or a hub ID.

        A hub ID or `embedded:` source in the registry gives that entry, with its stage and
        chat template. Raises UnknownName, or UsageError for a folder that
        lacks what a model needs.
        """
        if text in self.models:
            return self._listed(text)
        if is_folder(text) or Path(text).exists():
            folder = str(Path(text).expanduser().resolve())
            return Model(Path(folder).name, folder, model_identity(folder, None))
        match = HUB_ID.fullmatch(text)
        source, revision = (match["id"], match["revision"]) if match else (text, None)
        for name, table in self.models.items():
            if table["source"] == source and (revision or table.get("revision")) == table.get(
                "revision"
            ):
                return self._listed(name)
            if table["source"] == source:
                identity = model_identity(source, revision)
                return replace(self._listed(name), name=text, identity=identity, revision=revision)
        if match:
            return Model(text, source, model_identity(source, revision), revision=revision)
        raise UnknownName("model", text, self.models, FORMS)

    def embedded(self, text: str) -> bool:
        """Return whether a name is that of a model shipped with vibench."""
        return str(self.models.get(text, {}).get("source", text)).startswith(PREFIX)

    def _listed(self, name: str) -> Model:
        table = self.models[name]
        source, revision = table["source"], table.get("revision")
        template = table.get("chat_template")
        return Model(
            name=name,
            source=source,
            identity=model_identity(source, revision),
            stage=table.get("stage", "instruct"),
            family=table.get("family", ""),
            revision=revision,
            chat_template=template,
            chat_template_identity=template_identity(template) if template else "",
        )


def _bare(name: str) -> Value:
    problem = first_problem(name, schema_file("registry")["$defs"]["name"])
    if problem:
        raise SpecError(f"'{name}' cannot be the name of a value.", "Choose one word.")
    spelling = normalise(name)
    if spelling != name:
        # Judges' labels are normalized to one spelling. A value under another spelling would
        # never match them, so that its expression would always be 0.
        raise SpecError(
            f"Judges' labels are matched by the spelling '{spelling or name}', but this value is"
            f" called '{name}'.",
            f"Call it {spelling}." if spelling else "Choose a name of letters and digits.",
        )
    return Value(name, "neutral", "", "", "")


def load_catalogue(overlays: Sequence[Path] = (), working_folder: Path | None = None) -> Catalogue:
    """Return the project's registry with its overlays: registry.toml in the working folder (the
    current one unless given), those of VIBENCH_REGISTRY, and `overlays` (--registry).

    A later file's table of the same name replaces the keys it gives. Raises RegistryError
    naming file, key and what was expected.
    """
    project = _project_file()
    files = [project, *_overlays(project, overlays, working_folder or Path.cwd())]
    merged: Tables = {}
    origin: dict[tuple[str, ...], Path] = {}
    for path in files:
        tables = _read(path)
        for section, entries in tables.items():
            for name, table in entries.items():
                entry = merged.setdefault(section, {}).setdefault(name, {})
                entry.update(table)
                origin[section, name] = path
    problem = first_problem(merged, schema_file("registry")) or _misspelt(merged)
    if problem:
        raise _error(origin.get(tuple(map(str, problem.path[:2])), project), problem)
    return _catalogue(merged, origin)


def _misspelt(merged: Tables) -> Problem | None:
    """Return the error of the first value whose name is not in its normalized spelling."""
    for name in merged["values"]:
        if (spelling := normalise(name)) != name:
            what = "is not the spelling that judges' labels of this value are normalized to"
            hint = f"Call it {spelling}." if spelling else "Choose a name of letters and digits."
            return Problem(("values", name), "pattern", what, hint)
    return None


def _project_file() -> Path:
    # In an editable install there is no packaged file beside this one (a copy that lies
    # elsewhere goes stale), so the checkout's is read.
    package = Path(__file__).parent
    packaged = package / FILE
    return packaged if packaged.is_file() else package.parents[1] / FILE


def _overlays(project: Path, overlays: Sequence[Path], working_folder: Path) -> Iterator[Path]:
    here = working_folder / FILE
    if here.is_file() and not (project.is_file() and here.samefile(project)):
        yield here
    # The order is the precedence: a flag wins over the environment, which wins over the working
    # folder.
    for text in filter(None, os.environ.get(VARIABLE, "").split(os.pathsep)):
        yield Path(text).expanduser()
    yield from overlays


def _read(path: Path) -> Tables:
    advice = f"Check the path (--registry, {VARIABLE})."
    tables: Tables = read_toml(path, "registry file", RegistryError, advice)
    problem = first_problem(tables, schema_file("registry"), partial=True)
    if problem:
        raise _error(path, problem)
    for name, table in tables.get("models", {}).items():
        for key in ("source", "chat_template"):
            if what := name_problem(table.get(key, "")):
                raise _error(path, Problem(("models", name, key), "pattern", what))
            if is_folder(table.get(key, "")):
                # Relative to the file that contains it, whatever the working folder.
                table[key] = str((path.parent / Path(table[key]).expanduser()).resolve())
    return tables


def _error(path: Path, problem: Problem) -> RegistryError:
    return RegistryError(
        f"In the registry file {path}, {problem.key} {problem.what}.",
        problem.hint or "Correct that key.",
    )


def _catalogue(merged: Tables, origin: Mapping[tuple[str, ...], Path]) -> Catalogue:
    values = {name: Value(name=name, **table) for name, table in merged["values"].items()}
    profiles = {}
    for name, table in merged.get("profiles", {}).items():
        for position, value in enumerate(table["values"]):
            if value not in values:
                unknown = UnknownName("value", value, values)
                path = ("profiles", name, "values", position)
                problem = Problem(path, "enum", f"is '{value}', which is not a value", unknown.hint)
                raise _error(origin["profiles", name], problem)
        profiles[name] = _profile(name, table)
    return Catalogue(
        values=values,
        models=merged.get("models", {}),
        sources=merged.get("sources", {}),
        datasets=merged.get("datasets", {}),
        profiles=profiles,
        prices={name: Price(**table) for name, table in merged.get("prices", {}).items()},
    )


def _profile(name: str, table: Mapping[str, Any]) -> Profile:
    return Profile(
        name=name,
        description=table["description"],
        engine=table["engine"],
        judges=tuple(table["judges"]),
        extractor=table["extractor"],
        verifiers=tuple(table["verifiers"]),
        sources=tuple(table["sources"]),
        models=tuple(table["models"]),
        values=tuple(table["values"]),
        simulator=table.get("simulator"),
        embedded_data=table.get("embedded_data", False),
        sampling=Sampling(**table["sampling"]),
        settings=table.get("settings", {}),
    )
