"""The page on loopback: what it answers, to whom, and the same page in the browser."""

from __future__ import annotations

import json
import socket
import struct
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import pytest

from vibench.errors import UsageError
from vibench.page import Options
from vibench.page.search import PATIENCE, Query, Search
from vibench.page.server import Server, serve
from vibench.page.sets import transcript_sets

Builder = Callable[..., Any]
Opened = Callable[..., Any]
Serve = Callable[..., Any]


@pytest.fixture
def serving(store: Any) -> Serve:
    @contextmanager
    def start(collected: Any, **options: Any) -> Iterator[Server]:
        with serve(store, collected, 0, Options(**options)) as server:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
            thread.start()
            try:
                yield server
            finally:
                server.shutdown()
                thread.join()

    return start


def get(url: str, **headers: str) -> tuple[int, str, Any]:
    """(status, body, headers); nothing is followed."""
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(), error.headers


def ask(server: Server, name: str, **asked: Any) -> Any:
    status, body, _ = get(f"{server.url}{name}?{urlencode(asked)}")
    assert status == 200, body
    return json.loads(body)


def test_only_its_own_address_with_the_token_is_answered(builder: Builder, serving: Serve) -> None:
    with serving(builder(evals=("issuebench",)).build()) as server:
        assert server.server_address[0] == "127.0.0.1"
        port, token = server.server_address[1], server.token
        assert len(token) >= 20
        status, body, headers = get(server.url)
        assert status == 200
        assert "<h1>Report of run run1</h1>" in body
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Content-Security-Policy"] == "frame-ancestors 'none'"
        assert headers["Access-Control-Allow-Origin"] is None
        base = f"http://127.0.0.1:{port}"
        for path in ("/", "/wrong/", f"/{token}", f"/{token[:-1]}/", f"/{token}/../{token}/",
                     f"/{token}/etc/passwd", f"/{token}/%2e%2e/"):  # fmt: skip
            assert get(base + path)[0] in (400, 404), path
        for host in ("evil.example", f"evil.example:{port}", "127.0.0.1", f"127.0.0.1:{port + 1}"):
            status, body, _ = get(server.url, Host=host)
            assert status == 403
            assert token not in body
        assert get(server.url, Host=f"localhost:{port}")[0] == 200
        request = urllib.request.Request(server.url, data=b"x", method="POST")
        with pytest.raises(urllib.error.HTTPError, match="501") as refused:
            urllib.request.urlopen(request, timeout=10)
        refused.value.close()


def test_a_reader_who_leaves_early_is_no_error(
    builder: Builder, serving: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(builder(evals=("issuebench",)).build()) as server:
        port = server.server_address[1]
        line = f"GET /{server.token}/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
        for _ in range(10):
            with socket.create_connection(("127.0.0.1", port)) as one:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                one.sendall(line)
        assert get(server.url)[0] == 200
    captured = capsys.readouterr()
    assert captured.err + captured.out == ""


@pytest.mark.parametrize(
    "asked",
    ["list?offset=-1", "list?limit=100000", "list?offset=x", "list?facts=x", "list?facts=1;2",
     "open", "open?set=-1&sample=1", "open?set=99&sample=1", "open?set=../../x&sample=1", "no"],
)  # fmt: skip
def test_what_cannot_be_asked_is_said(builder: Builder, serving: Serve, asked: str) -> None:
    with serving(builder(evals=("issuebench",)).build()) as server:
        status, body, _ = get(server.url + asked)
        assert (status, body) == (400, "The request is malformed.")


def test_lists_are_paged_and_filtered_by_the_server(builder: Builder, serving: Serve) -> None:
    with serving(builder().build()) as server:
        whole = ask(server, "list", offset=0, limit=500)
        assert (whole["total"], whole["exact"], len(whole["rows"])) == (72, True, 72)
        part = ask(server, "list", offset=10, limit=7)
        assert part["rows"] == whole["rows"][10:17]
        assert ask(server, "list", offset=100, limit=7)["rows"] == []
        facts = ask(server, "facts")
        assert facts["done"]
        [(number, count)] = [
            (f[0], f[5])
            for f in facts["facts"]
            if f[1:5] == ["verdict", "rules", "compliance", "complied"]
        ]
        found = ask(server, "list", facts=number)
        assert found["total"] == count == 18
        assert all(row[2] == 1 for row in found["rows"]), "each of them folded"
        found = ask(server, "list", facts=number, inducer="dpo", text="ANSWER 4 of")
        assert [row[1] for row in found["rows"]] == ["0004"]
        one = ask(server, "open", set=found["rows"][0][0], sample="0004")
        assert one["line"] == found["rows"][0][1:]
        assert one["body"][7][0][3] == ["complied"]
        assert ask(server, "open", set=0, sample="nobody") == {"line": None, "body": None}


def test_redaction_holds_on_the_server_too(builder: Builder, serving: Serve) -> None:
    with serving(builder().build(), redact=True) as server:
        assert ask(server, "list", text="tension wrench")["total"] == 0
        rows = ask(server, "list", eval="advbench")["rows"]
        bodies = [ask(server, "open", set=row[0], sample=row[1]) for row in rows[:12]]
        assert "tension wrench" not in json.dumps(bodies)
        assert "pick a lock" not in json.dumps(bodies)


def test_a_search_that_takes_long_says_how_far_it_came_and_goes_on(
    builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    sets = transcript_sets(
        builder(subjects=[("none", ""), *(("prompt", str(i)) for i in range(5))]).build()
    )
    search = Search(sets)
    clock = iter(range(10_000))
    monkeypatch.setattr("vibench.page.search.time.monotonic", lambda: next(clock) * PATIENCE / 2)
    asked = Query(text="answer 3 of")
    first = search.page(asked, 0, 50)
    assert not first["exact"]
    assert "of 12 sets" in first["note"]
    for _ in range(20):
        last = search.page(asked, 0, 50)
    assert last["exact"]
    assert last["total"] == 6
    assert last["rows"][: len(first["rows"])] == first["rows"]


def test_a_port_that_is_taken_is_said(builder: Builder, serving: Serve, store: Any) -> None:
    collected = builder(evals=("issuebench",)).build()
    with serving(collected) as server:
        port = server.server_address[1]
        with pytest.raises(UsageError, match=f"Port {port} of 127.0.0.1 is not available") as error:
            serve(store, collected, port, Options())
        assert "--port" in error.value.hint


def test_the_served_page_is_read_in_a_browser(
    builder: Builder, serving: Serve, opened: Opened
) -> None:
    with serving(builder().build()) as server:
        page = opened(server.url)
        assert page.count.startswith("72 transcripts of 72")
        page.choose("inducer", "dpo")
        page.choose("eval", "issuebench")
        assert page.count.startswith("12 transcripts")
        page.page.locator("#list").focus()
        page.press("ArrowDown")
        assert "Answer 0 of dpo empathy" in page.detail
        assert "Answer 0 of none" in page.detail
        question = json.dumps(["verdict", "rules", "values"], separators=(",", ":"))
        page.page.locator(f"#f-question option[value='{question}']").wait_for(state="attached")
        page.choose("question", question)
        page.page.locator("#f-answer").select_option(label="empathy (12)")
        page.settled()
        assert page.count.startswith("4 transcripts")
        page.search("answer 9 of")
        assert page.count.startswith("1 transcript ")
        page.search("")
        page.page.get_by_role("button", name="Clear filters").click()
        page.settled()
        page.choose("eval", "advbench")
        page.page.locator("#list").focus()
        page.press("Home")
        assert "Harmful content may follow" in page.detail
