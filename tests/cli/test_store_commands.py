"""`vibench store ls`, `verify` and `prune`, as a person types them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from command_line import CommandLine
from small_store import SCOPE, add_artefact, add_run, key_of, small_store

from vibench.errors import StoreError
from vibench.results.unused_files import remove_unused
from vibench.store.artefacts import Store
from vibench.store.processes import this_process


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_store(tmp_path_factory.mktemp("original") / ".vibench").root


@pytest.fixture
def store(original: Path, tmp_path: Path) -> Store:
    shutil.copytree(original, tmp_path / ".vibench")
    return Store(tmp_path / ".vibench")


@pytest.fixture
def vibench(store: Store) -> CommandLine:
    return CommandLine(store.root.parent)


def files_in(root: Path) -> dict[str, bytes]:
    """Return what a store holds, without folders and locks."""
    paths = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def test_the_listed_sizes_are_those_on_disk(vibench: CommandLine, store: Store) -> None:
    done = vibench("store", "ls", "--json")
    assert done.returncode == 0, done.stderr
    sizes = json.loads(done.stdout)
    contents = files_in(store.root)
    assert sizes["total"] == {
        "bytes": sum(map(len, contents.values())), "files": len(contents), "artefacts": 4,
    }  # fmt: skip
    parts = {part["part"]: part for part in sizes["parts"]}
    assert (parts["verdicts"]["artefacts"], parts["verdicts"]["files"]) == (3, 9)
    assert parts["ledgers/"]["files"] == 3
    runs = {run["run"]: run for run in sizes["runs"]}
    assert {name: run["artefacts"] for name, run in runs.items()} == {
        "first": 2, "second": 2, "of no run": 1,
    }  # fmt: skip
    assert runs["of no run"]["bytes"] == sum(
        len(content) for name, content in contents.items() if key_of("unused") in name
    )
    shown = vibench("store", "ls").stdout
    assert "total" in shown
    assert f"{sizes['total']['bytes']:,}" in shown


def test_a_sound_store_passes(vibench: CommandLine, store: Store) -> None:
    before = files_in(store.root)
    done = vibench("store", "verify")
    assert (done.returncode, done.stderr) == (0, "")
    assert "4 artefacts" in done.stdout
    assert files_in(store.root) == before


def test_damaged_artefacts_and_shards_are_named(vibench: CommandLine, store: Store) -> None:
    file = store.folder("verdicts", key_of("first")) / "deep" / "more.txt"
    times = file.stat()
    file.write_text("FIRST")  # The same size.
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    (store.folder("verdicts", key_of("unused")) / "text.txt").unlink()
    [shard] = store.ledger(f"judged-{SCOPE}").shards()
    shard.write_bytes(shard.read_bytes()[:-1])
    before = files_in(store.root)
    done = vibench("store", "verify")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    [changed] = [line for line in lines if key_of("first") in line]
    assert "deep/more.txt" in changed
    assert "first of the test" in changed
    assert "made again when you rerun first" in changed
    [missing] = [line for line in lines if key_of("unused") in line]
    assert "text.txt is missing" in missing
    assert "No run refers to it" in missing
    assert any(line.startswith(f"ledger judged-{SCOPE}/") for line in lines)
    assert "3 damaged" in lines[-1]
    assert files_in(store.root) == before


def test_a_damaged_list_of_stages_fails_the_check(vibench: CommandLine, store: Store) -> None:
    (store.root / "runs" / "first" / "stages.parquet").write_bytes(b"PAR1")
    done = vibench("store", "verify")
    assert done.returncode == 1
    assert "stages.parquet of the run first is damaged" in done.stdout


def test_prune_removes_only_what_no_run_refers_to(vibench: CommandLine, store: Store) -> None:
    (store.scratch(key_of("lost")) / "checkpoint").write_bytes(b"0" * 100)
    (store.scratch("endpoint") / "batch.json").write_text("{}")
    (store.root / "tmp" / "verdicts-left").mkdir()
    (store.root / "tmp" / "verdicts-left" / "half").write_text("half")
    before = files_in(store.root)
    listed = vibench("store", "prune", "--dry-run")
    assert files_in(store.root) == before
    done = vibench("store", "prune")
    assert (done.returncode, listed.returncode) == (0, 0), done.stderr
    after = files_in(store.root)
    gone = before.keys() - after.keys()
    places = (key_of("unused"), f"scratch/{key_of('lost')}", "tmp/verdicts-left")
    assert all(any(place in name for place in places) for name in gone)
    assert all(any(place in name for name in gone) for place in places)
    assert after == {name: before[name] for name in before.keys() - gone}
    freed = sum(len(before[name]) for name in gone)
    assert done.stdout.splitlines()[-1] == f"{freed:,} bytes in {len(gone)} files freed."
    assert f"{freed:,} bytes in {len(gone)} files would be freed." in listed.stdout
    assert "0 bytes in 0 files freed." in vibench("store", "prune").stdout


def test_answers_go_only_when_asked(vibench: CommandLine, store: Store) -> None:
    store.ledger(f"answers-{key_of('kit')}").append([("0", ["ann", "item", [], ""])])
    assert vibench("store", "prune", "--ledgers").returncode == 0
    folders = {path.name for path in (store.root / "ledgers").iterdir()}
    assert folders == {f"judged-{SCOPE}", f"answers-{key_of('kit')}"}


def test_an_unfinished_stage_keeps_all_shared_ledgers_and_its_own(
    vibench: CommandLine, store: Store
) -> None:
    unfinished = add_artefact(store, "verdicts", "lost")
    shutil.rmtree(store.folder("verdicts", unfinished.key))
    add_run(store, "third", [unfinished])
    (store.scratch(unfinished.key) / "checkpoint").write_text("x")
    before = files_in(store.root / "ledgers")
    assert vibench("store", "prune", "--ledgers").returncode == 0
    assert files_in(store.root / "ledgers") == before
    assert (store.scratch(unfinished.key) / "checkpoint").exists()


def test_prune_refuses_while_a_process_is_at_work(vibench: CommandLine, store: Store) -> None:
    code = (
        "import sys; from vibench.store.artefacts import Store\n"
        f"lease = Store({str(store.root)!r}).lock('stage'); print('held', flush=True)\n"
        "sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == b"held\n"
        before = files_in(store.root).keys()
        done = vibench("store", "prune")
        assert done.returncode == 2
        assert f"the process {process.pid}" in done.stderr
        assert "Traceback" not in done.stderr
        assert files_in(store.root).keys() == before
        process.kill()
        process.wait()
        assert vibench("store", "prune").returncode == 0
        assert not store.folder("verdicts", key_of("unused")).exists()
        assert not (store.root / "locks" / "stage").exists()
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


@pytest.mark.parametrize("renewed", [True, False])
def test_a_lease_of_another_machine_is_watched(store: Store, renewed: bool) -> None:
    store.leases.beat, store.leases.life = 0.04, 0.4
    folder = store.root / "locks" / "stage"
    folder.mkdir()
    path = folder / "0"
    holder = {**this_process(), "machine": "another", "host": "far", "beat": "0"}
    path.write_text(json.dumps(holder))
    if not renewed:
        remove_unused(store)
        assert not folder.exists()
        return
    stop = threading.Event()

    def beat() -> None:
        count = 0
        while not stop.wait(0.02):
            count += 1
            path.write_text(json.dumps({**holder, "beat": str(count)}))

    thread = threading.Thread(target=beat)
    thread.start()
    try:
        with pytest.raises(StoreError, match="on far is at work"):
            remove_unused(store)
    finally:
        stop.set()
        thread.join()
    assert store.folder("verdicts", key_of("unused")).exists()


def test_artefacts_behind_a_link_belong_to_other_stores_too(
    vibench: CommandLine, store: Store
) -> None:
    shared = store.root.parent / "shared"
    (store.root / "artefacts").rename(shared)
    (store.root / "artefacts").symlink_to(shared)
    before = files_in(shared)
    done = vibench("store", "prune")
    assert done.returncode == 0, done.stderr
    assert "0 bytes in 0 files freed." in done.stdout
    assert files_in(shared) == before


def test_prune_refuses_when_a_run_cannot_be_read(vibench: CommandLine, store: Store) -> None:
    (store.root / "runs" / "first" / "stages.parquet").write_bytes(b"")
    before = files_in(store.root)
    done = vibench("store", "prune")
    assert done.returncode == 2
    assert "stages.parquet" in done.stderr
    assert files_in(store.root) == before
    assert vibench("store", "ls").returncode == 0


@pytest.mark.parametrize("command", ["ls", "verify", "prune"])
def test_a_folder_without_a_store_is_refused(tmp_path: Path, command: str) -> None:
    done = CommandLine(tmp_path)("store", command, "--store", "absent")
    assert done.returncode == 2
    assert "There is no store at absent" in done.stderr
    assert not (tmp_path / "absent").exists()
