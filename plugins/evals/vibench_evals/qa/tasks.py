"""lm-eval's task definitions, read from its YAML files without importing lm-eval.

Planning needs to know which tasks there are and what they read; lm-eval's own index takes
5 to 10 seconds to build. A run then loads its tasks with lm-eval itself (`task_files`).
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
"""Keys of a group's definition that its tasks do not inherit."""

ROLLING = frozenset({"word_perplexity", "byte_perplexity", "bits_per_byte"})
"""Metrics of a whole collection of texts, undefined for a single one."""


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
        settings = self.settings
        rolling = settings.get("output_type") == "loglikelihood_rolling"
        listed = [entry.get("metric") for entry in settings.get("metric_list") or ()]
        refuse(
            self.name,
            unsafe=bool(settings.get("unsafe_code")),
            sensed=bool(settings.get("doc_to_image") or settings.get("doc_to_audio")),
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
        raise UsageError(f"lm-eval's task '{task}' {what}, which vibench does not support.", hint)


def home() -> Path:
    """Return lm-eval's folder of tasks."""
    spec = find_spec("lm_eval")
    if spec is None or not spec.submodule_search_locations:
        raise UsageError("lm-eval's folder of tasks was not found.", "Reinstall lm-eval.")
    return Path(spec.submodule_search_locations[0]) / "tasks"


def lm_eval_version() -> str:
    return version("lm-eval")


def definition(name: str, *folders: Path) -> Definition:
    """Return the definition of a name, from the first folder that has it. Raises UnknownName
    with similar names."""
    for folder in folders:
        match = _guess(name, folder) or definitions(folder).get(name)
        if match is not None:
            return match
    names = [defined for folder in folders for defined in definitions(folder)]
    hint = "lm_eval ls tasks lists all of them; include_path adds a folder of your own."
    raise UnknownName("lm-eval task", name, names, hint)


def leaves(name: str, *folders: Path) -> Iterator[Leaf]:
    """Yield the tasks of a name, in lm-eval's order. Raises UnknownName."""
    yield from _leaves(definition(name, *folders), folders, {})


def _leaves(root: Definition, folders: tuple[Path, ...], over: Mapping[str, Any]) -> Iterator[Leaf]:
    if root.file is None:
        yield from _members(root.members, folders, None, over)
    elif root.kind == "task":
        yield Leaf(root.name, root.file, over)
    else:
        settings = read(root.file)
        inherited = {k: v for k, v in settings.items() if k not in GROUP_KEYS}
        yield from _members(settings.get("task"), folders, root.file.parent, {**inherited, **over})


def _members(
    listed: Any, folders: tuple[Path, ...], beside: Path | None, over: Mapping[str, Any]
) -> Iterator[Leaf]:
    """Yield the tasks of a group's list: names, names with settings, groups within it."""
    for member in listed if isinstance(listed, list | tuple) else ():
        entry: Mapping[str, Any] = {"task": member} if isinstance(member, str) else member
        settings = {**over, **{k: v for k, v in entry.items() if k not in ("task", "group")}}
        if isinstance(entry.get("task"), list):
            yield from _members(entry["task"], folders, beside, settings)
            continue
        name = str(entry.get("task") or entry.get("group"))
        # Most lie beside their group, and one folder is quicker to read than all of them.
        neighbour = definitions(beside).get(name) if beside else None
        yield from _leaves(neighbour or definition(name, *folders), folders, settings)


@cache
def definitions(folder: Path) -> Mapping[str, Definition]:
    """Return every name that the YAML files below a folder define. Of two files with one name
    the first counts, as in lm-eval."""
    by_name: dict[str, Definition] = {}
    tagged: dict[str, list[str]] = {}
    for file in sorted(folder.rglob("*.yaml"), key=lambda path: path.as_posix()):
        keys = _keys(file)
        kind: Kind = "group" if "group" in keys else "task"
        for name in keys.get(kind, ())[:1]:
            by_name.setdefault(name, Definition(name, kind, file))
            for tag in keys.get("tag", ()) if kind == "task" else ():
                tagged.setdefault(tag, []).append(name)
    for tag, names in tagged.items():
        by_name.setdefault(tag, Definition(tag, "tag", None, tuple(sorted(names))))
    return by_name


def _guess(name: str, folder: Path) -> Definition | None:
    """Return the definition in a file of the same name, without reading all the others."""
    # Most tasks have a file of their name, and many groups one with an underscore before it.
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
    keys = {key: _names(value) for key, value in KEYS.findall(text)}
    merged: dict[str, list[str]] = {}
    for include in keys.pop("include", ()):
        merged |= _keys((file.parent / include).resolve())
    return merged | keys


def _names(text: str) -> list[str]:
    """Return the names after a key: `a`, `"a"  # why`, `[a, b]`, or one item per line."""
    names = []
    for line in text.splitlines():
        plain = line.split(" #")[0].strip().removeprefix("-").strip().strip("[]")
        names += [part.strip().strip("\"'") for part in plain.split(",")]
    return [name for name in names if name and not name.startswith("#")]


@cache
def read(file: Path) -> Mapping[str, Any]:
    """Return a YAML file merged with its includes, functions as text. Raises UsageError for a
    file that cannot be read."""
    import yaml  # type: ignore[import-untyped]

    # A class for each call, because constructors are registered on the class. The C loader is much
    # faster.
    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """Reads `!function` as the text that follows it."""

    Loader.add_multi_constructor("!", lambda loader, tag, node: str(node.value))
    try:
        settings: dict[str, Any] = dict(yaml.load(file.read_text("utf-8"), Loader=Loader))
    except (OSError, ValueError, TypeError, yaml.YAMLError) as error:
        why = " ".join(str(error).split())
        raise UsageError(
            f"The task file {file} cannot be read ({why}).",
            "Correct it, or the file that includes it.",
        ) from error
    includes = settings.pop("include", [])
    merged: dict[str, Any] = {}
    for include in includes if isinstance(includes, list) else [includes]:
        merged |= read((file.parent / include).resolve())
    return {**merged, **settings}
