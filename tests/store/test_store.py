"""The store: whole or not at all, checked when read, shared without clashes."""

from __future__ import annotations

import errno
import multiprocessing
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from vibench.errors import StoreError
from vibench.store.artefacts import CorruptArtefact, Store, explain

KEY = "0123456789abcdef0123456789abcdef"


def put(store: Store, text: str = "content", key: str = KEY) -> Path:
    with store.making("things", key, {"label": "a thing"}) as folder:
        (folder / "thing.txt").write_text(text)
    return store.folder("things", key) / "thing.txt"


def test_an_artefact_comes_back_with_its_manifest(store: Store) -> None:
    put(store)
    assert store.has("things", KEY)
    artefact = store.open("things", KEY)
    assert artefact.file("thing.txt").read_text() == "content"
    assert artefact.manifest["label"] == "a thing"
    assert artefact.manifest["files"]["thing.txt"]["bytes"] == 7


def test_an_artefact_whose_making_fails_is_not_there(store: Store) -> None:
    def half() -> None:
        with store.making("things", KEY, {}) as folder:
            (folder / "thing.txt").write_text("half")
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        half()
    assert not store.has("things", KEY)
    assert list((store.root / "tmp").iterdir()) == []


def test_a_damaged_file_is_noticed_and_set_aside(
    store: Store, damage: Callable[[Path], None]
) -> None:
    damage(put(store))
    assert not store.has("things", KEY)
    assert not store.folder("things", KEY).exists()
    assert list((store.root / "corrupt").iterdir())
    put(store, "again")
    assert store.open("things", KEY).file("thing.txt").read_text() == "again"


def test_damage_that_leaves_size_and_time_is_noticed_when_read(
    store: Store, damage: Callable[[Path], None]
) -> None:
    path = put(store)
    before = path.stat()
    damage(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert store.has("things", KEY), "the quick look does not read files that look untouched"
    with pytest.raises(CorruptArtefact):
        store.open("things", KEY)
    assert not store.has("things", KEY)


@pytest.mark.parametrize("lost", ["thing.txt", "manifest.json"])
def test_a_missing_file_is_damage(store: Store, lost: str) -> None:
    (put(store).parent / lost).unlink()
    assert not store.has("things", KEY)
    assert not store.folder("things", KEY).exists()


def test_whoever_comes_second_with_the_same_artefact_is_content(store: Store) -> None:
    with store.making("things", KEY, {}) as mine:
        (mine / "thing.txt").write_text("content")
        put(store)
    assert store.open("things", KEY).file("thing.txt").read_text() == "content"


def test_a_ledger_keeps_every_committed_row(store: Store) -> None:
    ledger = store.ledger("work")
    ledger.append([("a", {"n": 1}), ("b", [1, 2])])
    ledger.append([("c", "text with \u2028 and \x00")])
    ledger.append_texts([("d", '{"n": [2]}')])
    assert store.ledger("work").rows() == {
        "a": {"n": 1},
        "b": [1, 2],
        "c": "text with \u2028 and \x00",
        "d": {"n": [2]},
    }


def test_a_damaged_shard_costs_its_own_rows_only(
    store: Store, damage: Callable[[Path], None]
) -> None:
    ledger = store.ledger("work")
    ledger.append([("a", 1)])
    (shard,) = ledger.folder.glob("*.parquet")
    ledger.append([("b", 2)])
    damage(shard)
    assert ledger.rows() == {"b": 2}
    assert not shard.exists()


def test_a_kill_in_the_middle_of_a_ledger_loses_at_most_the_shard_in_the_making(
    store: Store,
) -> None:
    script = textwrap.dedent(
        """
        import itertools, sys
        from vibench.store.artefacts import Store
        ledger = Store(sys.argv[1]).ledger("work")
        for n in itertools.count():
            ledger.append([(f"{n}-{i}", i) for i in range(50)])
            print(n, flush=True)
        """
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(store.root)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        told = -1
        for line in process.stdout:
            told = int(line)
            if told == 20:
                process.kill()
                break
    rows = store.ledger("work").rows()
    shards = {key.partition("-")[0] for key in rows}
    assert {str(n) for n in range(told + 1)} <= shards
    assert len(rows) == 50 * len(shards), "a shard is whole or not there"


def hold(root: Path, key: str, held: object, go: object) -> None:
    lock = Store(root).lock(key)
    assert lock is not None
    held.set()  # type: ignore[attr-defined]
    go.wait()  # type: ignore[attr-defined]


def test_a_lock_ends_with_its_process(store: Store) -> None:
    context = multiprocessing.get_context("spawn")
    held, go = context.Event(), context.Event()
    other = context.Process(target=hold, args=(store.root, KEY, held, go))
    other.start()
    assert held.wait(60)
    assert store.lock(KEY) is None
    other.kill()
    other.join()
    mine = store.lock(KEY)
    assert mine is not None
    mine.close()


def test_a_store_that_cannot_be_written_to_says_so(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(StoreError) as caught:
        Store(blocked).prepare()
    assert "is not a folder" in caught.value.message
    assert "--store" in caught.value.hint


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "is full"),
        (errno.EDQUOT, "is full"),
        (errno.EROFS, "cannot be written to"),
        (errno.EACCES, "cannot be written to"),
        (errno.EIO, "failed"),
    ],
)
def test_what_the_system_refuses_is_said_in_words(number: int, words: str, tmp_path: Path) -> None:
    error = explain(OSError(number, os.strerror(number)), tmp_path)
    assert words in error.message
    assert error.hint


def test_a_write_that_breaks_off_leaves_no_shard(store: Store) -> None:
    ledger = store.ledger("work")
    ledger.append([("a", 1)])
    subject = subprocess.run(
        [
            sys.executable,
            "-c",
            "import resource, sys; from vibench.store.artefacts import Store\n"
            "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            "import pyarrow.parquet\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))\n"
            "Store(sys.argv[1]).ledger('work').append([('b', 'x' * 4096)])",
            str(store.root),
        ],
        capture_output=True,
        text=True,
    )
    assert subject.returncode == 1
    assert "StoreFault" in subject.stderr
    assert ledger.rows() == {"a": 1}
    assert [p.suffix for p in ledger.folder.iterdir()] == [".parquet"]


def test_a_newer_stores_format_is_refused(store: Store) -> None:
    (store.root / "store.json").write_text('{"format": 99}')
    with pytest.raises(StoreError, match="format 99"):
        Store(store.root).prepare()


def test_a_url_is_no_store() -> None:
    with pytest.raises(StoreError, match="is a URL"):
        Store("s3://bucket/store")
