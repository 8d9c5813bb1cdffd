"""The identity of a plugin's code: what makes an upgraded plugin give new content keys.

A built-in plugin is known by its name and `version`; a test holds that its code does not
change without its version. Nobody holds that for plugins by others, so they are known by
their distribution, its release, and the digest of every file that their code is made of.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import importlib.util
import inspect
import sys
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

from vibench.entry_points import BUILTIN, GROUPS, PluginEntry
from vibench.errors import PluginError
from vibench.records import digest

__all__ = [
    "PluginIdentity",
    "code_digest",
    "entry_digest",
    "file_digest",
    "file_neighbours",
    "source_digest",
]

COMPILED = (".pyc", ".pyo")
SCRIPTS = ("..", "bin", "Scripts")
"""Folders of commands, which name the environment that they were installed into."""

THIS_PROCESS = uuid.uuid4().hex
"""Stands for code that has no file: what it was in another process cannot be known."""


@dataclass(frozen=True, slots=True)
class PluginIdentity:
    """The identity of a plugin's code in content keys, beside its name and settings. `version`
    is its class's; `release` (of the distribution) and `digest` are "" for a built-in plugin."""

    distribution: str
    version: str
    release: str = ""
    digest: str = ""

    @property
    def record(self) -> dict[str, str]:
        """The identity as specs, manifests and run records hold it."""
        record = {"distribution": self.distribution, "version": self.version}
        if self.digest:
            record |= {"release": self.release, "digest": self.digest}
        return record

    @property
    def key(self) -> list[str]:
        """The identity as part of a content key: for built-in plugins the version alone."""
        # A built-in plugin adds its version alone, so that a new release of vibench keeps the
        # keys, and with them the stores, of plugins that did not change.
        third_party = [self.distribution, self.release, self.digest] if self.digest else []
        return [self.version, *third_party]

    @classmethod
    def of(cls, entry: PluginEntry, version: str, code: str) -> PluginIdentity:
        """Return the identity of a plugin of class version `version` and files' digest `code`."""
        if entry.distribution == BUILTIN:
            return cls(BUILTIN, version)
        return cls(entry.distribution, version, entry.version, code)


def entry_digest(entry: PluginEntry, registered: Any = None) -> str:
    """Return the digest of a plugin's code: of its file, its distribution, or, for a class that a
    process registered, of the file that defines it."""
    if entry.path:
        return file_digest(Path(entry.path))
    return code_digest(entry) if registered is None else source_digest(registered)


def code_digest(entry: PluginEntry) -> str:
    """Return the digest of all files of the top-level packages and modules of an installed plugin.

    They are those of its distribution and of its own entry point. In an editable install the
    distribution does not list its files: then what lies beside them and is imported by them
    counts too.
    """
    distribution = _distribution(entry.distribution)
    recorded = _recorded(distribution)
    modules = {entry.value.partition(":")[0].strip(), *_entry_modules(distribution)}
    roots = {module.partition(".")[0] for module in modules}
    roots |= {name.partition("/")[0].removesuffix(".py") for name in recorded}
    files: dict[str, Path] = {}
    # An editable install lists no files. Its imports are followed instead, one top-level module at
    # a time, until no new one is found beside the plugin.
    waiting = sorted(roots)
    seen: set[str] = set()
    while waiting:
        root = waiting.pop()
        if root in seen:
            continue
        seen.add(root)
        fresh = _files_of(root, modules, recorded)
        files |= fresh
        if not recorded:
            waiting += sorted(_neighbours(fresh, seen))
    if not files:
        return THIS_PROCESS
    return digest(sorted([name, _content(path)] for name, path in files.items()))


def file_digest(path: Path) -> str:
    """Return the digest of a file of plugins that is not installed, and of what lies beside it
    and is imported by it. Raises PluginError if the file is gone."""
    if not path.is_file():
        raise PluginError(f"There is no plugin file {path}.", "Restore it, or name another.")
    files = {path.name: path, **_beside(path)}
    return digest(sorted([name, _content(file)] for name, file in files.items()))


def file_neighbours(path: Path) -> list[str]:
    """Return the modules beside a file of plugins that it imports, those of theirs included."""
    names = (name.partition("/")[0].removesuffix(".py") for name in _beside(path))
    return sorted(set(names))


