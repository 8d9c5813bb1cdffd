"""What endpoints of several makes say, and what is understood."""

from __future__ import annotations

import datetime
import email.utils
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibench.engines.openai.address import Address, is_near
from vibench.engines.openai.replies import (
    CallFailure,
    ChatReply,
    read_answer,
)
from vibench.engines.openai.requests import is_reasoning
from vibench.engines.openai.retry_delay import read_retry_after


def read(status: int, body: Any, **headers: str) -> ChatReply | CallFailure:
    return read_answer(status, headers, json.dumps(body).encode())


def trouble(status: int, body: Any, **headers: str) -> CallFailure:
    found = read(status, body, **headers)
    assert isinstance(found, CallFailure)
    return found


def completion(finish: str | None, **message: Any) -> Any:
    return {"choices": [{"message": {"role": "assistant", **message}, "finish_reason": finish}]}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (completion("stop", content="yes"), ChatReply("yes", "stop")),
        (completion("length", content="ye"), ChatReply("ye", "length")),
        (completion("model_length", content="ye"), ChatReply("ye", "length")),
        (completion("MAX_TOKENS", content="ye"), ChatReply("ye", "length")),
        (completion("max_tokens", content="ye"), ChatReply("ye", "length")),
        (completion("max-output-tokens", content="ye"), ChatReply("ye", "length")),
        (completion("STOP", content="yes"), ChatReply("yes", "stop")),
        (completion("end_turn", content="yes"), ChatReply("yes", "stop")),
        (
            completion("stop", content="a", reasoning=" b\n"),
            ChatReply("a", "stop", thought="b"),
        ),
        (
            completion("length", content=None, reasoning="b"),
            ChatReply("", "length", thought="b"),
        ),
        (
            completion("stop", content="<think>b</think>\n\na"),
            ChatReply("a", "stop", thought="b"),
        ),
        (completion("stop", content="b\n</think>\n\na"), ChatReply("a", "stop", thought="b")),
        (completion("stop", content="<think>b"), ChatReply("", "length", thought="b")),
        (
            completion("stop", content="It ends with </think>.", reasoning_content="b"),
            ChatReply("It ends with </think>.", "stop", thought="b"),
        ),
        (
            completion("stop", content="analysisSo.assistantfinalYes."),
            ChatReply("Yes.", "stop", thought="So."),
        ),
        (
            completion(
                "stop",
                content=[
                    {"type": "thinking", "thinking": [{"type": "text", "text": "b"}]},
                    {"type": "text", "text": "a"},
                ],
            ),
            ChatReply("a", "stop", thought="b"),
        ),
        (completion(None, content="yes"), ChatReply("yes", "stop")),
        (completion("stop", content=None), ChatReply("", "stop")),
        (
            completion("stop", content=None, refusal="I cannot."),
            ChatReply("I cannot.", "stop"),
        ),
        (
            completion("stop", content="a", reasoning_content="b"),
            ChatReply("a", "stop", thought="b"),
        ),
        (
            completion("stop", content=[{"type": "thinking"}, {"type": "text", "text": "a"}]),
            ChatReply("a", "stop"),
        ),
        (
            completion("stop", content="a")
            | {"usage": {"prompt_tokens": 3, "completion_tokens": None}},
            ChatReply("a", "stop", 3, 0),
        ),
    ],
)
def test_replies(body: Any, expected: ChatReply) -> None:
    assert read(200, body) == expected


@pytest.mark.parametrize("reason", ["content_filter", "SAFETY", "refusal", "Content-Filter"])
def test_a_content_filter_by_any_name_is_a_refusal(reason: str) -> None:
    found = trouble(200, completion(reason, content=None))
    assert (found.cause, found.final) == ("refused", True)


@pytest.mark.parametrize(
    "body",
    [
        *({}, [], "x", 3, None, {"choices": []}, {"choices": [{}]}, {"choices": None}),
        completion("stop", content=5),
        {"choices": [{"message": "hi"}]},
    ],
)
def test_what_is_no_completion_is_malformed(body: Any) -> None:
    found = trouble(200, body)
    assert (found.cause, found.final, found.wrong) == ("malformed reply", False, None)


@given(st.binary(max_size=200), st.integers(200, 599))
def test_any_bytes_are_understood_as_something(raw: bytes, status: int) -> None:
    assert isinstance(read_answer(status, {}, raw), ChatReply | CallFailure)


