"""Forty corruptions of each kind of file: noticed, healed or named, and never a wrong number."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine

from vibench.errors import VibenchError
from vibench.exhibits.report_records import report_csv
from vibench.plan import Cell
from vibench.report.run_report import run_report
from vibench.results.runs import read_runs
from vibench.store.artefacts import CorruptArtefact, Store
from vibench.store.compaction import compact
from vibench.store.ledger_index import LedgerIndex

Corruption = Callable[[Path], None]
SEED = 13
DEEP = 3_000
TEXTS = {
    "empty": b"",
    "a line break": b"\n",
    "a list": b"[]",
    "null": b"null",
    "a number": b"2",
    "a string": b'"store"',
    "an empty table": b"{}",
    "no files": b'{"files": {}}',
    "nested lists": b"[" * DEEP + b"]" * DEEP,
    "nested tables": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "zeros": b"\0" * 512,
    "no text": bytes(range(128, 256)),
    "wide characters": '{"format": 2}'.encode("utf-16"),
    "a number of many digits": b'{"format": ' + b"9" * 5_000 + b"}",
    "a newer version": b'{"format": 99, "files": {"a": {}}, "id": "one", "status": "complete"}',
    "a version that is a text": b'{"format": "2", "files": 5, "id": 5, "status": []}',
    "files that are a list": b'{"format": 2, "files": ["outcomes.parquet"], "status": "complete"}',
}


def _write(content: bytes) -> Corruption:
    return lambda path: path.write_bytes(content) and None


def _cut(share: float) -> Corruption:
    def cut(path: Path) -> None:
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * share)])

    return cut


def _flip(number: int, keep_time: bool) -> Corruption:
    def flip(path: Path) -> None:
        content, status = bytearray(path.read_bytes()), path.stat()
        place = random.Random(SEED * 1_000 + number).randrange(len(content))
        content[place] ^= 1 << number % 8
        path.write_bytes(bytes(content))
        if keep_time:  # As bits rot: nothing but the content tells.
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    return flip


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "file").write_text("in it")


def _corruptions() -> Iterator[tuple[str, Corruption]]:
    yield from ((name, _write(content)) for name, content in TEXTS.items())
    yield from ((f"cut to {share:.0%}", _cut(share)) for share in (0.01, 0.3, 0.5, 0.9, 0.99))
    yield from ((f"bit {n} flipped", _flip(n, keep_time=n % 2 == 0)) for n in range(16))
    yield "a folder", _folder
    yield "missing", Path.unlink


CORRUPTIONS = dict(_corruptions())
UNHARMED = ("missing", "files that are a list", "cut to 99%")
"""Those after which `store.json` names its format all the same, or is simply not there."""


def test_there_are_forty() -> None:
    assert len(CORRUPTIONS) >= 40


class Lines(list[str]):
    """What a store reported."""


def watched(root: Path) -> tuple[Store, Lines]:
    store, lines = Store(root), Lines()
    store.tell = lines.append
    return store, lines


def result_of(call: Callable[[], Any]) -> tuple[Any, VibenchError | None]:
    """Return what a call returns, or the error that it raised on purpose."""
    try:
        return call(), None
    except VibenchError as error:
        return None, error


def is_one_sentence(error: VibenchError | None) -> bool:
    assert error is not None
    return error.exit_code == 2 and "\n" not in error.message + error.hint and bool(error.hint)


def report_rows(store: Store) -> list[str]:
    store.check_format()
    rows = report_csv(run_report(store, ["all"]).report).splitlines()
    return [row.replace(str(store.root.absolute()), "STORE") for row in rows]


@pytest.fixture
def sound(pair: tuple[Cell, Cell], store: Store, tmp_path: Path) -> Callable[[], Path]:
    """Return fresh copies of a sound store."""
    copies = iter(range(1_000))

    def copy() -> Path:
        root = tmp_path / f"copy-{next(copies)}"
        shutil.copytree(store.root, root)  # With the times of the files.
        return root

    return copy


KINDS = {
    "store.json": "store.json",
    "run.json": "runs/one/run.json",
    "cells.parquet": "runs/one/cells.parquet",
    "manifest.json": "artefacts/outcomes/*/*/manifest.json",
    "outcomes.parquet": "artefacts/outcomes/*/*/outcomes.parquet",
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_is_the_same_or_says_what_is_damaged(
    kind: str, sound: Callable[[], Path], store: Store
) -> None:
    before = report_rows(store)
    outcomes: dict[str, int] = {"healed": 0, "reported": 0, "refused": 0}
    for name, corrupt in CORRUPTIONS.items():
        root = sound()
        corrupt(sorted(root.glob(KINDS[kind]))[0])
        damaged, lines = watched(root)
        rows, error = result_of(lambda: report_rows(damaged))  # noqa: B023
        if rows is None:
            assert is_one_sentence(error), (name, error)
            outcomes["refused"] += 1
            continue
        if rows == before:
            outcomes["healed"] += 1
            continue
        # A row that is gone is one thing, a row with another number another.
        assert len(rows) < len(before), name
        assert lines, f"{name}: what is gone is reported"
        outcomes["reported"] += 1
        again, _ = watched(root)
        assert report_rows(again) == rows, "once set aside, it is missing and no more"
    assert sum(outcomes.values()) == len(CORRUPTIONS)
    if kind == "store.json":
        assert outcomes["refused"] == 1, "only the newer version"


def test_a_marker_is_written_again_beside_sound_results(
    sound: Callable[[], Path],
) -> None:
    for name, corrupt in CORRUPTIONS.items():
        if name == "a newer version":
            continue
        root = sound()
        corrupt(root / "store.json")
        damaged, lines = watched(root)
        damaged.prepare()
        assert json.loads((root / "store.json").read_bytes())["format"] == 2, name
        moved = list((root / "corrupt").glob("store.json-*"))
        assert len(lines) == len(moved), (name, lines)
        assert moved or name in UNHARMED or "flipped" in name, name
        damaged.prepare()
        assert len(lines) == len(moved), "once"


def test_a_marker_is_not_written_again_where_nothing_shows_the_format(tmp_path: Path) -> None:
    for name in ("a list", "empty", "nested tables", "a folder"):
        root = tmp_path / name
        root.mkdir()
        (root / "store.json").write_text("{}")
        CORRUPTIONS[name](root / "store.json")
        with pytest.raises(VibenchError, match="no result in the folder shows") as caught:
            Store(root).prepare()
        assert is_one_sentence(caught.value)


def test_a_store_of_format_1_without_a_marker_is_not_taken_for_one_of_format_2(
    store: Store, pair: tuple[Cell, Cell]
) -> None:
    for path in store.root.glob("artefacts/*/*/*/manifest.json"):
        path.write_text(json.dumps({**json.loads(path.read_text()), "format": 1}))
    for corrupt in (CORRUPTIONS["a list"], CORRUPTIONS["missing"]):
        corrupt(store.root / "store.json")
        with pytest.raises(VibenchError, match="an earlier version of vibench"):
            Store(store.root).check_format()
        (store.root / "store.json").write_text("{}")


def test_a_store_that_may_only_be_read_still_reports(
    sound: Callable[[], Path], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = report_rows(store)
    root = sound()
    damaged, lines = watched(root)
    CORRUPTIONS["a list"](root / "store.json")
    manifest = sorted(root.glob(KINDS["manifest.json"]))[0]
    CORRUPTIONS["no files"](manifest)

    def refused(path: Path, *rest: Any, **more: Any) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    for name in ("rename", "mkdir", "write_bytes", "write_text", "unlink", "replace"):
        monkeypatch.setattr(Path, name, refused)
    rows = report_rows(damaged)
    assert 0 < len(rows) < len(before)
    (line,) = lines
    assert f"The stored outcomes {manifest.parent.name[:12]} was damaged" in line
    assert "it lists no files" in line
    assert "counts as missing" in line
    assert report_rows(damaged) == rows
    assert len(lines) == 1, "once"


def test_an_artefact_is_sound_or_made_again(store: Store, tmp_path: Path) -> None:
    key = "0123456789abcdef0123456789abcdef"
    with store.making("things", key, {"facts": {"n": 12}}) as folder:
        (folder / "thing.txt").write_text("content")
    for file in ("manifest.json", "thing.txt"):
        for name, corrupt in CORRUPTIONS.items():
            root = tmp_path / f"{file} {name}"
            shutil.copytree(store.root, root)
            damaged, _ = watched(root)
            corrupt(damaged.folder("things", key) / file)
            artefact, error = result_of(lambda: damaged.open("things", key))  # noqa: B023
            if name == "a newer version" and file == "manifest.json":
                assert is_one_sentence(error)
                continue
            if artefact is None:
                assert isinstance(error, CorruptArtefact), name
                with damaged.making("things", key, {"facts": {"n": 12}}) as folder:
                    (folder / "thing.txt").write_text("content")
                artefact = damaged.open("things", key)
            assert artefact.file("thing.txt").read_text() == "content", name
            assert artefact.manifest["facts"] == {"n": 12}, name


def test_a_manifest_of_another_artefact_is_damage(store: Store, pair: tuple[Cell, Cell]) -> None:
    first, second = (store.folder("outcomes", cell.outcomes) for cell in pair)
    for name in ("manifest.json", "outcomes.parquet"):
        shutil.copy2(second / name, first / name)
    damaged, lines = watched(store.root)
    assert not damaged.has("outcomes", pair[0].outcomes)
    assert "it is that of another artefact" in lines[0]


def test_a_ledger_loses_the_rows_of_a_damaged_shard_and_has_no_wrong_one(
    store: Store, tmp_path: Path
) -> None:
    ledger = store.ledger("judged")
    expected = {f"{n:032x}": {"labels": [str(n)], "tokens": [n, 1]} for n in range(12)}
    for start in (0, 6):
        ledger.append(list(expected.items())[start : start + 6])
    for name, corrupt in CORRUPTIONS.items():
        root = tmp_path / name
        shutil.copytree(store.root, root)
        damaged, lines = watched(root)
        shard = damaged.ledger("judged").shards()[0]
        corrupt(shard)
        rows = damaged.ledger("judged").rows()
        assert rows.items() <= expected.items(), name
        assert len(rows) in (6, 12), name
        assert bool(lines) == (len(rows) < 12 and name != "missing"), name
        compact(damaged, "judged")
        index = LedgerIndex(damaged.ledger("judged"))
        index.refresh()
        assert {key: json.loads(index.text(key) or "") for key in rows} == rows


def test_a_lease_whose_file_is_damaged_is_no_reason_to_fail(store: Store) -> None:
    for name, corrupt in CORRUPTIONS.items():
        lease = store.lock("key")
        assert lease is not None
        corrupt(lease.path)
        other = Store(store.root)
        taken, error = result_of(lambda: other.lock("key"))  # noqa: B023
        assert is_one_sentence(error) if name == "a folder" else error is None
        assert (taken is not None) == (name == "missing")
        if taken is not None:
            taken.close()
        lease.close()
        shutil.rmtree(store.root / "locks" / "key", ignore_errors=True)


def test_of_several_runs_a_damaged_one_is_named_and_the_others_are_reported(
    runs: Any, store: Store, pair: tuple[Cell, Cell]
) -> None:
    before = report_rows(store)
    runs.run("two", [*pair])
    CORRUPTIONS["nested tables"](store.root / "runs/two/run.json")
    damaged, lines = watched(store.root)
    assert report_rows(damaged) == before
    (line,) = lines
    assert "The record of the run two cannot be read (it is nested too deeply)" in line
    with pytest.raises(VibenchError, match="nested too deeply"):
        read_runs(damaged, ["two"])


def test_the_command_ends_with_a_sentence(
    vibench: CommandLine, store: Store, pair: tuple[Cell, Cell]
) -> None:
    sound = vibench("report", "--format", "csv", "--store", str(store.root))
    assert sound.returncode == 0, sound.stderr
    (store.root / "store.json").write_text("null")
    healed = vibench("report", "--format", "csv", "--store", str(store.root))
    assert healed.stdout == sound.stdout
    assert "store.json was damaged (it holds null, not a JSON object)" in healed.stderr
    (store.root / "runs/one/run.json").write_text("[]")
    for arguments in (["report"], ["results", "list"], ["results", "export", "-o", "x.csv"]):
        done = vibench(*arguments, "--store", str(store.root))
        assert done.returncode == 2
        assert "The record of the run one cannot be read (it holds a list" in done.stderr
        assert "Traceback" not in done.stderr
