"""`vibench plugins`: the installed plugins, from metadata alone unless they are checked."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, replace

from vibench.plugins import PluginInfo, Plugins

__all__ = ["command"]


def command(json_output: bool, check: bool) -> int:
    """Print all plugins; return 1 if they were checked and one is broken, else 0."""
    # Without `check`, names and versions come from entry points alone: no plugin is imported, so a
    # broken or slow one does not matter.
    infos = Plugins.discover().listing(check)
    infos = _tried(infos) if check else infos
    if json_output:
        from vibench.exhibits.json import as_json

        sys.stdout.write(as_json([asdict(info) for info in infos]))
    else:
        _print_table(infos, check)
    return 1 if check and any(info.status == "broken" for info in infos) else 0


def _tried(infos: Sequence[PluginInfo]) -> list[PluginInfo]:
    """Return the plugins with what came of calling those that can be used."""
    from vibench.preview.trial import trials

    results = trials([(info.kind, info.name) for info in infos if info.status == "ok"])
    tried = []
    for info in infos:
        trial = results.get((info.kind, info.name)) if info.status == "ok" else None
        if trial is not None:
            info = replace(
                info,
                status="broken" if trial.error else "ok",
                error=trial.error,
                called=trial.called,
                uncalled=trial.uncalled,
            )
        tried.append(info)
    return tried


def _print_table(infos: Sequence[PluginInfo], check: bool) -> None:
    from vibench.exhibits.lists import table_of_values, written
    from vibench.exhibits.table_layout import lines
    from vibench.text import printable

    rows = []
    for info in infos:
        description = ", ".join(info.hooks) if info.kind == "hooks" else info.summary
        owner = f"{info.distribution} {info.version}".strip()
        last = (description or "") if check else info.value
        rows.append((info.kind, info.name, owner, info.status, last))
    heads = ("kind", "name", "package", "status", "description" if check else "module")
    # Not through rich: importing it would take a quarter of the time that this command may take.
    for line in lines(table_of_values(heads, rows, written), width=0):
        print("".join(text for text, _ in line).rstrip())
    if check:
        print("\nCalled with small parts: inducers, evals and judges; no model, no network.")
    for uncalled in dict.fromkeys(info.uncalled for info in infos if info.uncalled):
        names = ", ".join(info.name for info in infos if info.uncalled == uncalled)
        print(f"\nNot called in full: {printable(f'{names}: {uncalled}')}.")
    for info in infos:
        if info.error:
            print(f"\n{printable(f'{info.kind} {info.name} of {info.distribution}: {info.error}')}")
