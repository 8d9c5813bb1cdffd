"""Plugins in a file that is not installed, by its path: `evals/poems.py:Poems`.

A name is that of a file only where no installed plugin has it (see `arguments`).
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from vibench.arguments import FILE_FORM
from vibench.contracts import CONTRACTS
from vibench.entry_points import PluginEntry
from vibench.errors import PluginError
from vibench.hooks import load
from vibench.plugin_identity import file_digest, file_neighbours

__all__ = ["class_of_file", "entry_of_file", "plugin_of", "short_name"]

SEPARATORS = "+,="
"""Characters that separate names in options, which a path can therefore not hold."""

_LOADED: dict[Path, tuple[str, ModuleType]] = {}
"""The files that this process has run, with the digest of what ran."""


def entry_of_file(kind: str, name: str) -> PluginEntry:
    """Return the entry of a plugin in a file, its path made absolute.

    Reads the file only where the name leaves its class out. Raises PluginError for a path that
    options cannot hold, and what `class_of_file` raises.
    """
    match = FILE_FORM.fullmatch(name)
    assert match is not None
    path = Path(match["path"]).expanduser().resolve()
    separators = [character for character in SEPARATORS if character in str(path)]
    if separators:
        raise PluginError(
            f"The path {path} contains '{separators[0]}', which separates names in options.",
            "Move the file to a folder without it, or rename it.",
        )
    # An empty name behind the colon is a name left out.
    class_name = match["name"] or class_of_file(kind, path)
    return PluginEntry(
        kind, f"{path}:{class_name}", f"{path}:{class_name}", path.name, path=str(path)
    )


def short_name(entry: PluginEntry) -> str:
    """Return the name by which `--set` may call a plugin in a file: its class's, in kebab case."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", entry.class_name)
    return words.replace("_", "-").lower()


def class_of_file(kind: str, path: Path) -> str:
    """Return the name of the only plugin class of a kind that a file defines.

    Raises PluginError if there is none, or if there are several.
    """
    contract = CONTRACTS[kind]
    module = load_file(path)
    names = [
        name
        for name, item in vars(module).items()
        if isinstance(item, type)
        and issubclass(item, contract)
        and item.__module__ == module.__name__
        and not inspect.isabstract(item)
    ]
    if len(names) == 1:
        return names[0]
    if names:
        raise PluginError(
            f"The file {path} has several {kind}s: {', '.join(names)}.",
            f"Name one of them: {path.name}:{names[0]}",
        )
    raise PluginError(
        f"The file {path} has no {kind}.",
        f"Define a class in it that inherits from vibench.{contract.__name__}.",
    )


def load_file(path: Path) -> ModuleType:
    """Run a file as a module that can import the files beside it, once for all its plugins.

    After an edit of any of them it is run anew. Raises PluginError if there is no such file, if it
    raises, or if another module in use has the name of a file that it imports.
    """
    if not path.is_file():
        raise PluginError(
            f"There is no plugin file {path}.", "Check the path; it is read from this folder."
        )
    digest, neighbours = file_digest(path), file_neighbours(path)
    if path in _LOADED:
        if _LOADED[path][0] == digest:
            return _LOADED[path][1]
        _forget(neighbours, path.parent)
    name = "vibench_file_" + hashlib.sha256(str(path).encode()).hexdigest()[:16]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    # At the end: a file beside the plugin must not replace an installed module for everybody else.
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    sys.modules[name] = module  # Dataclasses look their module up while they are defined.
    try:
        # Not by the loader: its cache takes an edit within a second, of the same length, for none.
        exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit in a file is an error of that file too.
        sys.modules.pop(name, None)
        cause = f"{type(error).__name__}: {error}".rstrip(": ")
        raise PluginError(
            f"The plugin file {path} cannot be loaded: {cause}.",
            "Correct the file; vibench --debug shows the traceback.",
        ) from error
    _check_neighbours(path, neighbours)
    _LOADED[path] = digest, module
    return module


def _forget(neighbours: Sequence[str], folder: Path) -> None:
    """Make the modules of a folder be read anew at their next import."""
    # A process that lives for long (a notebook) would otherwise run the neighbours of before under
    # the identity of those of now.
    for name in [name for name in sys.modules if name.partition(".")[0] in neighbours]:
        if _lies_in(getattr(sys.modules[name], "__file__", None), folder):
            del sys.modules[name]
    importlib.invalidate_caches()


def _lies_in(file: str | None, folder: Path) -> bool:
    return bool(file) and Path(str(file)).resolve().is_relative_to(folder)


def _check_neighbours(path: Path, neighbours: Sequence[str]) -> None:
    """Raise PluginError if an import of a file beside the plugin gave another module."""
    # The neighbour is part of the plugin's identity, so it has to be the code that runs.
    for root in neighbours:
        origin = getattr(sys.modules.get(root), "__file__", None)
        if origin and not _lies_in(origin, path.parent):
            raise PluginError(
                f"The plugin file {path} imports '{root}', and another module of that name is in "
                f"use ({origin}).",
                f"Rename the file or folder '{root}' beside the plugin.",
            )


def plugin_of(entry: PluginEntry) -> Any:
    """Import and return the class of an entry. Raises PluginError if its file has no such name."""
    if not entry.path:
        return load(entry.value)
    plugin = getattr(load_file(Path(entry.path)), entry.class_name, None)
    if plugin is None:
        raise PluginError(
            f"The file {entry.path} has no class '{entry.class_name}'.",
            "Check the name after the colon.",
        )
    return plugin
