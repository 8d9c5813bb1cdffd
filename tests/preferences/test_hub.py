"""The hub, played by a server on this machine: `datasets` itself streams from it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from vibench.errors import DataError
from vibench.preferences.origin import HubSet
from vibench.preferences.published_sets import HelpSteer2
from vibench.preferences.rows import FileRow
from vibench.preferences.sources import SourceParameters, usable
from vibench.records import PreferencePair

REVISION = "a" * 40
SET = "/datasets/nvidia/HelpSteer2"
ROWS = [{"prompt": f"Hi {i // 2}", "response": f"r{i}", "helpfulness": i % 2} for i in range(2000)]
FILES = {
    "train.jsonl": "".join(json.dumps(row) + "\n" for row in ROWS).encode(),
    "validation.jsonl": b'{"prompt": "p", "response": "r", "helpfulness": 1}\n',
}

READ = """
import json, sys
from vibench.data import DataFiles
from vibench.errors import DataError
from vibench.preferences import unique_pairs
from vibench.preferences.published_sets import HelpSteer2
revision, split, limit = sys.argv[1:]
source = HelpSteer2(revision=revision, split=split, files="", limit=int(limit))
found = []
try:
    for item in unique_pairs(source, DataFiles(None, embedded=False, datasets={})):
        found.append([item.id, item.chosen] if hasattr(item, "id") else [item.row, item.cause])
    print(json.dumps({"found": found}))
except DataError as error:
    print(json.dumps({"found": found, "message": error.message, "hint": error.hint}))
"""


class Hub(BaseHTTPRequestHandler):
    """Answers for one data set and one revision, as the hub's API does."""

    protocol_version = "HTTP/1.1"
    broken = False

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        name = path.rpartition("/")[2]
        if REVISION not in path:
            self.answer(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
        elif path.startswith(f"/api{SET}/revision/"):
            self.answer(200, json.dumps({"id": SET[10:], "sha": REVISION, "siblings": []}).encode())
        elif path == f"/api{SET}/tree/{REVISION}":
            files = [
                {"type": "file", "path": name, "size": len(content), "oid": "b" * 40}
                for name, content in FILES.items()
            ]
            self.answer(200, json.dumps(files).encode())
        elif name in FILES and f"{SET}/resolve/" in path:
            content = FILES[name]
            if self.broken:
                middle = len(content) // 2
                content = content[:middle] + b"{no json\n" + content[middle:]
            self.answer(200, content, {"ETag": '"x"', "X-Repo-Commit": REVISION})
        else:
            self.answer(404, b"{}", {"X-Error-Code": "EntryNotFound"})

    do_HEAD = do_GET  # noqa: N815

    def answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def hub() -> Iterator[ThreadingHTTPServer]:
    pytest.importorskip("datasets")
    handler = type("OneHub", (Hub,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def from_hub(
    hub: ThreadingHTTPServer,
    cache: Path,
    revision: str = REVISION,
    split: str = "train",
    limit: int = 0,
) -> dict[str, Any]:
    """In a process of its own, since the hub's address is read when its client is imported."""
    environment = {
        **os.environ,
        "HF_ENDPOINT": f"http://127.0.0.1:{hub.server_address[1]}",
        "HF_HOME": str(cache),
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }
    for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "HF_TOKEN", "HF_DATASETS_CACHE"):
        environment.pop(name, None)
    command = [sys.executable, "-c", READ, revision, split, str(limit)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_a_split_is_streamed_at_a_revision(hub: ThreadingHTTPServer, tmp_path: Path) -> None:
    found = from_hub(hub, tmp_path)["found"]
    assert found == [[f"helpsteer2/train:{i + 1}", f"r{i + 1}"] for i in range(0, 2000, 2)]
    validation = from_hub(hub, tmp_path, split="validation", limit=1)["found"]
    assert validation == [["validation, row 1", "prompt without a second response"]]


def test_a_revision_that_does_not_exist_is_named(hub: ThreadingHTTPServer, tmp_path: Path) -> None:
    answer = from_hub(hub, tmp_path, revision="abc")
    assert answer["found"] == []
    assert answer["message"] == (
        "The preference set nvidia/HelpSteer2 has no revision 'abc' on the hub."
    )
    assert "--set helpsteer2.revision=NAME" in answer["hint"]


def test_a_split_that_does_not_exist_is_named(hub: ThreadingHTTPServer, tmp_path: Path) -> None:
    answer = from_hub(hub, tmp_path, split="test")
    assert "has no split 'test': there is train, validation." in answer["message"]
    assert answer["hint"] == "Name one of them with --set helpsteer2.split=NAME."


def test_what_the_hub_sends_broken_is_told(hub: ThreadingHTTPServer, tmp_path: Path) -> None:
    hub.RequestHandlerClass.broken = True  # type: ignore[attr-defined]
    answer = from_hub(hub, tmp_path)
    assert "(revision aaaa" in answer["message"]
    assert "cannot be read from the hub: JSON parse error" in answer["message"]
    assert "--data or VIBENCH_DATA" in answer["hint"]


def test_a_folder_is_streamed_as_the_hub_is(tmp_path: Path) -> None:
    """`limit` ends a stream early: the row that is broken is never read."""
    pytest.importorskip("datasets")
    lines = "".join(json.dumps(row) + "\n" for row in ROWS[:4])
    (tmp_path / "train.jsonl").write_text(lines, encoding="utf-8")
    origin = HubSet("helpsteer2", str(tmp_path), "main", "train", "helpsteer2")
    assert [(r.file, r.number, r.columns) for r in origin.rows()] == [
        ("train", n, row) for n, row in enumerate(ROWS[:4], start=1)
    ]

    def rows() -> Iterator[FileRow]:
        yield from origin.rows()
        pytest.fail("read on after the last pair")

    source = HelpSteer2(revision="main", split="train", files="", limit=0)
    pairs = list(usable(source.pairs_of(rows()), SourceParameters(limit=2), "helpsteer2"))
    assert [p.chosen for p in pairs if isinstance(p, PreferencePair)] == ["r1", "r3"]


def test_an_unreachable_hub_set_names_both_ways(tmp_path: Path) -> None:
    pytest.importorskip("datasets")
    absent = HubSet("helpsteer2", str(tmp_path / "absent"), "main", "train", "helpsteer2")
    with pytest.raises(DataError, match="cannot be read from the hub") as caught:
        list(absent.rows())
    assert "--data" in caught.value.hint
    assert "network" in caught.value.hint
