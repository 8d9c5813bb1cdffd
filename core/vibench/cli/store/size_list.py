"""`vibench store ls`."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Mapping

from vibench.cli.screen import console
from vibench.errors import StoreError
from vibench.exhibits.json import as_json
from vibench.exhibits.lists import Listing, listing_document
from vibench.exhibits.terminal import show
from vibench.results.run_stages import stages_of_run
from vibench.store.artefacts import Store
from vibench.store.contents import Size, StageId, artefact_ids, size_of
from vibench.store.files import listed
from vibench.text import clean

__all__ = ["check_store", "list_sizes"]

COLUMNS = ("bytes", "files", "artefacts")
SHARED = "Runs share artefacts, so the sizes of runs may add up to more than the store."


def list_sizes(root: str, json_form: bool) -> None:
    """Print the size of a store by kind of artefact, other folder and run."""
    store = check_store(root)
    with store.explained():
        stages = {s: size_of(store.folder(s.kind, s.key)) for s in artefact_ids(store)}
        parts, runs = _parts(store, stages), _runs(store, stages)
    names = ("part", *COLUMNS)
    total = Size(sum(row[2] for row in parts), sum(row[1] for row in parts))
    total_row = ("total", total.bytes, total.files, len(stages))
    if json_form:
        content = {
            "store": root,
            "parts": [dict(zip(names, row, strict=True)) for row in parts],
            "runs": [dict(zip(("run", *COLUMNS), row, strict=True)) for row in runs],
            "total": dict(zip(COLUMNS, total_row[1:], strict=True)),
        }
        sys.stdout.write(as_json(content))
        return
    by_kind = Listing(f"Store {clean(root, 500)}", names, [*parts, total_row])
    by_run = Listing("Runs", ("run", *COLUMNS), runs, notes=(SHARED,))
    show(listing_document([by_kind, by_run]), console())


def check_store(root: str) -> Store:
    """Return the store in a folder. Raises StoreError if there is none."""
    store = Store(root)
    if not store.check_format():
        raise StoreError(
            f"There is no store at {root}.", "Name the folder that a run made with --store."
        )
    return store


def _parts(store: Store, stages: Mapping[StageId, Size]) -> list[tuple[str, int, int, int | None]]:
    """Return a row for each kind of artefact and each other folder, the largest first."""
    kinds: defaultdict[str, list[Size]] = defaultdict(list)
    for stage, size in stages.items():
        kinds[stage.kind].append(size)
    rows: list[tuple[str, int, int, int | None]] = []
    for kind, sizes in kinds.items():
        size = sum(sizes, Size())
        rows.append((kind, size.bytes, size.files, len(sizes)))
    for path in listed(store.root):
        size = size_of(path)
        if path.name != "artefacts" and size.files:
            # With a slash, since `samples` may be a kind and a folder.
            name = f"{path.name}/" if path.is_dir() else path.name
            rows.append((clean(name), size.bytes, size.files, None))
    return sorted(rows, key=lambda row: -row[1])


def _runs(store: Store, stages: Mapping[StageId, Size]) -> list[tuple[str, int, int, int | None]]:
    """Return a row for each run, and one for the artefacts of none."""
    rows: list[tuple[str, int, int, int | None]] = []
    unused = set(stages)
    unreadable = False
    for folder in sorted(path for path in listed(store.root / "runs") if path.is_dir()):
        size = size_of(folder)
        try:
            in_run = stages_of_run(folder) & stages.keys()
        except StoreError:
            unreadable = True
            rows.append((clean(folder.name), size.bytes, size.files, None))
            continue
        unused -= in_run
        size = sum((stages[stage] for stage in in_run), size)
        rows.append((clean(folder.name), size.bytes, size.files, len(in_run)))
    if unused and not unreadable:
        size = sum((stages[stage] for stage in unused), Size())
        rows.append(("of no run", size.bytes, size.files, len(unused)))
    return rows
