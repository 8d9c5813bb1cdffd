"""Rows that outlast their stage are found by key, wherever and whenever they were committed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from vibench.store import ledger_index as module
from vibench.store.artefacts import Store
from vibench.store.ledger_index import LedgerIndex


def test_rows_are_found_whoever_committed_them(store: Store) -> None:
    ledger, other = store.ledger("l"), Store(store.root).ledger("l")
    found = LedgerIndex(ledger)
    found.refresh()
    assert "a" not in found
    ledger.append([("a", 1), ("b", [2])])
    other.append([("c", {"d": 3})])
    assert "a" not in found, "an index is as it was read"
    found.refresh()
    assert [json.loads(found.text(key) or "") for key in "abc"] == [1, [2], {"d": 3}]
    assert found.text("x") is None


def test_only_so_many_shards_are_held(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = store.ledger("l")
    for n in range(6):
        ledger.append([(f"k{n}", n)])
    found = LedgerIndex(ledger)
    found.refresh()
    assert found.text("k0") == "0"
    monkeypatch.setattr(module, "MAX_OPEN_BYTES", 2 * found._open_bytes)
    for n in (0, 5, 3, 0, 1):
        assert found.text(f"k{n}") == str(n)
        assert len(found._open) <= 2


def test_a_damaged_shard_is_as_if_it_had_never_been(
    store: Store, damage: Callable[[Path], None]
) -> None:
    ledger = store.ledger("l")
    ledger.append([("a", "x" * 500)])
    found = LedgerIndex(ledger)
    found.refresh()
    damage(ledger.shards()[0])
    assert found.text("a") is None
    assert "a" not in found
    ledger.append([("b", 1)])
    damage(ledger.shards()[0])
    fresh = LedgerIndex(ledger)
    fresh.refresh()
    assert "b" not in fresh
