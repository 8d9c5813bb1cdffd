"""`vibench store verify` and `vibench store prune`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from vibench.cli.store.size_list import check_store
from vibench.errors import StoreError
from vibench.results.run_stages import stages_of_run
from vibench.results.unused_files import remove_unused, unused_files
from vibench.store.artefacts import Store
from vibench.store.contents import DamagedFile, Size, StageId, artefact_ids, damaged_files
from vibench.store.files import listed
from vibench.text import clean

__all__ = ["prune", "verify"]

SHOWN_RUNS = 3


def verify(root: str) -> int:
    """Check all artefacts and ledgers, and name the damaged; return the exit code."""
    store = check_store(root)
    runs, unreadable = _runs_by_stage(store)
    damaged = 0
    for file in damaged_files(store):
        damaged += 1
        print(_sentence(file, runs))
    for sentence in unreadable:
        print(clean(sentence, 1000))
    with store.explained():
        counts = Counter(stage.kind for stage in artefact_ids(store))
    artefacts = f"{counts.total():,} artefacts"
    if damaged or unreadable:
        print(f"Checked {artefacts}: {damaged + len(unreadable):,} damaged. Nothing was changed.")
        return 1
    print(f"Checked {artefacts} and all ledgers: every file is as it was written.")
    return 0


def prune(root: str, dry_run: bool, ledgers: bool) -> None:
    """Remove what no run refers to, or list it; print the bytes by category."""
    store = check_store(root)
    files = unused_files(store, ledgers) if dry_run else remove_unused(store, ledgers)
    sizes: defaultdict[str, Size] = defaultdict(Size)
    counts: Counter[str] = Counter()
    for file in files:
        sizes[file.category] += file.size
        counts[file.category] += 1
    for category, size in sizes.items():
        print(f"  {clean(category)}: {counts[category]:,}, {size.bytes:,} bytes")
    total = sum(sizes.values(), Size())
    verb = "would be freed" if dry_run else "freed"
    print(f"{total.bytes:,} bytes in {total.files:,} files {verb}.")


def _runs_by_stage(store: Store) -> tuple[Mapping[StageId, list[str]], list[str]]:
    """Return the runs that use each stage, and a sentence on each run that cannot be read."""
    runs: defaultdict[StageId, list[str]] = defaultdict(list)
    unreadable: list[str] = []
    recorded = store.runs()
    with store.explained():
        folders = sorted(path for path in listed(store.root / "runs") if path.is_dir())
    for folder in folders:
        try:
            for stage in stages_of_run(folder):
                runs[stage].append(folder.name)
            if folder.name in recorded:
                store.read_run(folder.name)
        except (StoreError, ValueError) as error:
            unreadable.append(str(error))
    return runs, unreadable


def _sentence(file: DamagedFile, runs: Mapping[StageId, list[str]]) -> str:
    """Return a sentence on a damaged file, and on what will be made again."""
    if file.stage is None:
        name = f"{file.path.parent.name}/{file.path.name}"
        return clean(f"ledger {name}: {file.why}. Its answers are asked again when needed.", 1000)
    stage = file.stage
    label = f" ({file.label})" if file.label else ""
    users = runs.get(stage, [])
    if users:
        run_list = ", ".join(users[:SHOWN_RUNS]) + (", ..." if len(users) > SHOWN_RUNS else "")
        consequence = f"It is made again when you rerun {run_list}"
    else:
        consequence = "No run refers to it"
    return clean(f"{stage.kind} {stage.key}{label}: {file.why}. {consequence}.", 1000)