OPENAI = {"error": {"message": "The model `x` does not exist", "code": "model_not_found"}}
VLLM = {"object": "error", "message": "The model `x` does not exist.", "code": 404}
PROXY = {"error": {"message": "Invalid model name passed in model=x", "code": "400"}}


@pytest.mark.parametrize(("status", "body"), [(404, OPENAI), (404, VLLM), (400, PROXY)])
def test_an_unknown_model(status: int, body: Any) -> None:
    """It may come back where it was before: then its server is starting."""
    found = trouble(status, body)
    assert (found.wrong, found.at_first, found.passing) == ("model", True, True)


UNSUPPORTED = (
    "Unsupported parameter: 'max_tokens' is not supported with this model. "
    "Use 'max_completion_tokens' instead."
)
EXTRA = [{"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs", "input": 3}]
PROMPT_TOO_LONG = (
    "'max_tokens' or 'max_completion_tokens' is too large: 1024. This model's maximum context "
    "length is 2048 tokens and your request has 1500 input tokens (1024 > 2048 - 1500)."
)
LIMITS = (
    "max_completion_tokens=8192 cannot be greater than max_model_len=2048.",
    "max_tokens is too large: 100000. This model supports at most 16384 completion tokens.",
    "'max_tokens' or 'max_completion_tokens' is too large: 2048. This model's maximum context "
    "length is 1024 tokens; extra tokens are not supported.",
)


@pytest.mark.parametrize(
    ("status", "body", "parameter"),
    [
        (400, {"error": {"message": UNSUPPORTED, "code": "unsupported_parameter"}}, "max_tokens"),
        (422, {"detail": EXTRA}, "seed"),
        (400, {"error": {"message": "Unrecognized request argument: top_p"}}, "top_p"),
        (400, {"error": {"message": "Model m: unknown parameter 'seed'."}}, "seed"),
        (400, {"message": PROMPT_TOO_LONG}, None),
        (400, {"error": {"message": "Invalid prompt: it must not exceed 5 MB"}}, None),
        (400, {"error": "unexpected end of seeds"}, None),
    ],
)
def test_which_parameter_is_not_known(status: int, body: Any, parameter: str | None) -> None:
    found = trouble(status, body)
    assert (found.cause, found.final, found.wrong) == ("bad request", True, None)
    assert found.parameter == parameter


@pytest.mark.parametrize("message", LIMITS)
def test_a_limit_that_no_answer_may_have_is_wrong_for_every_request(message: str) -> None:
    found = trouble(400, {"error": {"message": message}})
    assert (found.cause, found.wrong, found.at_first) == ("bad request", "limit", True)


@pytest.mark.parametrize(
    ("status", "error", "cause"),
    [
        (
            400,
            {"message": "The prompt was flagged.", "code": "content_policy_violation"},
            "refused",
        ),
        (
            400,
            {"message": "It may violate our usage policies.", "code": "invalid_prompt"},
            "refused",
        ),
        (
            400,
            {"message": "Azure's content management policy", "code": "content_filter"},
            "refused",
        ),
        (451, {"message": "Not here."}, "refused"),
        (400, {"message": "This model's maximum context length is 1024 tokens."}, "bad request"),
        (413, {"message": "Payload too large"}, "bad request"),
        (422, {"message": "messages: field required"}, "bad request"),
    ],
)
def test_only_what_a_filter_will_not_have_is_a_refusal(status: int, error: Any, cause: str) -> None:
    found = trouble(status, {"error": error})
    assert (found.cause, found.final) == (cause, True)


@pytest.mark.parametrize("count", [-5, 0, True, 10**12, 10**400, "many", 3.5, None])
def test_a_usage_that_is_none_counts_as_not_told(count: Any) -> None:
    usage = {"prompt_tokens": count, "completion_tokens": 7}
    body = {"choices": [{"message": {"content": "Yes."}}], "usage": usage}
    answer = read_answer(200, {}, json.dumps(body).encode())
    assert isinstance(answer, ChatReply)
    assert (answer.prompt_tokens, answer.completion_tokens) == (0, 7)


def test_a_problem_list_is_told_without_the_input() -> None:
    assert trouble(422, {"detail": EXTRA}).detail == "422 seed: Extra inputs"


