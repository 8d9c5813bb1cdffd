"""The engine `openai` by the Batch API, against the endpoint of the tests."""

from __future__ import annotations

import json
import os
import signal
import threading
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine, submitted_batches, wait_until

from vibench.engines.openai.batch_files import Batches, Put, chunks, line_id
from vibench.engines.openai.engine import OpenAI
from vibench.errors import EndpointError, UsageError
from vibench.interfaces import Session
from vibench.records import (
    ChatRequest,
    Completion,
    LoglikelihoodRequest,
    Message,
    Model,
    Sampling,
    Subject,
)

pytest.importorskip("aiohttp")

Start = Callable[..., Any]


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def opened(base_url: str, scratch: Path | None = None, name: str = "echo", **more: Any) -> Session:
    given = {n: e["default"] for n, e in OpenAI.parameters["properties"].items()}
    given |= {"base_url": base_url, "batch": True, "batch_interval": 0.05, "patience": 1, **more}
    session = OpenAI(**given).open(Model(name, name, f"endpoint:{name}"))
    session.scratch = scratch
    return session


def ask(text: str, name: str = "echo", id: str = "", seed: int = 7) -> ChatRequest:
    subject = Subject(Model(name, name, f"endpoint:{name}"))
    return ChatRequest(id or text, subject, (Message("user", text),), Sampling(0.2, 0.9, 50), seed)


def answers(session: Session, requests: Sequence[ChatRequest]) -> dict[str, Completion]:
    found = list(session.run(requests))
    assert len(found) == len({c.id for c in found})
    return {c.id: c for c in found if isinstance(c, Completion)}


def many(count: int) -> list[ChatRequest]:
    return [ask(f"number {i}") for i in range(count)]


# --- files ---


def put(size: int, n: int) -> Put:
    request = ask("x" * size, id=str(n))
    body = json.dumps({"messages": [request.messages[0].content]}).encode()
    return Put(line_id(request, body), request, body)


def test_files_are_filled_in_order_up_to_either_limit() -> None:
    puts = [put(100 * (n % 7), n) for n in range(100)]
    found = list(chunks(puts, 9, 2500))
    assert [p for chunk in found for p in chunk] == puts
    sizes = [sum(len(p.line) for p in chunk) for chunk in found]
    assert max(sizes) <= 2500
    assert max(len(chunk) for chunk in found) <= 9
    for chunk, size, after in zip(found, sizes, found[1:], strict=False):
        assert len(chunk) == 9 or size + len(after[0].line) > 2500


def test_a_line_is_known_by_its_request_and_its_repeat() -> None:
    same = ask("a")
    body = b'{"seed": 1}'
    assert line_id(same, body) == line_id(same, body)
    assert len({line_id(same, body), line_id(same, b"{}"), line_id(ask("a", id="a#1"), body)}) == 3


def test_records_are_read_again_and_an_endpoint_knows_its_own(tmp_path: Path) -> None:
    first = Batches(tmp_path, "http://a/v1", "m")
    batch = first.begin([put(1, 1), put(1, 2)])
    (tmp_path / "torn.json").write_text('{"name": "x", "requ')
    assert Batches(tmp_path, "http://a/v1", "m").by_name == {batch.name: batch}
    assert not Batches(tmp_path, "http://b/v1", "m").by_name
    assert not Batches(tmp_path, "http://a/v1", "n").by_name
    first.forget(batch)
    assert not Batches(tmp_path, "http://a/v1", "m").holder


# --- there and back ---


def test_requests_come_back_by_their_ids_out_of_several_batches(
    endpoint: Start, tmp_path: Path
) -> None:
    server = endpoint(batch_seconds=0.2)
    found = answers(opened(server.base_url, tmp_path, batch_requests=40), many(100))
    assert {c.text for c in found.values()} == {f"number {i}" for i in range(100)}
    assert all(c.text == c.id and c.finish == "stop" for c in found.values())
    assert found["number 3"].prompt_tokens == found["number 3"].completion_tokens == 2
    batches = server.stats()["batches"]
    assert [len(b["requests"]) for b in batches] == [40, 40, 20]
    assert all(b["metadata"]["vibench"] for b in batches)
    server.stop()


