"""Leases: one holder at a time, with flock and without, whoever dies or is frozen."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import wait_until

from vibench.store import lease_files
from vibench.store import leases as module
from vibench.store.artefacts import Store
from vibench.store.leases import LeaseLost, Leases

KEY = "0123456789abcdef0123456789abcdef"
BEAT, LIFE = 0.05, 0.6

HOLDER = textwrap.dedent(
    """
    import sys, time
    from vibench.store import lease_files, processes
    from vibench.store.leases import LeaseLost, Leases
    from vibench.store.artefacts import Store

    root, beat, life, how = sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
    class Silent:  # a filesystem whose flock does nothing
        LOCK_EX = LOCK_NB = LOCK_SH = 0
        flock = staticmethod(lambda descriptor, what: None)
    if how == "none":
        lease_files.fcntl = None
    if how == "nothing":
        lease_files.fcntl = Silent
    store = Store(root)
    store.leases = Leases(store.root, beat, life)
    lease = store.lock("KEY")
    assert lease is not None
    with store.making("things", "KEY", {}) as folder:
        (folder / "thing.txt").write_text("of the first")
        print("held", flush=True)
        sys.stdin.readline()
        try:
            store.leases.check("KEY")
        except LeaseLost:
            print("lost", flush=True)
    print("committed", flush=True)
    """
).replace("KEY", KEY)

Start = Callable[[str], "subprocess.Popen[str]"]


@pytest.fixture
def start(store: Store) -> Iterator[Start]:
    """Start another process that holds the lease of KEY and waits for a line to commit."""
    started = []

    def one(how: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(store.root), str(BEAT), str(LIFE), how],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n", process.communicate()[1]
        return process

    yield one
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def here(store: Store, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Store]:
    """The store as another process sees it, where flock is as told."""

    def made(how: str) -> Store:
        if how != "flock":
            monkeypatch.setattr(lease_files, "fcntl", None)
        store.leases = Leases(store.root, BEAT, LIFE)
        return store

    return made


def waited(store: Store, seconds: float) -> Any:
    """The lease, as soon as it can be had; None if that takes longer."""
    until = time.monotonic() + seconds
    while (lease := store.lock(KEY)) is None and time.monotonic() < until:
        time.sleep(0.02)
    return lease


HOW = ["flock", "none", "nothing"]


@pytest.mark.parametrize("how", HOW)
def test_only_one_process_holds_a_lease_while_it_lives(
    start: Start, here: Callable[[str], Store], how: str
) -> None:
    process, store = start(how), here(how)
    assert waited(store, 2 * LIFE) is None
    said, errors = process.communicate("go\n")
    assert said == "committed\n", errors
    lease = waited(store, 5)
    assert lease is not None
    lease.close()
    assert list((store.root / "locks").iterdir()) == []


@pytest.mark.parametrize("how", HOW)
def test_a_killed_holder_is_known_to_be_dead(
    start: Start, here: Callable[[str], Store], how: str
) -> None:
    process, store = start(how), here(how)
    store.leases.life = 60.0
    assert store.lock(KEY) is None
    process.kill()
    process.wait()
    lease = store.lock(KEY)
    assert lease is not None, "by the table of processes, long before its life is over"
    lease.close()


def test_a_holder_that_is_killed_on_another_machine_frees_it_within_its_life(
    start: Start, here: Callable[[str], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    process, store = start("none"), here("none")
    monkeypatch.setattr(module, "is_dead", lambda about: False)
    begun = time.monotonic()
    process.kill()
    process.wait()
    assert store.lock(KEY) is None
    lease = waited(store, 10 * LIFE)
    assert lease is not None
    assert time.monotonic() - begun >= LIFE * 0.9
    assert [path.name for path in lease.path.parent.iterdir()] == ["1"]
    lease.close()


@pytest.mark.parametrize("how", ["none", "nothing"])
def test_a_holder_that_was_frozen_past_its_life_does_not_commit(
    start: Start, here: Callable[[str], Store], how: str
) -> None:
    process, store = start(how), here(how)
    os.kill(process.pid, signal.SIGSTOP)
    lease = waited(store, 10 * LIFE)
    assert lease is not None
    os.kill(process.pid, signal.SIGCONT)
    said, errors = process.communicate("go\n")
    assert said == "lost\n", "it looks, and stops"
    assert "LeaseLost" in errors
    assert not store.has("things", KEY)
    with store.making("things", KEY, {}) as folder:
        (folder / "thing.txt").write_text("of the second")
    lease.close()
    assert store.open("things", KEY).file("thing.txt").read_text() == "of the second"


def test_a_frozen_holder_that_flock_shows_alive_is_waited_for(
    start: Start, here: Callable[[str], Store]
) -> None:
    process, store = start("flock"), here("flock")
    os.kill(process.pid, signal.SIGSTOP)
    assert waited(store, 2 * LIFE) is None
    os.kill(process.pid, signal.SIGCONT)
    assert process.communicate("go\n")[0] == "committed\n"


def test_of_many_that_take_over_one_wins(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease_files, "fcntl", None)
    for attempt in range(20):
        dead = Leases(store.root, BEAT, LIFE)
        lease = dead.take(f"k{attempt}")
        assert lease is not None
        lease.lost = True  # it beats no more
        takers = [Leases(store.root, BEAT, life=0.0) for _ in range(8)]
        barrier, won = threading.Barrier(len(takers)), []

        def take(taker: Leases, name: str = f"k{attempt}") -> None:
            barrier.wait()  # noqa: B023
            if (taken := taker.take(name)) is not None:
                won.append(taken)  # noqa: B023

        for taker in takers:
            taker._expired(f"k{attempt}", lease.path)
        threads = [threading.Thread(target=take, args=(taker,)) for taker in takers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # Of those with a life of no length one may take over from the other; one holds.
        holding = Counter(one._is_own() for one in won)
        assert holding[True] == 1
        for one in won:
            one.close()


def test_one_that_comes_too_late_to_take_over_lets_go(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease_files, "fcntl", None)
    first, second = Leases(store.root, BEAT, LIFE), Leases(store.root, BEAT, life=-1.0)
    held = first.take(KEY)
    assert held is not None
    real = second._expired

    def frozen(name: str, place: Path) -> Any:
        found = real(name, place)
        held.beat()  # the holder wakes up between the look and the taking over
        return found

    monkeypatch.setattr(second, "_expired", frozen)
    assert second.take(KEY) is None
    held.check()
    held.close()


def test_a_holder_whose_beats_fail_stops(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.leases = Leases(store.root, BEAT, LIFE)
    lease = store.lock(KEY)
    assert lease is not None
    real, refusals = Path.open, []

    def refused(path: Path, mode: str = "r", *rest: Any, **more: Any) -> Any:
        if mode == "r+b":
            refusals.append(mode)
            raise OSError(5, "Input/output error", str(path))
        return real(path, mode, *rest, **more)

    monkeypatch.setattr(Path, "open", refused)
    wait_until(lambda: len(refusals) > 1)
    assert not lease.lost, "one that fails may be followed by one that does not"
    wait_until(lambda: lease.lost)
    with pytest.raises(LeaseLost):
        store.leases.check_cheaply(KEY)
    lease.close()


def test_who_works_for_a_holder_looks_before_it_commits(store: Store) -> None:
    lease = store.lock(KEY)
    assert lease is not None
    worker = Store(store.root)
    worker.leases.adopt(lease.as_text())
    worker.leases.check(KEY)
    lease.path.unlink()  # as one does who takes over
    with pytest.raises(LeaseLost):
        worker.leases.check_cheaply(KEY)
    with pytest.raises(LeaseLost), worker.making("things", KEY, {}) as folder:
        (folder / "thing.txt").write_text("late")
    assert not store.has("things", KEY)


def test_leases_are_imported_where_there_is_no_fcntl() -> None:
    script = "import sys; sys.modules['fcntl'] = None; import vibench.store.lease_files as l"
    script += "; assert l.fcntl is None"
    subprocess.run([sys.executable, "-c", script], check=True)
