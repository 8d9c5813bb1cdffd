"""The plugin interface as a plugin sees it, and what breaks it; `--write` accepts a change.

    python tests/support/golden_interface.py [--write]

The golden file holds the public names of `vibench` and `vibench.training`, the fields of
records, the methods of the contracts with their arguments, and the hooks.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vibench import hookspecs
from vibench.version import INTERFACE

GOLDEN = Path(__file__).parents[1] / "golden_interface.json"
MODULES = ("vibench", "vibench.training")


def interface() -> dict[str, Any]:
    """Return the interface: its version, and each public name with its members."""
    names = {}
    for module in MODULES:
        package = importlib.import_module(module)
        for name in package.__all__:
            names[f"{module}.{name}"] = members(getattr(package, name))
    hooks = {
        name: list(inspect.signature(hook).parameters)
        for name, hook in vars(hookspecs).items()
        if hasattr(hook, "vibench_spec")
    }
    return {"version": INTERFACE, "names": names, "hooks": hooks}


def members(public: Any) -> dict[str, list[str]]:
    """Return the arguments of a function, or of each method and of the fields of a class."""
    if inspect.isfunction(public):
        return {"()": arguments(public)}
    if not isinstance(public, type):
        return {}
    public_members = {
        name: arguments(method)
        for name, method in inspect.getmembers(public, inspect.isfunction)
        if not name.startswith("_")
    }
    if dataclasses.is_dataclass(public):
        public_members["()"] = [
            field.name + ("" if required(field) else "=")
            for field in dataclasses.fields(public)
            if field.init
        ]
    return public_members


def required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def arguments(function: Any) -> list[str]:
    """Return the names of the arguments; "=" follows those that have a default."""
    return [
        name + ("" if parameter.default is parameter.empty else "=")
        for name, parameter in inspect.signature(function).parameters.items()
    ]


def breaks(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the changes with which a plugin that was written before no longer works."""
    lines = [f"{name} is gone" for name in before["names"] if name not in after["names"]]
    for name, old in before["names"].items():
        for member, expected in old.items():
            now = after["names"].get(name, {}).get(member)
            if name in after["names"] and not compatible(expected, now):
                lines.append(f"{name} {member}: {expected} became {now}")
    lines += [
        f"hook {name}: {expected} became {after['hooks'].get(name)}"
        for name, expected in before["hooks"].items()
        if not set(expected) <= set(after["hooks"].get(name, ()))
    ]
    return lines


def compatible(before: list[str], after: list[str] | None) -> bool:
    """Return whether calls with the arguments before still work: more may follow, with defaults."""
    if after is None or len(after) < len(before):
        return False
    same = all(old in (new, new.removesuffix("=")) for old, new in zip(before, after, strict=False))
    return same and all(new.endswith("=") for new in after[len(before) :])


if __name__ == "__main__":
    now = interface()
    for line in breaks(json.loads(GOLDEN.read_text()), now) if GOLDEN.exists() else []:
        print("A break:", line)
    if "--write" in sys.argv:
        GOLDEN.write_text(json.dumps(now, indent=1, sort_keys=True) + "\n")
