"""The artefacts, runs and ledgers among files from elsewhere, each checked before any is used."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vibench.errors import StoreError
from vibench.store.columns import read_parquet
from vibench.store.contents import StageId
from vibench.store.foreign_files import (
    FileDigest,
    ForeignFiles,
    checked_name,
    json_object,
    refusal_of,
)
from vibench.store.ledgers import shard_digest
from vibench.store.manifests import MANIFEST
from vibench.store.store_format import FORMAT

__all__ = ["ForeignArtefact", "ForeignStore", "foreign_store", "shard_rows"]

ARTEFACT = re.compile(r"(artefacts/([A-Za-z0-9_-]+)/([0-9a-f]{2})/([0-9a-f]{32})/)(.+)")
LEDGER = re.compile(r"ledgers/([A-Za-z0-9_][^/]*(?:/[A-Za-z0-9_][^/]*)?)/([^./][^/]*\.parquet)")
RUN = re.compile(r"runs/([A-Za-z0-9_-]+)/([^./][^/]*)")
RECORD = "run.json"
LOGS = ".log"


@dataclass(frozen=True, slots=True)
class ForeignArtefact:
    """An artefact whose files are those of its manifest. `prefix` begins their names."""

    stage: StageId
    manifest: Mapping[str, Any]
    prefix: str

    @property
    def files(self) -> Sequence[str]:
        """The files that its manifest lists."""
        return tuple(self.manifest["files"])


@dataclass(frozen=True, slots=True)
class ForeignStore:
    """Artefacts, the names of each run's files, and those of each ledger's shards."""

    source: ForeignFiles
    artefacts: Sequence[ForeignArtefact]
    runs: Mapping[str, Sequence[str]]
    shards: Mapping[str, Sequence[str]]


def foreign_store(source: ForeignFiles) -> ForeignStore:
    """Return what there is to import. Raises StoreError if any of it is damaged, of a newer
    version, or has no place in a store."""
    prefixes: dict[str, StageId] = {}
    runs: defaultdict[str, list[str]] = defaultdict(list)
    shards: defaultdict[str, list[str]] = defaultdict(list)
    for name in sorted(source.names):
        if match := ARTEFACT.fullmatch(name):
            prefix, kind, part, key, _ = match.groups()
            if not key.startswith(part):
                raise refusal_of(source.label, f"'{name}' has no such place in a store")
            prefixes[prefix] = StageId(kind, key)
        elif match := LEDGER.fullmatch(name):
            shards[match[1]].append(name)
        elif match := RUN.fullmatch(name):
            if not match[2].endswith(LOGS):
                runs[match[1]].append(name)
        elif source.closed:
            raise refusal_of(source.label, f"'{name}' has no such place in a store")
    for run, names in runs.items():
        _check_run(source, run, names)
    for name in (name for names in shards.values() for name in names):
        shard_rows(source, name)
    artefacts = [_artefact(source, prefix, stage) for prefix, stage in prefixes.items()]
    return ForeignStore(source, artefacts, dict(runs), dict(shards))


def _artefact(source: ForeignFiles, prefix: str, stage: StageId) -> ForeignArtefact:
    label, name = source.label, prefix + MANIFEST
    if name not in source.names:
        raise refusal_of(label, f"'{name}' is missing")
    manifest = json_object(source.read(name), name, label)
    _check_manifest(manifest, stage, name, label)
    for file, facts in manifest["files"].items():
        checked_name(file, label)
        if prefix + file not in source.names or file == MANIFEST:
            raise refusal_of(label, f"'{prefix + file}' is missing")
        try:
            digest = FileDigest(facts["bytes"], facts["sha256"])
        except (KeyError, TypeError):
            raise refusal_of(label, f"'{name}' is damaged") from None
        if source.digest(prefix + file) != digest:
            raise refusal_of(label, f"'{prefix + file}' is damaged")
    return ForeignArtefact(stage, manifest, prefix)


def _check_manifest(manifest: Mapping[str, Any], stage: StageId, name: str, label: str) -> None:
    number = manifest.get("format")
    if type(number) is int and number > FORMAT:
        raise refusal_of(
            label,
            f"a newer version of vibench wrote '{name}'",
            "Nothing was written. Import it with that version.",
        )
    files = manifest.get("files")
    identity = (number, manifest.get("kind"), manifest.get("key"))
    tables = (files, manifest.get("facts", {}), manifest.get("spec", {}))
    if (
        identity != (FORMAT, stage.kind, stage.key)
        or not all(isinstance(table, dict) for table in tables)
        or not files
    ):
        raise refusal_of(label, f"'{name}' is damaged")


def _check_run(source: ForeignFiles, run: str, names: Sequence[str]) -> None:
    import pyarrow as pa

    record = f"runs/{run}/{RECORD}"
    if record in names:
        content = json_object(source.read(record), record, source.label)
        if content.get("id") != run or not isinstance(content.get("status"), str):
            raise refusal_of(source.label, f"'{record}' is damaged")
    for name in names:
        if name.endswith(".parquet"):
            try:
                read_parquet(source.read(name))
            except (pa.ArrowException, OSError, ValueError):
                raise refusal_of(source.label, f"'{name}' is damaged") from None


def shard_rows(source: ForeignFiles, name: str) -> list[tuple[str, str]]:
    """Return the rows of a ledger's shard, as key and JSON text. Raises StoreError if it is
    damaged."""
    import pyarrow as pa

    content = source.read(name)
    try:
        table = read_parquet(content)
        rows = list(zip(table["key"].to_pylist(), table["value"].to_pylist(), strict=True))
        if shard_digest(content) not in name.split("."):
            raise ValueError
        if not all(isinstance(text, str) for row in rows for text in row):
            raise ValueError
    except StoreError:
        raise
    except (pa.ArrowException, OSError, KeyError, ValueError):
        raise refusal_of(source.label, f"'{name}' is damaged") from None
    return rows
