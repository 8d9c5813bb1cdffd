"""What the operating system refuses for now is an error in words, never damage."""

from __future__ import annotations

import builtins
import errno
import io
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet
import pytest

from vibench import cli
from vibench.engines.openai.batch_files import Batches
from vibench.errors import StoreError, StoreFault
from vibench.preferences.tables import read_pairs
from vibench.store.artefacts import CorruptArtefact, Store
from vibench.store.columns import read_parquet
from vibench.store.files import check_readable
from vibench.store.ledger_index import LedgerIndex

KEY = "0123456789abcdef0123456789abcdef"
PASSING = (
    errno.EMFILE, errno.ENFILE, errno.EIO, errno.ESTALE, errno.ENOMEM, errno.ETIMEDOUT,
)  # fmt: skip
REFUSED = (errno.EACCES, errno.EPERM)

Refuse = Callable[..., None]


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> Refuse:
    """Have the system refuse to open files whose path holds a text, for Python and pyarrow."""

    def start(number: int, text: str) -> None:
        real, parquet = io.open, pyarrow.parquet.ParquetFile

        def refused(path: Any) -> None:
            if isinstance(path, (str, os.PathLike)) and text in os.fspath(path):
                raise OSError(number, os.strerror(number), os.fspath(path))

        def opened(path: Any, *rest: Any, **more: Any) -> Any:
            refused(path)
            return real(path, *rest, **more)

        def parquet_file(path: Any, *rest: Any, **more: Any) -> Any:
            refused(path)
            return parquet(path, *rest, **more)

        monkeypatch.setattr(io, "open", opened)
        monkeypatch.setattr(builtins, "open", opened)
        monkeypatch.setattr(pyarrow.parquet, "ParquetFile", parquet_file)

    return start


def put(store: Store) -> Path:
    with store.making("adapter", KEY, {"label": "an adapter"}) as folder:
        (folder / "adapter.bin").write_text("weights")
    return store.folder("adapter", KEY)


def untouched(store: Store) -> bool:
    return not (store.root / "corrupt").exists()


@pytest.mark.parametrize("number", [*PASSING, *REFUSED])
@pytest.mark.parametrize("name", ["adapter.bin", "manifest.json"])
def test_an_artefact_that_cannot_be_read_now_stays_where_it_is(
    store: Store, refuse: Refuse, number: int, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store)
    with monkeypatch.context():
        refuse(number, name)
        with pytest.raises(StoreError) as caught:
            store.open("adapter", KEY)
        assert caught.value.exit_code == (2 if number in REFUSED else 1)
        assert os.strerror(number) in caught.value.message
        assert caught.value.hint
        if name == "manifest.json":
            with pytest.raises(StoreError):
                store.has("adapter", KEY)
        monkeypatch.undo()
    assert untouched(store)
    assert store.has("adapter", KEY)
    assert store.open("adapter", KEY).file("adapter.bin").read_text() == "weights"


