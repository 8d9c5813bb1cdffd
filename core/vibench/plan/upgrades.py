"""The stages of a plan that an earlier run did with other versions of plugins.

    runs/ID/stages.parquet    key, kind and likeness of every stage; in its metadata the
                              identity of every plugin that the run used

A stage with the likeness of one in there and another key is the same work, and is new
because a plugin of its own or of what it needs is another one now.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from vibench.stages.stage import plugin_configs
from vibench.store.artefacts import Store, replacing
from vibench.store.columns import read_parquet, strings

if TYPE_CHECKING:
    from vibench.plan.plan import Plan
    from vibench.sessions.configs import PluginConfig
    from vibench.stages.stage import Stage

__all__ = ["STAGES", "Upgrades", "plugins_in_use", "upgrades_of", "write_stages"]

STAGES = "stages.parquet"
"""Their file in the run's folder."""

PLUGINS = b"plugins"
Identity = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Upgrades:
    """The stages to be done that are in the store as another version of a plugin did them:
    how many of each kind, and each plugin that changed, in words."""

    stages: Mapping[str, int] = field(default_factory=dict)
    plugins: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        return sum(self.stages.values())


def plugins_in_use(stages: Iterable[Stage]) -> dict[str, Identity]:
    """The identity of every plugin that stages name, by "kind name"."""
    return {
        _name(config): config.plugin
        for config in plugin_configs(stages)
        if config.plugin is not None
    }


def write_stages(path: Path, plan: Plan) -> None:
    """Keep what the stages of a run are known by. A run's stages never change, so it is
    written once."""
    if path.exists():
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    stages = list(plan.stages.values())
    columns = ([s.key for s in stages], [s.kind for s in stages], [s.likeness for s in stages])
    table = pa.Table.from_arrays([strings(c) for c in columns], names=["key", "kind", "likeness"])
    plugins = json.dumps(plugins_in_use(stages)).encode()
    with replacing(path) as temporary:
        table = table.replace_schema_metadata({PLUGINS: plugins})
        options = {"compression": "zstd", "write_page_checksum": True, "write_statistics": False}
        pq.write_table(table, temporary, **options)


def upgrades_of(plan: Plan, todo: Collection[Stage], store: Store) -> Upgrades:
    """The stages among `todo` that are new because a plugin changed."""
    now = plugins_in_use(plan.stages.values())
    causes: dict[str, frozenset[tuple[str, str]]] = {}
    earlier: dict[str, str] = {}
    # The latest run first, so that a stage is compared with what was done last.
    for plugins, path in _earlier_runs(store):
        changed = {name: _change(name, plugins[name], now[name]) for name in now if name in plugins}
        changed = {name: texts for name, texts in changed.items() if texts}
        keys = _keys_by_likeness(path) if changed else {}
        for stage in plan.stages.values():
            key = keys.get(stage.likeness)
            # The same likeness and another key: the same work, done by another version of a
            # plugin.
            if key is None or key == stage.key or stage.key in earlier:
                continue
            names = map(_name, stage.spec.plugins())
            whose = {(name, changed[name]) for name in names if name in changed}
            whose.update(*(causes.get(need, ()) for need in stage.need_keys))
            if whose:
                causes[stage.key] = frozenset(whose)
                earlier[stage.key] = key
    counts: Counter[str] = Counter()
    texts: set[tuple[str, str]] = set()
    for stage in todo:
        key = earlier.get(stage.key)
        if key is not None and store.folder(stage.kind, key).is_dir():
            counts[stage.kind] += 1
            texts |= causes[stage.key]
    return Upgrades(dict(counts), tuple(text for _, text in sorted(texts)))


def _name(config: PluginConfig) -> str:
    return f"{config.kind} {config.name}"


def _earlier_runs(store: Store) -> Iterator[tuple[Mapping[str, Identity], Path]]:
    """The plugins of each run in a store, with its file of stages; the latest run first."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    paths = list((store.root / "runs").glob(f"*/{STAGES}"))
    for path in sorted(paths, key=lambda p: p.stat().st_mtime_ns, reverse=True):
        try:
            plugins = json.loads((pq.read_schema(path).metadata or {})[PLUGINS])
        except (pa.ArrowException, OSError, KeyError, ValueError):
            continue  # It only says why something is done again.
        yield plugins, path


def _keys_by_likeness(path: Path) -> Mapping[str, str]:
    import pyarrow as pa

    try:
        table = read_parquet(path, ["key", "likeness"])
    except (pa.ArrowException, OSError):
        return {}
    return dict(zip(table["likeness"].to_pylist(), table["key"].to_pylist(), strict=True))


def _change(name: str, before: Identity, now: Identity) -> str:
    """A plugin that is another one now, in words; "" for the same."""
    if before == now:
        return ""

    def describe(identity: Identity) -> str:
        owner = f"{identity['distribution']} {identity.get('release', '')}".strip()
        return owner if identity.get("digest") else f"version {identity['version']}"

    if describe(before) != describe(now):
        return f"{name} ({describe(before)}, now {describe(now)})"
    return f"{name} ({describe(now)}, its code changed)"
