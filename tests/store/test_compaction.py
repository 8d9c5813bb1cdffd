"""Compaction of ledgers: no row is lost or doubled, whoever reads or is killed meanwhile."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vibench.store import compaction
from vibench.store.artefacts import Store
from vibench.store.compaction import compact
from vibench.store.ledger_index import LedgerIndex
from vibench.store.ledgers import Ledger


def filled(store: Store, shards: int, rows: int = 5) -> tuple[Ledger, dict[str, Any]]:
    """A ledger of many small shards, and its rows."""
    ledger = store.ledger("judged")
    expected = {f"{n}-{i}": {"labels": [str(i)]} for n in range(shards) for i in range(rows)}
    keys = list(expected)
    for n in range(0, len(keys), rows):
        ledger.append([(key, expected[key]) for key in keys[n : n + rows]])
    return ledger, expected


def test_small_shards_become_one_with_the_same_rows(store: Store) -> None:
    ledger, expected = filled(store, 30)
    before = sum(shard.stat().st_size for shard in ledger.shards())
    compact(store, "judged")
    (shard,) = ledger.shards()
    assert ledger.rows() == expected
    assert shard.stat().st_size < before / 10
    assert [path.name for path in ledger.folder.iterdir()] == [shard.name]
    assert list((store.root / "locks").iterdir()) == []


def test_a_compacted_ledger_is_not_written_again(store: Store) -> None:
    ledger, _ = filled(store, 3)
    compact(store, "judged")
    before = ledger.shards()
    compact(store, "judged")
    assert ledger.shards() == before
    compact(store, "nothing")
    assert not store.ledger("nothing").folder.exists()


def test_a_row_is_written_again_a_logarithm_of_times(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "SMALL_BYTES", 0)
    merged: list[int] = []
    real = compaction._merge

    def counted(ledger: Ledger, shards: list[Path]) -> None:
        merged.append(sum(ledger.table(s, ["key"]).num_rows for s in shards))  # type: ignore[union-attr]
        real(ledger, shards)

    monkeypatch.setattr(compaction, "_merge", counted)
    ledger, stages, rows = store.ledger("judged"), 64, 200
    for stage in range(stages):
        ledger.append([(f"{stage * 7919 + i:032x}", i * stage) for i in range(rows)])
        compact(store, "judged")
    assert len(ledger.rows()) == stages * rows
    assert len(ledger.shards()) <= 5, "each is three times as large as the smaller ones together"
    assert sum(merged) <= 11 * stages * rows, "64 stages: each row log(64) / log(1.5) times"


def test_shards_stay_within_a_size(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = store.ledger("judged")
    expected = {str(n): random.Random(n).randbytes(2000).hex() for n in range(8)}
    for row in expected.items():
        ledger.append([row])
    monkeypatch.setattr(compaction, "LARGE_BYTES", 3 * ledger.shards()[0].stat().st_size)
    compact(store, "judged")
    assert 2 <= len(ledger.shards()) <= 4
    assert ledger.rows() == expected


def test_an_index_read_before_finds_its_rows_afterwards(store: Store) -> None:
    ledger, expected = filled(store, 10)
    index = LedgerIndex(store.ledger("judged"))
    index.refresh()
    compact(store, "judged")
    assert {key: json.loads(index.text(key) or "") for key in expected} == expected
    ledger.append([("later", 1)])
    compact(store, "judged")
    index.refresh()
    assert index.text("later") == "1"
    assert index.text("never") is None


def test_an_index_that_saw_a_shard_after_the_one_it_was_merged_into_finds_its_rows(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, expected = filled(store, 5)
    before = ledger.shards()
    real = Path.unlink

    def killed(path: Path, missing_ok: bool = False) -> None:
        if path.suffix == ".parquet":
            raise OSError(5, "Input/output error", str(path))
        real(path, missing_ok=missing_ok)

    with monkeypatch.context() as refused:
        refused.setattr(Path, "unlink", killed)
        compact(store, "judged")
    shards = ledger.shards()
    (merged,) = set(shards) - set(before)
    # Whatever the names are, the old shards are indexed last.
    with monkeypatch.context() as ordered:
        ordered.setattr(Ledger, "shards", lambda self: [merged, *sorted(set(shards) - {merged})])
        index = LedgerIndex(store.ledger("judged"))
        index.refresh()
    compact(store, "judged")
    assert {key: json.loads(index.text(key) or "") for key in expected} == expected


def test_of_a_damaged_shard_only_its_own_rows_are_gone(
    store: Store, damage: Callable[[Path], None]
) -> None:
    ledger, expected = filled(store, 4, rows=1)
    index = LedgerIndex(store.ledger("judged"))
    index.refresh()
    damage(ledger.shards()[0])
    compact(store, "judged")
    rows = ledger.rows()
    assert len(rows) == 3
    assert rows.items() <= expected.items()
    assert {key for key in expected if index.text(key) is not None} == rows.keys()
    assert len(list((store.root / "corrupt").iterdir())) == 1


def test_a_reader_in_the_middle_of_a_compaction_misses_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, expected = filled(store, 6)
    real, calls = Ledger.table, []

    def compacted_meanwhile(self: Ledger, shard: Path, columns: list[str]) -> Any:
        calls.append(shard)
        if len(calls) == 3:
            monkeypatch.setattr(Ledger, "table", real)
            compact(store, "judged")
        return real(self, shard, columns)

    monkeypatch.setattr(Ledger, "table", compacted_meanwhile)
    assert ledger.rows() == expected


def test_a_listing_during_a_compaction_that_shows_nothing_is_repeated(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, expected = filled(store, 6)
    real, listings = Ledger._listed, []

    def torn(self: Ledger) -> list[Path]:
        listings.append(self)
        # As of a folder that changes while it is listed: neither the old shards nor the new one.
        return [] if len(listings) == 1 else real(self)

    monkeypatch.setattr(Ledger, "_listed", torn)
    assert ledger.rows() == expected


@pytest.mark.parametrize("moment", ["committed", "half removed"])
def test_a_kill_in_the_middle_loses_and_doubles_nothing(store: Store, moment: str) -> None:
    ledger, expected = filled(store, 6)
    script = textwrap.dedent(
        """
        import os, pathlib, sys
        from vibench.store import compaction
        from vibench.store.artefacts import Store
        real, removed = pathlib.Path.unlink, []
        def unlink(path, missing_ok=False):
            if path.suffix == ".parquet":
                if sys.argv[2] == "committed" or len(removed) == 3:
                    os._exit(9)
                removed.append(path)
            real(path, missing_ok=missing_ok)
        pathlib.Path.unlink = unlink
        compaction.compact(Store(sys.argv[1]), "judged")
        """
    )
    done = subprocess.run([sys.executable, "-c", script, str(store.root), moment], check=False)
    assert done.returncode == 9
    assert len(ledger.shards()) == (7 if moment == "committed" else 4)
    assert ledger.rows() == expected
    index = LedgerIndex(ledger)
    index.refresh()
    assert len(index) == len(expected)
    compact(store, "judged")
    assert len(ledger.shards()) == 1
    assert ledger.rows() == expected


def test_processes_that_append_and_compact_at_once_keep_every_row(store: Store) -> None:
    script = textwrap.dedent(
        """
        import sys
        from vibench.store.artefacts import Store
        from vibench.store.compaction import compact
        from vibench.store.ledger_index import LedgerIndex
        store, name = Store(sys.argv[1]), sys.argv[2]
        index = LedgerIndex(store.ledger("judged"))
        for n in range(25):
            store.ledger("judged").append([(f"{name}-{n}", n)])
            compact(store, "judged")
            index.refresh()
            assert [index.text(f"{name}-{m}") for m in range(n + 1)] == [
                str(m) for m in range(n + 1)
            ]
        """
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", script, str(store.root), name]) for name in "ab"
    ]
    assert [process.wait() for process in processes] == [0, 0]
    compact(store, "judged")
    rows = store.ledger("judged").rows()
    assert rows == {f"{name}-{n}": n for name in "ab" for n in range(25)}


def test_one_compacts_while_the_other_leaves_it(store: Store) -> None:
    ledger, _ = filled(store, 3)
    with store.lock("ledger-judged") or pytest.fail("the lease is free"):
        compact(Store(store.root), "judged")
        assert len(ledger.shards()) == 3


def test_a_full_disk_leaves_the_ledger_as_it_was(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, expected = filled(store, 3)

    def full(path: Path, content: bytes) -> int:
        raise OSError(28, "No space left on device", str(path))

    with monkeypatch.context() as refused:
        refused.setattr(Path, "write_bytes", full)
        compact(store, "judged")
    assert ledger.rows() == expected
    assert len(ledger.shards()) == 3
