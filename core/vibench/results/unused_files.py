"""Files of a store that no run refers to, and their removal.

Answers that were paid for are not among them: the ledgers of judges and endpoints, the batches
that endpoints were sent, and people's annotations stay, whatever runs are left.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vibench.errors import StoreError
from vibench.results.run_stages import stages_by_run
from vibench.stages.annotation import AnnotationSpec
from vibench.store.contents import Size, StageId, artefact_ids, ledger_names, size_of
from vibench.store.files import listed
from vibench.store.leftovers import owner_mark
from vibench.store.living_leases import LeaseWatch

if TYPE_CHECKING:
    from vibench.store.artefacts import Store

__all__ = ["UnusedFile", "remove_unused", "unused_files"]

ANSWERS = "answers-"
"""Ledgers of people's annotations begin so."""
ENDPOINT = "endpoint"
"""The scratch folder of batches that endpoints were sent."""
LEASE = "prune"
DIGEST = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class UnusedFile:
    """A file or folder that can be removed: its category, and its size."""

    category: str
    path: Path
    size: Size


def unused_files(store: Store, ledgers: bool = False) -> list[UnusedFile]:
    """Return what no run refers to, and what interrupted processes left.

    With `ledgers`, also the ledgers that no run refers to. Raises StoreError while another process
    is at work in the store, and if the stages of a run cannot be read.
    """
    watch = LeaseWatch(store.leases)
    _check_idle(store, watch)
    return _listed(store, watch, ledgers)


def remove_unused(store: Store, ledgers: bool = False) -> list[UnusedFile]:
    """Remove what `unused_files` returns, and return it. Raises StoreError as it does."""
    watch = LeaseWatch(store.leases)
    _check_idle(store, watch)
    lease = store.lock(LEASE)
    if lease is None:
        raise _busy(store, "another `vibench store prune` is under way")
    with lease:
        files = _listed(store, watch, ledgers)
        # A run that began meanwhile has taken leases, and its stages may not have been read above.
        _check_idle(store, watch)
        for file in files:
            _remove(store, file.path)
        for path in watch.dead:
            with contextlib.suppress(OSError):  # Not empty: somebody holds the lease again.
                path.parent.rmdir()
    return files


def _listed(store: Store, watch: LeaseWatch, ledgers: bool) -> list[UnusedFile]:
    runs = stages_by_run(store)
    stages: frozenset[StageId] = frozenset().union(*runs.values())
    with store.explained():
        paths = [
            *_unused_artefacts(store, stages),
            *_leftovers(store, stages, ledgers),
            *(("leases of dead processes", path) for path in watch.dead),
            *(_unused_ledgers(store, stages) if ledgers else ()),
        ]
        # A folder that is a link may serve several stores, whose runs are not known here.
        links = {path for path in listed(store.root) if path.is_symlink()}
        return [
            UnusedFile(category, path, size_of(path))
            for category, path in paths
            if links.isdisjoint(path.parents)
        ]


def _check_idle(store: Store, watch: LeaseWatch) -> None:
    if clause := watch.living(LEASE):
        raise _busy(store, clause)


def _busy(store: Store, clause: str) -> StoreError:
    return StoreError(
        f"Nothing was removed from the store {store.root}: {clause}.",
        "Wait until it has ended, then run the same command again.",
    )


def _unused_artefacts(store: Store, stages: frozenset[StageId]) -> Iterator[tuple[str, Path]]:
    for stage in artefact_ids(store):
        # People have answered the items of an annotation kit.
        if stage not in stages and stage.kind != AnnotationSpec.kind:
            yield f"{stage.kind} that no run refers to", store.folder(stage.kind, stage.key)


def _leftovers(
    store: Store, stages: frozenset[StageId], ledgers: bool
) -> Iterator[tuple[str, Path]]:
    """Yield what processes left that were killed, and what was damaged."""
    unfinished = {stage.key for stage in stages if not store.folder(stage.kind, stage.key).is_dir()}
    for folder in listed(store.root / "scratch"):
        if folder.name not in unfinished and folder.name != ENDPOINT:
            yield "checkpoints that no unfinished stage needs", folder
    for path in listed(store.root / "tmp"):
        yield "leftovers of interrupted processes", path
    for path in listed(store.root / "corrupt"):
        # A damaged shard may still hold answers that somebody recovers.
        if ledgers or not path.name.startswith("ledger-"):
            yield "damaged files that were set aside", path


def _unused_ledgers(store: Store, stages: frozenset[StageId]) -> Iterator[tuple[str, Path]]:
    keys = {stage.key for stage in stages}
    scopes = _scopes(store, stages)
    for name in sorted({name.partition("/")[0] for name in ledger_names(store)}):
        # Ledgers that stages share are named by a scope (judged-SCOPE), those of a stage by its
        # key.
        _, shared, scope = name.rpartition("-")
        in_use = (scopes is None or scope in scopes) if shared else name in keys
        if not in_use and not name.startswith(ANSWERS):
            yield "ledgers that no run refers to", store.root / "ledgers" / name


def _scopes(store: Store, stages: frozenset[StageId]) -> frozenset[str] | None:
    """Return the digests in the specifications of stages, scopes of ledgers among them; None if
    one is unfinished, whose ledgers are not known."""
    digests: set[str] = set()
    for stage in stages:
        manifest = store.manifest(stage.kind, stage.key)
        if manifest is None:
            return None
        digests.update(DIGEST.findall(json.dumps(manifest.get("spec"))))
    return frozenset(digests)


def _remove(store: Store, path: Path) -> None:
    with store.explained():
        # Out of its place by one rename first: a kill leaves an artefact complete or absent.
        aside = store.root / "tmp" / f"unused-{uuid.uuid4().hex[:8]}{owner_mark()}"
        aside.parent.mkdir(exist_ok=True)
        try:
            path.rename(aside)
        except FileNotFoundError:
            return
        if aside.is_dir() and not aside.is_symlink():
            shutil.rmtree(aside)
        else:
            aside.unlink()