def _beside(path: Path) -> Mapping[str, Path]:
    """Return the files beside a plugin's own that it imports, by their names below its folder."""
    folder, own = path.parent, path.name.removesuffix(".py")
    files: dict[str, Path] = {}
    seen = {own}
    waiting = sorted(_neighbours({path.name: path}, seen))
    while waiting:
        root = waiting.pop()
        seen.add(root)
        # A folder without __init__.py may hold anything (a data set); only its code counts.
        package = folder / root
        if (package / "__init__.py").is_file():
            fresh = _trees(root, [package])
        elif (folder / f"{root}.py").is_file():
            fresh = {f"{root}.py": folder / f"{root}.py"}
        else:
            fresh = {n: p for n, p in _trees(root, [package]).items() if p.suffix == ".py"}
        files.update(fresh)
        waiting = sorted({*waiting, *_neighbours(fresh, seen)})
    return files


def source_digest(plugin: Any) -> str:
    """Return the digest of the file that defines a class or object, or of its source."""
    cls = plugin if isinstance(plugin, type) else type(plugin)
    module = sys.modules.get(cls.__module__)
    file = getattr(module, "__file__", None)
    if file and Path(file).is_file():
        return _content(Path(file))
    try:
        return digest(inspect.getsource(cls))
    except (OSError, TypeError):
        return THIS_PROCESS


def _distribution(name: str) -> importlib.metadata.Distribution | None:
    try:
        return importlib.metadata.distribution(name)
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return None


def _recorded(distribution: importlib.metadata.Distribution | None) -> Mapping[str, Path]:
    """Return the files that a distribution lists as its own, without metadata, scripts and what
    only leads to an editable install."""
    files: dict[str, Path] = {}
    for file in (distribution.files if distribution else None) or ():
        root = file.parts[0]
        leads = len(file.parts) == 1 and (file.suffix == ".pth" or root.startswith("__editable__"))
        if root in SCRIPTS or root.endswith((".dist-info", ".egg-info", ".data")) or leads:
            continue
        path = Path(str(file.locate()))
        if _counts(Path(*file.parts)) and path.is_file():
            files[file.as_posix()] = path
    return files


def _entry_modules(distribution: importlib.metadata.Distribution | None) -> Iterator[str]:
    points = distribution.entry_points if distribution else ()
    for point in points:
        if point.group in GROUPS:
            yield point.value.partition(":")[0].strip()
    if distribution:
        yield from (distribution.read_text("top_level.txt") or "").split()


def _files_of(
    root: str, modules: Iterable[str], recorded: Mapping[str, Path]
) -> Mapping[str, Path]:
    """Return the files of one top-level package or module by their names below its parent."""
    listed = {name: p for name, p in recorded.items() if name.partition("/")[0] == root}
    spec = _spec(root)
    if spec is None:
        return listed
    folders = [Path(folder) for folder in spec.submodule_search_locations or ()]
    if not folders:
        origin = Path(spec.origin or "")
        return {**listed, origin.name: origin} if origin.is_file() else listed
    if spec.origin:
        return {**listed, **_trees(root, folders)}
    # A namespace is shared: only what the distribution lists is its own. Where it lists
    # nothing (an editable install) each plugin's own package, or folder of modules, counts.
    return listed or _namespace_files(root, modules)


def _namespace_files(root: str, modules: Iterable[str]) -> Mapping[str, Path]:
    files: dict[str, Path] = {}
    for module in modules:
        names = module.split(".")
        if names[0] != root:
            continue
        for depth in range(2, len(names) + 1):
            name = ".".join(names[:depth])
            spec = _spec(name)
            if spec is None or not spec.origin:
                continue
            where = Path(spec.origin).parent
            package = name if spec.submodule_search_locations else name.rpartition(".")[0]
            files |= _trees(package.replace(".", "/"), [where])
            break
    return files


def _spec(name: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return None


def _trees(name: str, folders: Iterable[Path]) -> Mapping[str, Path]:
    return {
        f"{name}/{path.relative_to(folder).as_posix()}": path
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file() and _counts(path.relative_to(folder))
    }


def _counts(path: Path) -> bool:
    """Tell a file of the code from what tools leave beside it."""
    # Caches and hidden files change when the code is run, not when it changes.
    hidden = any(part == "__pycache__" or part.startswith(".") for part in path.parts)
    return not hidden and path.suffix not in COMPILED


def _neighbours(files: Mapping[str, Path], seen: Iterable[str]) -> set[str]:
    """Return the top-level modules beside these files' packages that they import."""
    roots: set[str] = set()
    for name, path in files.items():
        if path.suffix != ".py":
            continue
        folder = path.parents[name.count("/")]
        for root in _imported_roots(path) - {*seen}:
            if (folder / root).is_dir() or (folder / f"{root}.py").is_file():
                roots.add(root)
    return roots


def _imported_roots(path: Path) -> set[str]:
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return set()
    roots: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            roots |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            roots.add(node.module.partition(".")[0])
    return roots


def _content(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
