"""A store of format 1, read for what was paid for in it.

    ledgers/judged-SCOPE/*.parquet    verdicts of a judge that asks a model, by question
    ledgers/KEY/replies/*.parquet     replies of an unfinished stage's conversations
    artefacts/KIND/KK/KEY/            finished stages; manifest.json holds what they were asked
    runs/ID/                          run.json (what was asked), cells.parquet

How its keys came about is written here once more, as it was then: today's keys come from
today's planner.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.entry_points import BUILTIN
from vibench.errors import StoreError
from vibench.plan.parts import file_identity
from vibench.records import digest
from vibench.spec import Spec
from vibench.store.columns import read_parquet
from vibench.store.files import unless_missing
from vibench.store.json_files import read_object

if TYPE_CHECKING:
    from vibench.plugins import Plugins

__all__ = ["JUDGED", "OldStore", "old_scope"]

FORMAT = 1
JUDGED = "judged-"
BUILTIN_VERSION = "1"
"""Of every engine, eval and judge that came with vibench then."""

Row = tuple[str, Mapping[str, Any]]


class OldStore:
    """Such a store. Nothing in it is changed; `damaged` counts the files that cannot be used.

    Raises StoreError for a folder that is none.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.damaged = 0
        try:
            version = read_object(root / "store.json", root).get("format")
        except (FileNotFoundError, ValueError):
            raise StoreError(
                f"{root} is not a vibench store.", "Name a folder that `vibench run` made."
            ) from None
        if version != FORMAT:
            raise StoreError(
                f"The store {root} has format {version}; only format {FORMAT} can be taken over.",
                "A store in the current format needs no takeover: name it with --store.",
            )

    def manifests(self, *kinds: str) -> Iterator[tuple[Path, Mapping[str, Any]]]:
        """Folder and manifest of every finished stage of these kinds."""
        for kind in kinds:
            for part in self._listed(self.root / "artefacts" / kind):
                for folder in self._listed(part):
                    manifest = self._json(folder / "manifest.json")
                    if manifest is not None:
                        yield folder, manifest

    def scopes(self) -> list[str]:
        """The scopes of verdicts."""
        names = (path.name for path in self._listed(self.root / "ledgers"))
        return [name.removeprefix(JUDGED) for name in names if name.startswith(JUDGED)]

    def unfinished(self) -> list[str]:
        """The keys of unfinished stages whose conversations were paid for."""
        folders = self._listed(self.root / "ledgers")
        return [path.name for path in folders if (path / "replies").is_dir()]

    def rows(self, ledger: str) -> Iterator[Row]:
        """The rows of a ledger."""
        for shard in self._listed(self.root / "ledgers" / ledger):
            for row in self.table(shard) if shard.suffix == ".parquet" else ():
                yield row["key"], json.loads(row["value"])

    def table(self, path: Path) -> list[dict[str, Any]]:
        """The rows of a Parquet file; none, and it is counted, if it is damaged."""
        import pyarrow as pa

        try:
            rows: list[dict[str, Any]] = read_parquet(path).to_pylist()
        except (pa.ArrowException, OSError):
            self.damaged += 1
            return []
        return rows

    def runs(self) -> Iterator[tuple[Spec, list[dict[str, Any]]]]:
        """Yield the request of each run, and its cells."""
        for folder in self._listed(self.root / "runs"):
            record = self._json(folder / "run.json")
            cells = folder / "cells.parquet"
            if record is not None and cells.is_file():
                yield _spec(record["spec"]), self.table(cells)

    def _json(self, path: Path) -> Mapping[str, Any] | None:
        try:
            return read_object(path, self.root)
        except FileNotFoundError:
            return None
        except ValueError:
            self.damaged += 1
            return None

    def _listed(self, folder: Path) -> list[Path]:
        try:
            with unless_missing(self.root):
                return sorted(folder.iterdir())
        except FileNotFoundError:
            return []


def _spec(table: Mapping[str, Any]) -> Spec:
    plain: dict[str, Any] = {
        name: tuple(v) if isinstance(v, list) else v for name, v in table.items()
    }
    plain["settings"] = {
        plugin: {name: tuple(options) for name, options in parameters.items()}
        for plugin, parameters in table["settings"].items()
    }
    return Spec(**plain)


def old_scope(spec: Mapping[str, Any], plugins: Plugins) -> str:
    """The scope that format 1 gave to verdicts of this spec, if plugins and the files they name
    are what they were. Raises UnknownName for a plugin that is not here."""
    model = spec["judge_model"]["model"]
    # As format 1 hashed it, word for word. Nothing here may be derived from today's planner.
    subject = [model["identity"], model["chat_template_identity"], "chat", None, None]
    parts = [_old_part(plugins, "judge", spec["judge"]), digest(subject)]
    parts.append(_old_part(plugins, "engine", spec["engine"]))
    if "eval" in spec:
        parts.append(_old_part(plugins, "eval", spec["eval"]))
    return digest(parts)


def _old_part(plugins: Plugins, kind: Any, piece: Mapping[str, Any]) -> str:
    contract = plugins.get(kind, piece["name"])
    builtin = plugins.entry(kind, piece["name"]).distribution == BUILTIN
    properties = contract.parameters.get("properties", {})
    telling = {
        name: file_identity(value) if properties.get(name, {}).get("x-file") else value
        for name, value in piece["parameters"].items()
        if properties.get(name, {}).get("x-key", True)
    }
    return digest([piece["name"], BUILTIN_VERSION if builtin else contract.version, telling])
