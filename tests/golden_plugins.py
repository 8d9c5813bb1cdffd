"""The digests of the built-in plugins' code, with the `version` that each was taken at.

    python tests/golden_plugins.py                  list the plugins whose code changed
    python tests/golden_plugins.py --write          take those whose version went up, and new ones
    python tests/golden_plugins.py --write NAME...  take these too: their results are the same
    python tests/golden_plugins.py --write all      take every one

A plugin's code is its module and the modules that it imports, directly or not, within its own
package and `vibench.training`: of an engine or a source, which are in core, within
`vibench.engines` or `vibench.preferences`. Docstrings and comments are not code.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from vibench.entry_points import BUILTIN
from vibench.plugins import Plugins

FILE = Path(__file__).with_name("golden_plugins.json")
KINDS = ("inducer", "eval", "judge", "engine", "source")
CORE = "vibench"
TRAINING = "vibench.training"


@cache
def current() -> dict[str, dict[str, str]]:
    """The version and the digest of every built-in plugin, by "kind name"."""
    plugins = Plugins.discover()
    found: dict[str, dict[str, str]] = {}
    for kind in KINDS:
        for name in plugins.names(kind):
            entry = plugins.entry(kind, name)
            if entry.distribution == BUILTIN:
                module = entry.value.partition(":")[0]
                version = plugins.get(kind, name).version
                found[f"{kind} {name}"] = {"version": version, "digest": digest_of(module)}
    return found


def stored() -> dict[str, dict[str, str]]:
    golden: dict[str, dict[str, str]] = json.loads(FILE.read_text())
    return golden


def changed(golden: Mapping[str, Mapping[str, str]]) -> list[str]:
    """The plugins whose code is not that of their version in `golden`."""
    return [
        name
        for name, one in current().items()
        if name in golden
        and one["digest"] != golden[name]["digest"]
        and one["version"] == golden[name]["version"]
    ]


def stale(golden: Mapping[str, Mapping[str, str]]) -> list[str]:
    """The plugins that `golden` lacks, has at another version, or that are no more."""
    now = current()
    names = now.keys() ^ golden.keys()
    names |= {n for n in now.keys() & golden.keys() if now[n]["version"] != golden[n]["version"]}
    return sorted(names)


def digest_of(module: str) -> str:
    """The digest of a module's code and of all that it imports within its package."""
    parts = module.split(".")
    roots = (".".join(parts[:2]),) if parts[0] == CORE else (parts[0], TRAINING)
    modules, waiting = set[str](), [module]
    while waiting:
        name = waiting.pop()
        if name not in modules:
            modules.add(name)
            waiting += imported(name, roots)
    whole = hashlib.sha256()
    for name in sorted(modules):
        whole.update(f"{name}\n{json.dumps(code(tree_of(name)))}\n".encode())
    return whole.hexdigest()[:32]


@cache
def path_of(module: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return None
    return Path(spec.origin) if spec and spec.origin else None


@cache
def tree_of(module: str) -> ast.Module:
    path = path_of(module)
    assert path is not None, module
    return ast.parse(path.read_bytes())


@cache
def imported(module: str, roots: tuple[str, ...]) -> list[str]:
    """The modules below `roots` that a module's code imports, wherever it does."""
    names: list[str] = []
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    own = [n for n in names if f"{n}.".startswith(tuple(f"{root}." for root in roots))]
    return [name for name in own if path_of(name)]


def code(node: Any) -> Any:
    """A syntax tree as JSON, without docstrings and places, the same in each Python."""
    if isinstance(node, ast.AST):
        return [type(node).__name__, dict(fields(node))]
    if isinstance(node, list):
        return [code(one) for one in node if not documents(one)]
    return node if isinstance(node, str | int | float | bool) else repr(node)


def fields(node: ast.AST) -> Iterator[tuple[str, Any]]:
    for name, value in ast.iter_fields(node):
        if value not in (None, []) and name not in ("ctx", "type_comment", "kind"):
            yield name, code(value)


def documents(node: Any) -> bool:
    """Tell a string that stands alone: a docstring, also of an attribute."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def write(names: list[str]) -> list[str]:
    """Take what may be taken into the file; return what was."""
    golden, now = stored() if FILE.exists() else {}, current()
    taken = sorted(now) if "all" in names else stale(golden)
    taken += [name for name in changed(golden) if {name, name.split()[1]} & {*names}]
    taken = sorted({*taken})
    merged = {name: now[name] if name in taken else golden[name] for name in sorted(now)}
    FILE.write_text(json.dumps(merged, indent=1) + "\n")
    return taken


if __name__ == "__main__":
    if "--write" in sys.argv:
        print("taken:", ", ".join(write(sys.argv[sys.argv.index("--write") + 1 :])) or "nothing")
    for name in changed(stored()):
        print(f"changed, at the same version: {name}")