def test_a_temperature_that_is_refused_is_wrong_for_every_request() -> None:
    message = "Unsupported value: 'temperature' does not support 0.2 with this model."
    found = trouble(400, {"error": {"message": message, "param": "temperature"}})
    assert found.wrong == "parameter"


def test_a_quota_that_is_spent_is_not_waited_for() -> None:
    assert trouble(429, {"error": {"code": "insufficient_quota"}}).wrong == "quota"
    found = trouble(429, {"error": {"message": "Daily limit"}}, **{"Retry-After": "86400"})
    assert found.retry_after == 86400


CLAUDE = "`temperature` and `top_p` cannot both be specified for this model. Please use only one."
OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}


def gemini(code: int, message: str, status: str, *details: Any) -> Any:
    error = {"code": code, "message": message, "status": status, "details": list(details)}
    return [{"error": error}]


def test_errors_in_a_list_are_read() -> None:
    found = trouble(400, gemini(400, "Unknown name: seed. Unsupported.", "INVALID_ARGUMENT"))
    assert (found.detail, found.parameter) == ("400 Unknown name: seed. Unsupported.", "seed")
    key = gemini(400, "API key not valid. Please pass a valid API key.", "INVALID_ARGUMENT")
    assert trouble(400, key).wrong == "key"
    delay = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.5s"}
    message = "You exceeded your current quota, please check your plan and billing details."
    found = trouble(429, gemini(429, message, "RESOURCE_EXHAUSTED", delay))
    assert (found.wrong, found.retry_after, found.passing) == (None, 34.5, True)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (402, {"message": "This request requires more credits, or fewer max_tokens.", "code": 402}),
        (402, {}),
        (400, {"message": "Your credit balance is too low to access the API."}),
        (403, {"message": "Insufficient balance."}),
        (429, {"message": "You exceeded your current quota.", "code": "insufficient_quota"}),
        (429, {"message": "Billing hard limit has been reached", "type": "insufficient_quota"}),
        (200, {"message": "Insufficient credits", "code": 402}),
    ],
)
def test_what_has_to_be_paid_for_is_no_answer(status: int, error: Any) -> None:
    found = trouble(status, {"error": error})
    assert (found.wrong, found.passing) == ("quota", True)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (529, OVERLOADED),
        (503, {"error": {"message": "Loading model", "code": 503, "type": "unavailable_error"}}),
        (503, {"error": "Model mistral-7b is currently loading", "estimated_time": 20.0}),
        (404, {"error": {"message": "The model is not ready yet."}}),
        (504, {}),
        (409, {}),
        (429, {"error": {"message": "Too many requests"}}),
        (408, {}),
    ],
)
def test_what_passes(status: int, body: Any) -> None:
    found = trouble(status, body)
    assert (found.wrong, found.final, found.passing) == (None, False, True)
    assert found.free == (status not in (504, 408))


def test_of_two_parameters_that_exclude_each_other_top_p_is_left_out() -> None:
    error = {"type": "invalid_request_error", "message": CLAUDE}
    assert trouble(400, {"error": error}).parameter == "top_p"


@pytest.mark.parametrize(
    ("error", "cause", "detail", "lasting"),
    [
        (
            {"code": 502, "message": "Upstream is down"},
            "server error",
            "502 Upstream is down",
            False,
        ),
        ({"code": "429", "message": "Slow down"}, "rate limit", "429 Slow down", False),
        ({"type": "overloaded_error", "message": "Busy"}, "server error", "529 Busy", False),
        ({"message": "Something broke"}, "server error", "Something broke", False),
        ("Something broke", "server error", "Something broke", False),
        (
            {"code": 403, "message": "The input was flagged"},
            "refused",
            "403 The input was flagged",
            True,
        ),
        ({"code": "content_filter", "message": "No."}, "refused", "400 No.", True),
        ({"code": 400, "message": "context too long"}, "bad request", "400 context too long", True),
    ],
)
def test_an_error_in_a_200_is_read_as_what_it_is(
    error: Any, cause: str, detail: str, lasting: bool
) -> None:
    for body in ({"error": error}, [{"error": error}], {"error": error, "choices": []}):
        found = trouble(200, body)
        assert (found.cause, found.detail, found.final) == (cause, detail, lasting)
        assert not found.free, "it came with a 200, and may be billed"
    stream = f"data: {json.dumps({'error': error})}\n\ndata: [DONE]\n".encode()
    streamed = read_answer(200, {"Content-Type": "text/event-stream"}, stream)
    assert isinstance(streamed, CallFailure)
    assert (streamed.cause, streamed.detail) == (cause, detail)


