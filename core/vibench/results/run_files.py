"""The files of one run, for others: its record and artefacts, and its judges' answers if wanted."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vibench.errors import StoreError
from vibench.results.run_stages import stages_of_run
from vibench.results.runs import run_ids
from vibench.store.contents import StageId, ledger_names
from vibench.store.files import listed
from vibench.store.manifests import MANIFEST, Damage, examine

if TYPE_CHECKING:
    from vibench.store.artefacts import Store

__all__ = ["RunFiles", "run_files"]

DIGEST = re.compile(r"[0-9a-f]{32}")
LOG = ".log"


@dataclass(frozen=True, slots=True)
class RunFiles:
    """The files of a run by their names in a store, its finished stages and all of them, and the
    ledgers among the files."""

    files: Mapping[str, Path]
    finished: int
    stages: int
    ledgers: int


def run_files(store: Store, run: str, ledgers: bool) -> RunFiles:
    """Return the files of a run; with `ledgers` also those of the judges that it asked, which
    hold their answers in other runs too.

    Raises UnknownName for a run that is not there, and StoreError if one of its files is damaged.
    """
    [run] = run_ids(store, [run])
    store.read_run(run)
    folder = store.root / "runs" / run
    stages = stages_of_run(folder)
    with store.explained():
        paths = [path for path in listed(folder) if path.is_file() and _is_of_use(path)]
    finished = 0
    scopes: set[str] = set()
    for stage in sorted(stages):
        if (artefact := _artefact(store, stage, run)) is None:
            continue
        paths += artefact[0]
        scopes |= artefact[1]
        finished += 1
    names = [name for name in ledger_names(store) if ledgers and name.rpartition("-")[2] in scopes]
    paths += [shard for name in names for shard in store.ledger(name).shards()]
    files = {path.relative_to(store.root).as_posix(): path for path in paths}
    return RunFiles(files, finished, len(stages), len(names))


def _is_of_use(path: Path) -> bool:
    # Logs name folders of this machine, and nothing reads them. A name with a dot in front
    # is that of a record that is being written.
    return path.suffix != LOG and not path.name.startswith(".")


def _artefact(store: Store, stage: StageId, run: str) -> tuple[list[Path], set[str]] | None:
    """Return the files of a sound artefact and the digests in its specification, the scopes of
    its ledgers among them; None if the stage is not finished."""
    folder = store.folder(stage.kind, stage.key)
    try:
        manifest = examine(str(folder), store.root, hash_all=True)
    except Damage as damage:
        raise StoreError(
            f"The stored {stage.kind} {stage.key[:12]} of the run {run} is damaged ({damage}).",
            "Rerun the run's command, which produces it again, then export.",
        ) from damage
    if manifest is None:
        return None
    paths = [folder / MANIFEST, *(folder / name for name in manifest["files"])]
    return paths, set(DIGEST.findall(json.dumps(manifest.get("spec"))))
