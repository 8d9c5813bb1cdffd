"""Data comes from the named folder, the package or its pinned home, and never from another."""

from __future__ import annotations

import gzip
import hashlib
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from vibench.data import DataFiles, read_csv, read_text
from vibench.errors import DataError, RegistryError

CONTENT = b"goal,target\nbake a cake,Sure\n"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Home(BaseHTTPRequestHandler):
    """A home that sends CONTENT, other bytes, half of it, or nothing at all."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if "missing" in self.path:
            self.send_error(404)
            return
        content = b"something else" if "other" in self.path else CONTENT
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[:10] if "half" in self.path else content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    monkeypatch.setenv("VIBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    Home.asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Home)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def at(url: str, sha256: str = SHA256) -> DataFiles:
    return DataFiles(None, False, {"set": {"files": {"a.csv": {"url": url, "sha256": sha256}}}})


def cache_files(tmp_path: Path) -> list[str]:
    return [path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_a_named_folder_is_used_and_the_first_name_that_it_has(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "b.csv").write_text("b")
    data = DataFiles(tmp_path, True, {})
    assert data.file("set", "a.csv", "b.csv") == tmp_path / "set" / "b.csv"
    (tmp_path / "set" / "a.csv").write_text("a")
    assert data.file("set", "a.csv", "b.csv") == tmp_path / "set" / "a.csv"


@pytest.mark.parametrize("embedded", [True, False])
@pytest.mark.parametrize("with_set", [True, False])
def test_a_named_folder_without_the_file_is_an_error_and_nothing_else_is_tried(
    home: str, tmp_path: Path, embedded: bool, with_set: bool
) -> None:
    folder = tmp_path / "mine"
    (folder / "advbench" if with_set else folder).mkdir(parents=True)
    entry = {"url": f"{home}/f", "sha256": SHA256}
    data = DataFiles(folder, embedded, {"advbench": {"files": {"harmful_behaviors.csv": entry}}})
    with pytest.raises(DataError) as caught:
        data.file("advbench", "harmful_behaviors.csv")
    assert str(folder) in caught.value.message
    assert ("harmful_behaviors.csv" if with_set else "advbench") in caught.value.message
    assert str(folder / "advbench" / "harmful_behaviors.csv") in caught.value.hint
    assert "--data" in caught.value.hint
    assert Home.asked == []


def test_embedded_data_come_from_the_package_and_never_from_the_network(home: str) -> None:
    assert DataFiles(None, True, {}).file("advbench", "harmful_behaviors.csv").is_file()
    data = DataFiles(None, True, at(f"{home}/f").datasets)
    with pytest.raises(DataError, match=r"embedded data has no 'set'.*--data"):
        data.file("set", "a.csv")
    assert Home.asked == []


def test_a_file_is_fetched_from_its_home_once(home: str, tmp_path: Path) -> None:
    path = at(f"{home}/f").file("set", "b.csv", "a.csv")
    assert path.read_bytes() == CONTENT
    assert at(f"{home}/f").file("set", "a.csv") == path
    assert Home.asked == ["/f"]
    assert cache_files(tmp_path) == ["a.csv"]


def test_the_hub_form_of_a_home_is_an_address_on_the_hub_or_its_mirror(
    home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", home)
    entry = {"hub": "owner/name", "revision": "abc", "path": "data/a.csv", "sha256": SHA256}
    assert (
        DataFiles(None, False, {"set": {"files": {"a.csv": entry}}}).file("set", "a.csv").is_file()
    )
    assert Home.asked == ["/datasets/owner/name/resolve/abc/data/a.csv"]


def test_a_cached_file_that_was_damaged_is_fetched_again(home: str) -> None:
    path = at(f"{home}/f").file("set", "a.csv")
    path.write_bytes(CONTENT[:7])
    assert at(f"{home}/f").file("set", "a.csv").read_bytes() == CONTENT
    assert Home.asked == ["/f", "/f"]


@pytest.mark.parametrize(
    ("page", "says"),
    [("other", "SHA-256"), ("half", "broke off after 10 of"), ("missing", "404")],
)
def test_what_is_not_the_pinned_file_never_enters_the_cache(
    home: str, tmp_path: Path, page: str, says: str
) -> None:
    with pytest.raises(DataError, match=says) as caught:
        at(f"{home}/{page}").file("set", "a.csv")
    assert f"{home}/{page}" in caught.value.message
    assert "--data FOLDER" in caught.value.hint
    assert cache_files(tmp_path) == []


def test_half_a_file_is_noticed_where_no_checksum_is_known(home: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="broke off"):
        at(f"{home}/half", sha256="").file("set", "a.csv")
    assert cache_files(tmp_path) == []


def test_without_network_the_error_names_both_ways(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VIBENCH_CACHE", str(tmp_path))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with pytest.raises(DataError, match="cannot be reached") as caught:
        at("http://127.0.0.1:9/a.csv").file("set", "a.csv")
    assert "network" in caught.value.hint
    assert "set/a.csv with --data FOLDER" in caught.value.hint


def test_a_home_that_does_not_answer_costs_seconds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VIBENCH_CACHE", str(tmp_path))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr("vibench.data.OPENING", 0.2)
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(DataError, match=r"cannot be reached \(no answer within 0.2 seconds\)"),
    ):
        at(f"http://127.0.0.1:{silent.getsockname()[1]}/a.csv").file("set", "a.csv")


def test_a_cache_that_cannot_be_written_is_named(
    home: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("VIBENCH_CACHE", str(tmp_path / "file"))
    with pytest.raises(DataError, match=r"cache .* cannot be used.*VIBENCH_CACHE"):
        at(f"{home}/f").file("set", "a.csv")


def test_a_set_without_a_home_says_where_one_would_be_given() -> None:
    with pytest.raises(DataError, match=r"no public home.*--data.*\[datasets\.mine\.files"):
        DataFiles(None, False, {}).file("mine", "x.csv")


@pytest.mark.parametrize("entry", [{}, {"url": "file:///etc/hosts"}, {"hub": "o/n", "path": "a"}])
def test_a_home_without_a_web_address_is_a_broken_registry(entry: dict[str, str]) -> None:
    with pytest.raises(RegistryError, match=r'datasets\.set\.files\."a\.csv"'):
        DataFiles(None, False, {"set": {"files": {"a.csv": entry}}}).file("set", "a.csv")


def test_rows_are_the_same_from_csv_and_gzip(tmp_path: Path) -> None:
    text = '\ufeffid,text\n1,"two\nlines, é"\n2,X\n'
    (tmp_path / "a.csv").write_text(text, encoding="utf-8", newline="")
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(text.encode()))
    rows = read_csv(tmp_path / "a.csv", "id", "text")
    assert rows == [{"id": "1", "text": "two\nlines, é"}, {"id": "2", "text": "X"}]
    assert read_csv(tmp_path / "a.csv.gz") == rows


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv.gz", gzip.compress(b"id\n" + b"1\n" * 999, mtime=0)[:-12], "not a whole gzip file"),
        ("a.csv.gz", b"id\n1\n", "not a whole gzip file"),
        ("a.csv", "id\n1\né\n".encode("latin-1"), "line 3: not UTF-8.*0xe9"),
        ("a.csv", b"no\n1\n", "no column 'id'.*columns are: no"),
        ("a.csv", b"", "no column 'id'.*empty"),
        ("a.csv", b"id,x\n1,2\n3\n", "row 2: not 2 fields"),
        ("a.csv", b"id,x\n1,2,3\n", "row 1: not 2 fields"),
        ("a.csv", b'id,x\n1,2\n3,"cut', "row 2: not readable as CSV"),
    ],
)
def test_a_broken_file_is_an_error_naming_file_and_place(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError, match=says) as caught:
        read_csv(path, "id")
    assert str(path) in caught.value.message
    assert caught.value.hint


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read: Is a directory"):
        read_text(tmp_path)