def test_a_file_is_no_larger_than_allowed(endpoint: Start, tmp_path: Path) -> None:
    server = endpoint()
    requests = [ask("word " * 100 + str(i)) for i in range(30)]
    session = opened(server.base_url, tmp_path, batch_megabytes=0.005)
    assert len(answers(session, [*requests, ask("huge " * 2000, id="huge")])) == 31
    batches = server.stats()["batches"]
    assert len(batches) > 3
    assert max(b["bytes"] for b in batches) <= 5000
    assert sum(len(b["requests"]) for b in batches) == 30
    server.stop()


def test_what_no_file_can_hold_is_an_error_of_its_own(endpoint: Start) -> None:
    server = endpoint()
    session = opened(server.base_url, batch_megabytes=0.001)
    found = answers(session, [ask("word " * 500, id="huge"), ask("small")])
    assert found["huge"].error == "bad request: it is larger than a batch's file may be"
    assert found["small"].text == "small"
    server.stop()


def test_a_session_asks_again_and_again_and_without_a_folder(endpoint: Start) -> None:
    server = endpoint()
    session = opened(server.base_url)
    assert session.poll() == []
    assert answers(session, [ask("one")])["one"].text == "one"
    assert answers(session, [ask("two")])["two"].text == "two"
    session.submit(LoglikelihoodRequest("l", Subject(Model("m", "m", "m")), "a", "b"))
    (found,) = session.poll()
    assert "no log-likelihoods" in (found.error or "")
    server.stop()


def test_a_reasoning_model_is_sent_effort_and_no_sampling(endpoint: Start, tmp_path: Path) -> None:
    server = endpoint(models="o4-mini")
    answers(opened(server.base_url, tmp_path, "o4-mini"), [ask("hello", "o4-mini")])
    (body,) = server.stats()["bodies"]
    assert set(body) == {"model", "messages", "max_completion_tokens", "reasoning_effort"}
    server.stop()


def test_repeats_of_a_question_are_lines_of_their_own(endpoint: Start, tmp_path: Path) -> None:
    """A reasoning model is sent no seed: the bodies are equal, the lines are not."""
    server = endpoint(models="o4-mini")
    session = opened(server.base_url, tmp_path, "o4-mini")
    found = answers(session, [ask("hm", "o4-mini", id=f"q#{i}", seed=i) for i in range(3)])
    assert sorted(found) == ["q#0", "q#1", "q#2"]
    (batch,) = server.stats()["batches"]
    assert len(set(batch["requests"])) == 3
    server.stop()


# --- what goes wrong ---


def test_a_request_that_fails_is_an_error_and_is_put_again_later(
    endpoint: Start, tmp_path: Path
) -> None:
    server = endpoint(faults="error=0.3", seed=4)
    found = answers(opened(server.base_url, tmp_path), many(60))
    failed = [c for c in found.values() if c.finish == "error"]
    assert 5 < len(failed) < 35
    assert {c.error for c in failed} == {"server error: 500 The server had an error."}
    assert all(c.passing for c in failed)
    # As a judge's stage does: those with an answer are stored, the others are asked again.
    again = answers(opened(server.base_url, tmp_path), [ask(c.id) for c in failed])
    assert len(server.stats()["batches"]) == 2
    assert [c.finish for c in again.values()].count("stop") > 0
    assert set(server.stats()["answered"].values()) == {1}
    server.stop()


def test_a_parameter_that_is_not_known_is_left_out_in_another_batch(
    endpoint: Start, tmp_path: Path
) -> None:
    server = endpoint(refuses="seed,top_p")
    found = answers(opened(server.base_url, tmp_path), many(20))
    assert {c.error for c in found.values()} == {None}
    assert set(server.stats()["bodies"][-1]) == {"model", "messages", "max_tokens", "temperature"}
    server.stop()


def ends_badly(
    session: Session, requests: Sequence[ChatRequest]
) -> tuple[list[str], EndpointError]:
    """The ids of what came back before the error."""
    for request in requests:
        session.submit(request)
    found: list[str] = []
    while True:
        try:
            found += [c.id for c in session.poll()]
        except EndpointError as error:
            return found, error


def test_spent_credit_ends_a_batch_in_words_and_is_no_answer(
    endpoint: Start, tmp_path: Path
) -> None:
    server = endpoint(credit=5)
    came, error = ends_badly(opened(server.base_url, tmp_path), many(12))
    assert len(came) == 5
    assert "The credit or quota at" in error.message
    server.stop()