@pytest.mark.parametrize("number", [*PASSING, *REFUSED])
def test_a_shard_that_cannot_be_read_now_keeps_its_answers(
    store: Store, refuse: Refuse, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = store.ledger("judged")
    ledger.append([("a", "paid for")])
    kept = LedgerIndex(store.ledger("judged"))
    kept.refresh()
    with monkeypatch.context():
        refuse(number, ".parquet")
        for read in (ledger.rows, LedgerIndex(ledger).refresh, lambda: kept.text("a")):
            with pytest.raises(StoreError, match=os.strerror(number)):
                read()
        monkeypatch.undo()
    assert untouched(store)
    assert ledger.rows() == {"a": "paid for"}
    assert kept.text("a") == '"paid for"'


def test_an_error_of_pyarrow_for_a_file_that_is_whole_is_tried_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = store.ledger("judged")
    ledger.append([("a", 1)])
    real, failed = pyarrow.parquet.ParquetFile, []

    def once(*given: Any, **more: Any) -> Any:
        if not failed:
            failed.append(given)
            raise OSError("Couldn't deserialize thrift: TProtocolException")
        return real(*given, **more)

    monkeypatch.setattr(pyarrow.parquet, "ParquetFile", once)
    assert ledger.rows() == {"a": 1}
    assert failed
    assert untouched(store)


def test_a_damaged_shard_is_set_aside_and_said_once(
    store: Store, damage: Callable[[Path], None]
) -> None:
    said: list[str] = []
    store.tell = said.append
    ledger = store.ledger("judged-1/replies")
    ledger.append([("a", "x" * 500)])
    first = ledger.shards()
    ledger.append([("b", 2)])
    (shard,) = first
    content = shard.read_bytes()
    damage(shard)
    damaged = shard.read_bytes()
    assert ledger.rows() == ledger.rows() == {"b": 2}
    (aside,) = (store.root / "corrupt").iterdir()
    assert aside.read_bytes() == damaged != content
    assert len(said) == 1
    assert str(aside) in said[0]


def test_ledgers_that_may_not_be_listed_are_not_empty(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = store.ledger("judged")
    ledger.append([("a", 1)])
    put(store)

    def refused(path: Path) -> Any:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "iterdir", refused)
    for read in (ledger.rows, lambda: store.keys("adapter"), store.runs):
        with pytest.raises(StoreError, match="Permission denied"):
            read()


def test_a_whole_artefact_is_put_in_the_place_of_a_damaged_one(
    store: Store, damage: Callable[[Path], None]
) -> None:
    with store.making("adapter", KEY, {}) as folder:
        (folder / "adapter.bin").write_text("weights")
        damage(put(store) / "adapter.bin")
    assert store.open("adapter", KEY).file("adapter.bin").read_text() == "weights"


def test_an_artefact_that_vanishes_as_it_is_read_is_missing(store: Store) -> None:
    with pytest.raises(CorruptArtefact, match="missing"):
        store.open("adapter", KEY)
    assert not store.has("adapter", KEY)
    assert untouched(store)


SCRIPT = textwrap.dedent(
    """
    import os, resource, sys
    from vibench.errors import VibenchError
    from vibench.store.artefacts import Store
    import pyarrow.parquet
    store = Store(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    held = []
    try:
        while True:
            held.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        pass
    for read in (
        lambda: store.open("adapter", sys.argv[2]),
        lambda: store.has("adapter", sys.argv[2]),
        store.ledger("judged").rows,
        store.prepare,
        lambda: store.lock("x"),
    ):
        try:
            read()
        except VibenchError as e:
            print(type(e).__name__, e.exit_code, e.message)
    """
)


def test_too_many_open_files_are_said_and_nothing_is_lost(store: Store) -> None:
    put(store)
    store.ledger("judged").append([("a", "paid for")])
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(store.root), KEY],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert len(lines) == 5, done
    assert all(line.startswith("StoreFault 1 ") for line in lines)
    assert all("too many files are open" in line for line in lines)
    assert untouched(store)
    assert store.ledger("judged").rows() == {"a": "paid for"}
    assert store.has("adapter", KEY)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_files_that_may_not_be_read_are_said_and_stay(store: Store) -> None:
    path = put(store) / "adapter.bin"
    path.chmod(0)
    with pytest.raises(StoreError, match="may not be read"):
        store.open("adapter", KEY)
    path.chmod(0o644)
    assert untouched(store)
    assert store.has("adapter", KEY)


def test_batches_that_cannot_be_read_now_are_not_sent_again(tmp_path: Path, refuse: Refuse) -> None:
    (tmp_path / "b.json").write_text("{}")
    assert Batches(tmp_path, "url", "model").by_name == {}, "what is no batch is passed over"
    refuse(errno.EIO, "b.json")
    with pytest.raises(StoreFault):
        Batches(tmp_path, "url", "model")


def test_no_hint_has_a_table_removed_that_cannot_be_read_now(
    tmp_path: Path, refuse: Refuse
) -> None:
    path = tmp_path / "pairs.parquet"
    path.write_bytes(b"whatever")
    refuse(errno.EIO, "pairs.parquet")
    for read in (lambda: list(read_pairs(path)), lambda: read_parquet(path)):
        with pytest.raises(StoreFault) as caught:
            read()
        assert "Remove" not in caught.value.hint


@pytest.mark.parametrize("number", [*PASSING, *REFUSED])
def test_what_could_not_be_read_a_moment_ago_is_not_damaged(number: int, tmp_path: Path) -> None:
    """It can be read when it is looked at again, so that the reader's own error has to tell."""
    path = tmp_path / "outcomes.parquet"
    path.write_bytes(b"whatever")
    for error in (
        OSError(number, os.strerror(number)),
        OSError(f"Failed to open local file: {os.strerror(number)}"),
        duckdb.IOException(f'IO Error: Cannot open file "x": {os.strerror(number)}'),
    ):
        with pytest.raises(StoreError) as caught:
            check_readable(path, error)
        assert "emove" not in caught.value.hint
    check_readable(path, pyarrow.ArrowInvalid("Parquet magic bytes not found"))
    check_readable(path, OSError("Corrupt snappy compressed data."))
    check_readable(path, duckdb.BinderException(os.strerror(number)))


@pytest.mark.parametrize("number", PASSING)
def test_a_command_ends_in_words_whatever_could_not_be_read(
    number: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused() -> None:
        raise OSError(number, os.strerror(number), "some/file")

    monkeypatch.setattr(cli, "app", refused)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    assert f"{os.strerror(number)}: some/file" in capsys.readouterr().err
