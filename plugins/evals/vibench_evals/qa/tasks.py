"""lm-eval's task definitions, read from its YAML files without importing lm-eval.

Planning needs to know which tasks there are and what they read; lm-eval's own index takes
5 to 10 seconds to build. What runs in the end is loaded by lm-eval itself (`loading`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from vibench import UnknownName, UsageError

__all__ = [
    "Definition",
    "Leaf",
    "definition",
    "definitions",
    "home",
    "leaves",
    "lm_eval_version",
    "refuse",
]

Kind = Literal["task", "group", "tag"]

KEYS = re.compile(r"""^["']?(task|group|tag|include)["']?[ \t]*:(.*(?:\n(?:[ \t]+|-).*)*)""", re.M)
GROUP_KEYS = frozenset(
    {"group", "group_alias", "task", "aggregate_metric_list", "metadata", "tag", "version"}
)
"""What of a group's definition is about the group, and not passed on to its tasks."""

ROLLING = frozenset({"word_perplexity", "byte_perplexity", "bits_per_byte"})
"""Metrics of a whole collection of texts, which say nothing of a single one."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A name that lm-eval knows: one task, a group with a definition of its own, or a tag,
    which is a list of tasks and has no file."""

    name: str
    kind: Kind
    file: Path | None = None
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Leaf:
    """One task with its definition, in which functions stand as text; `over` is what the
    groups around it set."""

    name: str
    file: Path
    over: Mapping[str, Any]

    @property
    def settings(self) -> Mapping[str, Any]:
        """The definition with its includes and what the groups around it set."""
        return {**read(self.file), **self.over}

    @property
    def dataset(self) -> str:
        """The hub's data set, "" where the task makes its own."""
        return str(self.settings.get("dataset_path") or "")

    def check(self) -> None:
        """Raise UsageError if the definition shows that it cannot be measured here."""
        said = self.settings
        rolling = said.get("output_type") == "loglikelihood_rolling"
        listed = [entry.get("metric") for entry in said.get("metric_list") or ()]
        refuse(
            self.name,
            unsafe=bool(said.get("unsafe_code")),
            sensed=bool(said.get("doc_to_image") or said.get("doc_to_audio")),
            metrics=listed or (ROLLING if rolling else ()),
        )


def refuse(task: str, *, unsafe: bool, sensed: bool, metrics: Iterable[object]) -> None:
    """Raise UsageError for a task that vibench does not measure."""
    what = ""
    names = set(metrics)
    if unsafe:
        what = "runs code that the model writes"
    elif sensed:
        what = "shows pictures or plays sounds"
    elif names and names <= ROLLING:
        what = "has no metric of single texts, only of all together (perplexity)"
    if what:
        hint = "Choose another task."
        raise UsageError(f"lm-eval's task '{task}' {what}, which vibench does not do.", hint)


def home() -> Path:
    """lm-eval's folder of tasks."""
    spec = find_spec("lm_eval")
    if spec is None or not spec.submodule_search_locations:
        raise UsageError("lm-eval's folder of tasks is not to be found.", "Install it again.")
    return Path(spec.submodule_search_locations[0]) / "tasks"


def lm_eval_version() -> str:
    return version("lm-eval")


def definition(name: str, *folders: Path) -> Definition:
    """What a name stands for, in the files below the first folder that has it. Raises
    UnknownName with those that are near."""
    for folder in folders:
        found = _guess(name, folder) or definitions(folder).get(name)
        if found is not None:
            return found
    known = [one for folder in folders for one in definitions(folder)]
    more = "lm_eval ls tasks lists all of them; a folder of your own is named by include_path."
    raise UnknownName("lm-eval task", name, known, more)


def leaves(name: str, *folders: Path) -> Iterator[Leaf]:
    """The tasks behind a name, in lm-eval's order. Raises UnknownName."""
    yield from _leaves(definition(name, *folders), folders, {})


def _leaves(
    found: Definition, folders: tuple[Path, ...], over: Mapping[str, Any]
) -> Iterator[Leaf]:
    if found.file is None:
        yield from _members(found.members, folders, None, over)
    elif found.kind == "task":
        yield Leaf(found.name, found.file, over)
    else:
        settings = read(found.file)
        inherited = {k: v for k, v in settings.items() if k not in GROUP_KEYS}
        yield from _members(settings.get("task"), folders, found.file.parent, {**inherited, **over})


def _members(
    listed: Any, folders: tuple[Path, ...], beside: Path | None, over: Mapping[str, Any]
) -> Iterator[Leaf]:
    """What a group lists: names, names with settings of their own, groups within it."""
    for member in listed if isinstance(listed, list | tuple) else ():
        entry: Mapping[str, Any] = {"task": member} if isinstance(member, str) else member
        own = {**over, **{k: v for k, v in entry.items() if k not in ("task", "group")}}
        if isinstance(entry.get("task"), list):
            yield from _members(entry["task"], folders, beside, own)
            continue
        name = str(entry.get("task") or entry.get("group"))
        # Most lie beside their group, and reading one folder is quicker than all of them.
        found = definitions(beside).get(name) if beside else None
        yield from _leaves(found or definition(name, *folders), folders, own)


@cache
def definitions(folder: Path) -> Mapping[str, Definition]:
    """Every name that the YAML files below a folder define. Of two files with one name the
    first counts, as in lm-eval."""
    found: dict[str, Definition] = {}
    tagged: dict[str, list[str]] = {}
    for file in sorted(folder.rglob("*.yaml"), key=lambda path: path.as_posix()):
        keys = _keys(file)
        kind: Kind = "group" if "group" in keys else "task"
        for name in keys.get(kind, ())[:1]:
            found.setdefault(name, Definition(name, kind, file))
            for tag in keys.get("tag", ()) if kind == "task" else ():
                tagged.setdefault(tag, []).append(name)
    tags = {tag: Definition(tag, "tag", None, tuple(sorted(of))) for tag, of in tagged.items()}
    return {**tags, **found}


def _guess(name: str, folder: Path) -> Definition | None:
    """The definition in a file of the same name, which spares reading all the others."""
    for stem in (name, f"_{name}"):
        for file in sorted(folder.rglob(f"{stem}.yaml")) if re.fullmatch(r"[\w.-]+", stem) else ():
            keys = _keys(file)
            kind: Kind = "group" if "group" in keys else "task"
            if keys.get(kind) == [name]:
                return Definition(name, kind, file)
    return None


@cache
def _keys(file: Path) -> Mapping[str, list[str]]:
    """The names under `task`, `group` and `tag`, of the file or of what it includes. Found
    by their place in the text: parsing 14,000 files takes seconds."""
    try:
        text = file.read_text("utf-8", "replace")
    except OSError:
        return {}
    own = {key: _names(value) for key, value in KEYS.findall(text)}
    merged: dict[str, list[str]] = {}
    for include in own.pop("include", ()):
        merged |= _keys((file.parent / include).resolve())
    return merged | own


def _names(text: str) -> list[str]:
    """What stands behind a key: `a`, `"a"  # why`, `[a, b]`, or items one a line."""
    names = []
    for line in text.splitlines():
        plain = line.split(" #")[0].strip().removeprefix("-").strip().strip("[]")
        names += [part.strip().strip("\"'") for part in plain.split(",")]
    return [name for name in names if name and not name.startswith("#")]


@cache
def read(file: Path) -> Mapping[str, Any]:
    """A YAML file with what it includes; functions stand in it as text. Raises UsageError for
    one that cannot be read."""
    import yaml  # type: ignore[import-untyped]

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """Reads `!function` as the text that follows it."""

    Loader.add_multi_constructor("!", lambda loader, tag, node: str(node.value))
    try:
        settings: dict[str, Any] = dict(yaml.load(file.read_text("utf-8"), Loader=Loader))
    except (OSError, ValueError, TypeError, yaml.YAMLError) as error:
        why = " ".join(str(error).split())
        raise UsageError(
            f"The task file {file} cannot be read ({why}).", "Mend it, or what includes it."
        ) from error
    includes = settings.pop("include", [])
    merged: dict[str, Any] = {}
    for include in includes if isinstance(includes, list) else [includes]:
        merged |= read((file.parent / include).resolve())
    return {**merged, **settings}