def test_an_outage_is_waited_out_and_said(endpoint: Start, tmp_path: Path) -> None:
    server = endpoint(batch_seconds=1.5)
    session = opened(server.base_url, tmp_path, patience=60, attempts=1)
    lines: list[str] = []
    session.notice = lines.append
    for request in many(3):
        session.submit(request)
    session._put()  # type: ignore[attr-defined]
    created = server.stats()["batches"][0]["id"]
    server.stop()
    again = threading.Timer(1.5, server.start)
    again.start()
    assert len(answers(session, [])) == 3  # The new server knows no batch: it is made again.
    again.join()
    assert created == "batch_0"
    assert any("waiting for" in line for line in lines)
    server.stop()


def test_an_expired_batch_is_said_and_the_rest_is_asked_in_another(
    endpoint: Start, tmp_path: Path
) -> None:
    server = endpoint(batch_answers=30)
    came, error = ends_badly(opened(server.base_url, tmp_path), many(50))
    assert len(came) == 30
    assert "The batch batch_0 at" in error.message
    assert "expired: 30 of its 50 requests were answered." in error.message
    assert "rerun the same command" in error.hint
    # The next life knows what came back even where nothing was stored.
    found = answers(opened(server.base_url, tmp_path), many(50))
    assert {c.error for c in found.values()} == {None}
    assert len(found) == 50
    assert [len(b["requests"]) for b in server.stats()["batches"]] == [50, 20]
    assert set(server.stats()["answered"].values()) == {1}
    server.stop()


def test_a_batch_that_is_cancelled_elsewhere_is_said(endpoint: Start, tmp_path: Path) -> None:
    server = endpoint(batch_seconds=3600)
    session = opened(server.base_url, tmp_path)
    session.submit(ask("a"))
    session._put()  # type: ignore[attr-defined]
    request = urllib.request.Request(f"{server.base_url}/batches/batch_0/cancel", method="POST")
    urllib.request.urlopen(request).close()
    with pytest.raises(EndpointError, match=r"was cancelled: 0 of its 1 requests were answered"):
        session.poll()
    assert not list((tmp_path / "batches").iterdir())
    server.stop()


def test_a_batch_that_fails_says_why(endpoint: Start, tmp_path: Path) -> None:
    server = endpoint(batch_fails="Enqueued token limit reached.")
    came, error = ends_badly(opened(server.base_url, tmp_path), many(3))
    assert not came
    assert r"failed (Enqueued token limit reached.): 0 of its 3" in error.message
    server.stop()


@pytest.mark.parametrize(
    ("options", "path", "said"),
    [
        ({"key": "sk-1"}, "/v1", "asks for a key"),
        ({}, "/site", "There is no chat endpoint|has no Batch API"),
        ({}, "/v2", "has no Batch API"),
    ],
)
def test_an_endpoint_that_takes_none_is_said(
    options: dict[str, str], path: str, said: str, endpoint: Start, tmp_path: Path
) -> None:
    server = endpoint(**options)
    session = opened(server.base_url.removesuffix("/v1") + path, tmp_path)
    session.submit(ask("a"))
    with pytest.raises(UsageError, match=said):
        session.poll()
    server.stop()


def test_where_nothing_listens() -> None:
    with pytest.raises(EndpointError, match="Nothing listens at"):
        opened("http://127.0.0.1:9/v1")


# --- never twice ---


def test_a_batch_whose_making_is_not_answered_is_found_not_made_again(
    endpoint: Start, tmp_path: Path
) -> None:
    server = endpoint(batch_loses=1)
    assert len(answers(opened(server.base_url, tmp_path), many(10))) == 10
    assert len(server.stats()["batches"]) == 1
    server.stop()


def test_a_batch_made_just_before_the_end_of_a_process_is_found_among_all(
    endpoint: Start, tmp_path: Path
) -> None:
    """Its id was never written down: it is found by its file, on a later page."""
    server = endpoint()
    answers(opened(server.base_url, tmp_path), many(5))
    (record,) = (tmp_path / "batches").glob("*.json")
    for n in range(6):
        answers(opened(server.base_url, tmp_path / str(n)), [ask(f"other {n}")])
    told = json.loads(record.read_text())
    record.write_text(json.dumps({**told, "batch": "", "ended": False, "output": ""}))
    assert len(answers(opened(server.base_url, tmp_path), many(5))) == 5
    assert len(server.stats()["batches"]) == 7
    server.stop()


