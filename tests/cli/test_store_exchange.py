"""`vibench store export` and `import`: a run goes from one store to another, and nothing else."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from command_line import CommandLine
from small_store import SCOPE, key_of, small_store

from vibench.errors import StoreError
from vibench.store.archive import open_archive
from vibench.store.artefacts import Store


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_store(tmp_path_factory.mktemp("original") / ".vibench").root


@pytest.fixture(scope="module")
def exported(original: Path) -> Path:
    path = original.parent / "first.tar"
    done = CommandLine(original.parent)("store", "export", "first", str(path), "--ledgers")
    assert done.returncode == 0, done.stderr
    assert "2 of 2 stages and 1 ledgers" in done.stdout
    return path


@pytest.fixture
def vibench(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path)


def files_in(root: Path) -> dict[str, tuple[bytes, int]]:
    """Return the content and time of all files of a store."""
    paths = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {p.relative_to(root).as_posix(): (p.read_bytes(), p.stat().st_mtime_ns) for p in paths}


def refused(vibench: CommandLine, source: Path, *words: str) -> None:
    """Import; it must fail in one sentence with these words, and write nothing."""
    done = vibench("store", "import", str(source), "--store", "new")
    assert done.returncode == 2, done.stdout
    assert "Traceback" not in done.stderr
    text = " ".join(done.stderr.split())
    assert all(word in text for word in words), text
    assert not (vibench.folder / "new").exists()


def test_a_run_arrives_whole_and_twice_changes_nothing(
    vibench: CommandLine, exported: Path, original: Path
) -> None:
    done = vibench("store", "import", str(exported))
    assert done.returncode == 0, done.stderr
    assert "1 runs, 2 artefacts and 2 stored answers" in done.stdout
    root = vibench.folder / ".vibench"
    store, source = Store(root), Store(original)
    assert store.runs() == ["first"]
    assert store.read_run("first") == source.read_run("first")
    for kind, name in (("samples", "samples"), ("verdicts", "first")):
        artefact = store.open(kind, key_of(name))
        before = source.open(kind, key_of(name))
        assert artefact.file("deep/more.txt").read_text() == name
        assert artefact.manifest["label"] == before.manifest["label"]
    assert not store.has("verdicts", key_of("second"))
    ledger = f"judged-{SCOPE}"
    assert store.ledger(ledger).rows() == source.ledger(ledger).rows()
    assert {path.name for path in (root / "ledgers").iterdir()} == {ledger}
    assert vibench("store", "verify").returncode == 0
    contents = files_in(root)
    again = vibench("store", "import", str(exported))
    assert again.returncode == 0, again.stderr
    assert "0 runs, 0 artefacts and 0 stored answers (5 were there already)" in again.stdout
    assert files_in(root) == contents


def test_answers_of_other_runs_stay_unless_asked_for(original: Path, tmp_path: Path) -> None:
    path = tmp_path / "run.tar"
    done = CommandLine(original.parent)("store", "export", "first", str(path))
    assert done.returncode == 0, done.stderr
    with tarfile.open(path) as tar:
        assert not [name for name in tar.getnames() if name.startswith("ledgers/")]


def test_two_exports_of_a_run_are_equal(exported: Path, original: Path, tmp_path: Path) -> None:
    path = tmp_path / "again.tar"
    assert CommandLine(original.parent)(
        "store", "export", "first", str(path), "--ledgers"
    ).returncode == 0  # fmt: skip
    assert path.read_bytes() == exported.read_bytes()


def test_another_store_arrives_whole_and_is_unchanged(vibench: CommandLine, original: Path) -> None:
    before = files_in(original)
    done = vibench("store", "import", str(original))
    assert done.returncode == 0, done.stderr
    store, source = Store(vibench.folder / ".vibench"), Store(original)
    assert sorted(store.runs()) == ["first", "second"]
    assert sorted(store.keys("verdicts")) == sorted(source.keys("verdicts"))
    for name in (f"judged-{SCOPE}", f"{key_of('lost')}/replies"):
        assert store.ledger(name).rows() == source.ledger(name).rows() != {}
    contents = files_in(store.root)
    assert vibench("store", "import", str(original)).returncode == 0
    assert files_in(store.root) == contents
    assert files_in(original) == before


def test_the_own_results_and_answers_are_kept(vibench: CommandLine, exported: Path) -> None:
    store = Store(vibench.folder / ".vibench")
    store.prepare()
    ledger = store.ledger(f"judged-{SCOPE}")
    ledger.append([("a", "mine")])
    store.write_run("first", {"id": "first", "status": "running", "spec": {}})
    done = vibench("store", "import", str(exported))
    assert done.returncode == 0, done.stderr
    assert "1 answers differ" in done.stdout
    assert ledger.rows() == {"a": "mine", "b": {"labels": []}}
    assert store.read_run("first")["status"] == "running"


def test_a_damaged_artefact_in_the_store_is_replaced(vibench: CommandLine, exported: Path) -> None:
    assert vibench("store", "import", str(exported)).returncode == 0
    store = Store(vibench.folder / ".vibench")
    (store.folder("verdicts", key_of("first")) / "text.txt").write_text("torn")
    assert vibench("store", "import", str(exported)).returncode == 0
    assert vibench("store", "verify").returncode == 0


@pytest.mark.parametrize("share", [0, 0.1, 0.3, 0.6])
def test_a_truncated_file_is_refused(vibench: CommandLine, exported: Path, share: float) -> None:
    content = exported.read_bytes()
    path = vibench.folder / "torn.tar"
    path.write_bytes(content[: int(len(content) * share)])
    refused(vibench, path, "torn.tar was not imported")


def test_a_changed_byte_is_refused_wherever_it_is(vibench: CommandLine, exported: Path) -> None:
    content = exported.read_bytes()
    with tarfile.open(exported) as tar:
        members = tar.getmembers()
    for member in members[1:]:
        changed = bytearray(content)
        changed[member.offset_data + member.size // 2] ^= 1
        path = vibench.folder / "changed.tar"
        path.write_bytes(changed)
        refused(vibench, path, f"'{member.name}' is damaged")


def test_random_changes_are_refused_or_change_nothing(exported: Path, tmp_path: Path) -> None:
    content = exported.read_bytes()
    random = Random(13)
    path = tmp_path / "changed.tar"
    refusals = 0
    with open_archive(exported) as archive:
        sound = {name: archive.digest(name) for name in archive.names}
    for _ in range(300):
        changed = bytearray(content)
        for _ in range(random.choice((1, 1, 8, 64))):
            # In the headers of the tar as often as in what they are about.
            start = random.randrange(len(content)) // 512 * 512
            changed[start + random.randrange(512)] = random.randrange(256)
        path.write_bytes(changed)
        try:
            with open_archive(path) as archive:
                assert {name: archive.digest(name) for name in archive.names} == sound
        except StoreError:
            refusals += 1
    assert refusals > 100


@pytest.mark.parametrize("content", [b"", b"\0" * 20_000, b"not a tar", b"{}", b"\x1f\x8b" * 999])
def test_a_foreign_file_is_refused(vibench: CommandLine, content: bytes) -> None:
    path = vibench.folder / "foreign"
    path.write_bytes(content)
    refused(vibench, path, "foreign was not imported", "vibench store export")


def rewritten(
    exported: Path,
    path: Path,
    change: Callable[[dict[str, bytes]], None] = lambda files: None,
    header: dict[str, object] | None = None,
    extra: tarfile.TarInfo | None = None,
) -> Path:
    """Write the exported file again with other content, and digests that fit it."""
    with tarfile.open(exported) as tar:
        files = {m.name: tar.extractfile(m).read() for m in tar.getmembers()}  # type: ignore[union-attr]
    top = json.loads(files.pop("export.json"))
    change(files)
    top["files"] = {
        name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in files.items()
    }
    if extra is not None:
        empty = {"bytes": 0, "sha256": hashlib.sha256(b"").hexdigest()}
        top["files"][extra.name] = empty
    top |= header or {}
    with tarfile.open(path, "w") as tar:
        for name, content in [("export.json", json.dumps(top).encode()), *files.items()]:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        if extra is not None:
            tar.addfile(extra)
    return path


@pytest.mark.parametrize(
    "name",
    ["/etc/vibench", "../outside", "runs/../../outside", "artefacts/./x", "runs\\x", "runs//x",
     "C:/x", "runs/first/\x1b[2J", "", "runs/first" + 200 * "/x"],
)  # fmt: skip
def test_a_name_that_climbs_out_is_refused(vibench: CommandLine, exported: Path, name: str) -> None:
    path = rewritten(exported, vibench.folder / "bad.tar", extra=tarfile.TarInfo(name))
    refused(vibench, path, "a file with the name")
    assert {each.name for each in vibench.folder.iterdir()} == {"bad.tar"}


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE,
     tarfile.DIRTYPE],
)  # fmt: skip
def test_links_and_devices_are_refused(vibench: CommandLine, exported: Path, kind: bytes) -> None:
    member = tarfile.TarInfo("runs/first/notes.txt")
    member.type, member.linkname = kind, "/etc/passwd"
    path = rewritten(exported, vibench.folder / "bad.tar", extra=member)
    refused(vibench, path, "is a link or a device")


def test_a_file_twice_is_refused(vibench: CommandLine, exported: Path) -> None:
    path = rewritten(
        exported, vibench.folder / "bad.tar", extra=tarfile.TarInfo("runs/first/run.json")
    )
    refused(vibench, path, "runs/first/run.json")


@pytest.mark.parametrize("name", ["store.json", "locks/stage/0", "runs/first/deep/er", "x"])
def test_a_file_without_a_place_in_a_store_is_refused(
    vibench: CommandLine, exported: Path, name: str
) -> None:
    path = rewritten(exported, vibench.folder / "bad.tar", extra=tarfile.TarInfo(name))
    refused(vibench, path, name, "no such place")


@pytest.mark.parametrize(
    "header",
    [{"run": "absent"}, {"files": None}, {"files": {"x": 1}}, {"vibench_export": "1"},
     {"store_format": None}, {"run": None}],
)  # fmt: skip
def test_a_damaged_list_of_files_is_refused(
    vibench: CommandLine, exported: Path, header: dict[str, object]
) -> None:
    path = rewritten(exported, vibench.folder / "bad.tar", header=header)
    refused(vibench, path, "bad.tar was not imported")


@pytest.mark.parametrize("header", [{"vibench_export": 2}, {"store_format": 9}])
def test_a_newer_file_is_refused(
    vibench: CommandLine, exported: Path, header: dict[str, object]
) -> None:
    path = rewritten(exported, vibench.folder / "new.tar", header=header)
    refused(vibench, path, "a newer version of vibench wrote it")


FIRST = f"artefacts/verdicts/{key_of('first')[:2]}/{key_of('first')}"


def manifest_with(**fields: object) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        manifest = json.loads(files[f"{FIRST}/manifest.json"])
        manifest.pop("sha256", None)
        files[f"{FIRST}/manifest.json"] = json.dumps({**manifest, **fields}).encode()

    return change


OUTSIDE = {"../../../../../outside": {"bytes": 0, "sha256": hashlib.sha256(b"").hexdigest()}}


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (manifest_with(format=3), "a newer version"),
        (manifest_with(format=None), "manifest.json' is damaged"),
        (manifest_with(key="0" * 32), "manifest.json' is damaged"),
        (manifest_with(facts=[]), "manifest.json' is damaged"),
        (manifest_with(files={}), "manifest.json' is damaged"),
        (manifest_with(files={"text.txt": None}), "manifest.json' is damaged"),
        (manifest_with(files={"gone": {}}), "gone' is missing"),
        (manifest_with(files=OUTSIDE), "a file with the name"),
        (lambda files: files.update({f"{FIRST}/manifest.json": b"[" * 9999}), "is damaged"),
        (lambda files: files.update({f"{FIRST}/text.txt": b"other"}), "text.txt' is damaged"),
        (lambda files: files.pop(f"{FIRST}/manifest.json"), "manifest.json' is missing"),
        (lambda files: files.update({"runs/first/run.json": b"null"}), "run.json' is damaged"),
        (lambda files: files.update({"runs/first/stages.parquet": b"PAR1"}), "is damaged"),
        (lambda files: files.update({"ledgers/judged-1/a.b.parquet": b"PAR1"}), "is damaged"),
    ],
)
def test_content_that_no_store_holds_is_refused(
    vibench: CommandLine, exported: Path, change: Callable[[dict[str, bytes]], None], word: str
) -> None:
    refused(vibench, rewritten(exported, vibench.folder / "bad.tar", change), word)


def test_a_store_with_damage_or_a_link_is_refused(vibench: CommandLine, original: Path) -> None:
    copy = vibench.folder / "copy"
    shutil.copytree(original, copy)
    file = copy / FIRST / "text.txt"
    content = file.read_bytes()
    file.write_bytes(b"torn")
    refused(vibench, copy, "text.txt' is damaged")
    file.write_bytes(content)
    manifest = copy / FIRST / "manifest.json"
    sealed = manifest.read_text()
    manifest.write_text(sealed.replace("first of the test", "other of the test"))
    refused(vibench, copy, "manifest.json' is damaged")
    manifest.write_text(sealed)
    secret = vibench.folder / "secret"
    secret.write_bytes(content)
    file.unlink()
    file.symlink_to(secret)
    refused(vibench, copy, "is a link or a device")
    file.unlink()
    deep = copy / "runs" / "first"
    for _ in range(60):
        deep /= "x"
        deep.mkdir()
    refused(vibench, copy, "a file with the name")
    shutil.rmtree(copy / "runs" / "first" / "x")
    os.mkfifo(file)
    refused(vibench, copy, "is a link or a device")


def test_a_newer_store_and_no_store_are_refused(vibench: CommandLine, original: Path) -> None:
    newer = vibench.folder / "newer"
    shutil.copytree(original, newer)
    (newer / "store.json").write_text('{"format": 9}')
    refused(vibench, newer, "a newer version of vibench wrote it")
    (vibench.folder / "empty").mkdir()
    refused(vibench, vibench.folder / "empty", "is not a vibench store")
    refused(vibench, vibench.folder / "absent", "is not a vibench store")
    (vibench.folder / "new").mkdir()
    shutil.rmtree(vibench.folder / "new")
    done = vibench("store", "import", str(original), "--store", str(original))
    assert done.returncode == 2
    assert "into itself" in done.stderr


def test_bad_exports_are_refused(vibench: CommandLine, original: Path) -> None:
    shutil.copytree(original, vibench.folder / ".vibench")
    there = vibench.folder / "there.tar"
    there.write_text("mine")
    for arguments, word in (
        (("frist", "run.tar"), "Did you mean first"),
        (("first", "there.tar"), "is there already"),
        (("first", "no/folder/run.tar"), "There is no folder"),
    ):
        done = vibench("store", "export", *arguments)
        assert done.returncode == 2
        assert word in " ".join(done.stderr.split())
    assert there.read_text() == "mine"
    assert vibench("store", "export", "first", "there.tar", "--force").returncode == 0
    (vibench.folder / ".vibench" / FIRST / "text.txt").write_text("torn")
    done = vibench("store", "export", "first", "run.tar")
    assert done.returncode == 2
    assert "is damaged" in done.stderr
    assert not (vibench.folder / "run.tar").exists()
