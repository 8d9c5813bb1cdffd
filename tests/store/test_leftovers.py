"""Leftovers of dead processes go, and nothing that a live one uses."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vibench.store import lease_files, leftovers, processes
from vibench.store.artefacts import Store
from vibench.store.leases import Leases
from vibench.store.leftovers import UNKNOWN_SECONDS, remove_leftovers

KEY = "0123456789abcdef0123456789abcdef"
MAKER = textwrap.dedent(
    """
    import sys
    from vibench.store.artefacts import Store
    store = Store(sys.argv[1])
    lease = store.lock("KEY")
    with store.making("things", "KEY", {}) as folder:
        (folder / "thing.txt").write_text("half")
        print(folder.name, flush=True)
        sys.stdin.readline()
    """
).replace("KEY", KEY)

Start = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def start(store: Store) -> Iterator[Start]:
    """Start a process that makes an artefact under a lease, and waits in the middle."""
    processes: list[subprocess.Popen[str]] = []

    def one() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", MAKER, str(store.root)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        processes.append(process)
        assert process.stdout is not None
        assert process.stdout.readline().startswith(f"things-{KEY}-")
        return process

    yield one
    for process in processes:
        process.kill()
        process.communicate()


def lying(store: Store) -> list[str]:
    """What lies in `tmp/` and `locks/`."""
    return [p.name for folder in ("tmp", "locks") for p in (store.root / folder).iterdir()]


def test_what_a_killed_process_left_goes(store: Store, start: Start) -> None:
    process = start()
    process.kill()
    process.wait()
    assert len(lying(store)) == 2
    Store(store.root).prepare()
    assert lying(store) == []


@pytest.mark.parametrize("stopped", [False, True])
def test_what_a_live_process_uses_stays(store: Store, start: Start, stopped: bool) -> None:
    process = start()
    if stopped:
        os.kill(process.pid, signal.SIGSTOP)
    before = lying(store)
    remove_leftovers(store.root, store.leases, time.time() + 10 * UNKNOWN_SECONDS)
    assert lying(store) == before
    if stopped:
        os.kill(process.pid, signal.SIGCONT)
    process.communicate("go\n")
    assert store.open("things", KEY).file("thing.txt").read_text() == "half"
    assert lying(store) == [KEY], "its lease, which it did not give up before it ended"
    store.prepare()
    assert lying(store) == []


def test_what_this_process_uses_stays(store: Store) -> None:
    with store.lock(KEY) or pytest.fail("the lease is free"), store.making("things", KEY, {}) as it:
        store.prepare()
        assert it.is_dir()
        store.leases.check(KEY)
        (it / "thing.txt").write_text("whole")
    assert store.has("things", KEY)


def test_a_lease_of_another_machine_goes_once_it_has_run_out(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease_files, "fcntl", None)
    folder = store.root / "locks" / KEY
    folder.mkdir()
    holder = '{"machine": "another", "pid": 1, "began": "1", "token": "t", "beat": "%d"}'
    (folder / "0").write_text(holder % 0)
    leases = Leases(store.root, beat=0.05, life=0.2)
    remove_leftovers(store.root, leases)
    assert (folder / "0").exists(), "it may be renewed"
    time.sleep(0.3)
    (folder / "0").write_text(
        '{"machine": "another", "pid": 1, "began": "1", "token": "t", "b": 1}'
    )
    remove_leftovers(store.root, leases)
    assert (folder / "0").exists(), "it was renewed"
    time.sleep(0.3)
    remove_leftovers(store.root, leases)
    assert not folder.exists()


def test_a_file_of_an_unknown_process_goes_after_a_day_without_a_lease(store: Store) -> None:
    names = (f"things-{KEY}-01234567", f"things-{KEY[::-1]}-01234567.1-1-ffffffff", "probe-01")
    for name in names:
        (store.root / "tmp" / name).mkdir()
        (store.root / "tmp" / name / "file").touch()
    (store.root / "locks" / KEY).mkdir()
    (store.root / "locks" / KEY / "0").write_text('{"machine": "another", "token": "t"}')
    now = time.time()
    remove_leftovers(store.root, store.leases, now)
    assert set(names) <= set(lying(store)), "they are young"
    remove_leftovers(store.root, store.leases, now + UNKNOWN_SECONDS + 60)
    assert lying(store) == [names[0], KEY], "its stage is somebody's"


def test_where_processes_cannot_be_looked_up_nothing_counts_as_dead(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_machine", lambda: "")
    monkeypatch.setattr(leftovers, "this_process", lambda: {"machine": "", "pid": 1, "began": ""})
    mark = leftovers.owner_mark()
    assert leftovers.MARK.search(f"x{mark}")
    (store.root / "tmp" / f"x{mark}").mkdir()
    remove_leftovers(store.root, store.leases, time.time())
    assert len(lying(store)) == 1


def test_what_cannot_be_removed_stays(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    (store.root / "tmp" / "old").touch()

    def refused(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as readonly:
        readonly.setattr(Path, "unlink", refused)
        remove_leftovers(store.root, store.leases, time.time() + 2 * UNKNOWN_SECONDS)
    assert lying(store) == ["old"]