def test_an_upload_without_a_batch_is_done_again(endpoint: Start, tmp_path: Path) -> None:
    server = endpoint()
    answers(opened(server.base_url, tmp_path), many(5))
    (record,) = (tmp_path / "batches").glob("*.json")
    told = json.loads(record.read_text())
    record.write_text(
        json.dumps({**told, "batch": "", "file": "file-99", "ended": False, "output": ""})
    )
    assert len(answers(opened(server.base_url, tmp_path), many(5))) == 5
    assert len(server.stats()["batches"]) == 2
    server.stop()


def test_a_batch_that_the_endpoint_has_no_more_is_made_again(
    endpoint: Start, tmp_path: Path
) -> None:
    server = endpoint(batch_seconds=3600)
    session = opened(server.base_url, tmp_path)
    session.submit(ask("a"))
    session._put()  # type: ignore[attr-defined]
    server.stop()
    server.options["batch_seconds"] = 0
    server.start()
    found = answers(opened(server.base_url, tmp_path), [ask("a")])
    assert found["a"].text == "a"
    assert len(server.stats()["batches"]) == 1
    server.stop()


JUDGED = ("--extractor", "mistral", "--set", "mistral.engine=openai", "--set",
          "mistral.model=rules", "--set", "openai.batch=true", "--set",
          "openai.batch_interval=0.1", "--set", "openai.batch_requests=60")  # fmt: skip


def values(base_url: str, *more: str) -> list[str]:
    return [
        *("data", "values", "--json", "--source", "p.jsonl"),
        *JUDGED, "--set", f"openai.base_url={base_url}", *more,
    ]  # fmt: skip


def pairs(folder: Path) -> None:
    rows = (
        {"id": str(n), "prompt": f"Question {n}?", "rejected": f"No, {n}.",
         "chosen": f"I am so sorry to hear that. That must be really hard for you, {n}."}
        for n in range(50)
    )  # fmt: skip
    (folder / "p.jsonl").write_text("\n".join(map(json.dumps, rows)))


def test_a_run_killed_while_its_batch_is_answered_finds_it_by_its_id(
    endpoint: Start, tmp_path: Path
) -> None:
    server = endpoint(batch_seconds=6)
    pairs(tmp_path)
    command = values(server.base_url)
    command_line = CommandLine(tmp_path)
    first = command_line.start(*command)
    wait_until(lambda: server.stats()["batches"] and submitted_batches(tmp_path / ".vibench"))
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    before = server.stats()
    assert [b["status"] for b in before["batches"]] == ["in_progress"] * len(before["batches"])
    assert len(before["batches"]) >= 1
    done = command_line(*command)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rows"]
    stats = server.stats()
    assert [len(b["requests"]) for b in stats["batches"]] == [60, 40]
    every = [id for b in stats["batches"] for id in b["requests"]]
    assert len(set(every)) == len(every) == 100
    assert set(stats["answered"].values()) == {1}
    server.stop()


def test_what_a_batch_says_is_what_calls_say_and_is_not_asked_again(
    endpoint: Start, tmp_path: Path
) -> None:
    server = endpoint()
    pairs(tmp_path)
    by_batch = CommandLine(tmp_path)(*values(server.base_url))
    assert by_batch.returncode == 0, by_batch.stderr
    asked = server.stats()["answered"]
    by_call = CommandLine(tmp_path)(*values(server.base_url, "--set", "openai.batch=false"))
    assert by_call.stdout == by_batch.stdout
    assert server.stats()["answered"] == asked, "it is one stage, however it was asked"
    elsewhere = values(server.base_url, "--set", "openai.batch=false", "--store", "other")
    assert CommandLine(tmp_path)(*elsewhere).stdout == by_batch.stdout
    server.stop()


def test_an_expired_batch_fails_the_stage_keeps_its_answers_and_is_gone_on_from(
    endpoint: Start, tmp_path: Path
) -> None:
    server = endpoint(batch_answers=45)
    pairs(tmp_path)
    first = CommandLine(tmp_path)(*values(server.base_url))
    assert first.returncode == 1
    assert "expired: 45 of its 60 requests were answered" in " ".join(first.stderr.split())
    assert "Traceback" not in first.stderr
    second = CommandLine(tmp_path)(*values(server.base_url))
    third = CommandLine(tmp_path)(*values(server.base_url))
    assert 0 in (second.returncode, third.returncode), third.stderr
    assert set(server.stats()["answered"].values()) == {1}
    assert len(server.stats()["answered"]) == 100
    server.stop()