def test_an_answer_that_is_broken_off_is_none_and_its_tokens_are_counted() -> None:
    error = {"code": 502, "message": "Provider disconnected"}
    body = completion("error", content="I th")
    body["choices"][0]["error"] = error
    body["usage"] = {"prompt_tokens": 30, "completion_tokens": 2}
    found = trouble(200, body)
    assert found.detail == "the answer was broken off: 502 Provider disconnected"
    assert (found.passing, found.prompt_tokens, found.completion_tokens) == (True, 30, 2)
    found = trouble(200, completion("error", content="I th"))
    assert (found.cause, found.passing, found.free) == ("connection", True, False)


def test_a_stream_that_nobody_asked_for_is_said() -> None:
    found = read_answer(200, {}, b'data: {"choices": [{"delta": {"content": "a"}}]}\n\n')
    assert isinstance(found, CallFailure)
    assert (found.cause, found.passing) == ("malformed reply", True)
    assert "a stream of events" in found.detail


@pytest.mark.parametrize("none", [None, {}, "", []])
def test_an_empty_error_beside_an_answer_is_none(none: Any) -> None:
    assert read(200, completion("stop", content="a") | {"error": none}) == ChatReply("a", "stop")


def test_a_page_for_people_is_a_wrong_url_unless_it_comes_late() -> None:
    found = read_answer(200, {"Content-Type": "text/html; charset=utf-8"}, b"<html>")
    assert isinstance(found, CallFailure)
    assert (found.cause, found.wrong, found.at_first) == ("malformed reply", "url", True)
    found = read_answer(502, {}, b"<html><h1>Bad gateway</h1></html>")
    assert isinstance(found, CallFailure)
    assert (found.cause, found.detail) == ("server error", "502")


def test_retry_after_in_all_its_forms() -> None:
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=30)
    assert read_retry_after({"Retry-After": "7"}) == 7.0
    assert read_retry_after({"Retry-After": "0.5"}) == 0.5
    assert read_retry_after({"Retry-After": "7", "retry-after-ms": "250"}) == 0.25
    dated = read_retry_after({"Retry-After": email.utils.format_datetime(later, usegmt=True)})
    assert dated == pytest.approx(30, abs=2)
    assert read_retry_after({"Retry-After": "Mon, 01 Jan 2001 00:00:00 GMT"}) == 0.0
    for unclear in ({}, {"Retry-After": "soon"}, {"Retry-After": "nan"}):
        assert read_retry_after(unclear) is None


@pytest.mark.parametrize(
    ("name", "reasons"),
    [
        ("o1", True),
        ("o3-mini", True),
        ("o4-mini-2025-04-16", True),
        ("openai/o5", True),
        ("ft:o4-mini:org::id", True),
        ("gpt-5", True),
        ("gpt-5.1-mini", True),
        ("gpt-6-nano", True),
        ("gpt-5-chat-latest", False),
        ("gpt-4o", False),
        ("gpt-4.1", False),
        ("gpt-oss-120b", False),
        ("olmo-2", False),
        ("allenai/OLMo-2-1124-13B-Instruct", False),
        ("mistralai/Mistral-7B-Instruct-v0.3", False),
    ],
)
def test_which_names_reason(name: str, reasons: bool) -> None:
    assert is_reasoning(name) is reasons


@pytest.mark.parametrize(
    ("host", "near"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("10.1.2.3", True),
        ("192.168.0.7", True),
        ("vllm", True),
        ("gpu1.local", True),
        ("api.openai.com", False),
        ("8.8.8.8", False),
    ],
)
def test_which_hosts_are_near(host: str, near: bool) -> None:
    assert is_near(host) is near


def test_a_key_is_in_no_text() -> None:
    address = Address("http://x/v1", "KEY", "sk-secret")
    assert "sk-secret" not in repr(address)
    assert address.scrub("bad key sk-secret\n  given") == "bad key *** given"
    assert len(address.scrub("x" * 5000)) == 300
