"""Replies and errors in the forms of vendors, read by the client that a run uses.

`vendors/` holds the forms as data, a file for each vendor: status, headers that matter, body,
where the form is documented, and what it becomes. Bodies are shortened to what matters.
"""

from __future__ import annotations

import asyncio
import threading
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from vibench.engines.openai.address import Address, locate_endpoint
from vibench.engines.openai.engine import OpenAI
from vibench.engines.openai.failures import endpoint_error
from vibench.engines.openai.replies import CallFailure, read_answer
from vibench.errors import EndpointError, UsageError
from vibench.records import ChatRequest, Completion, Message, Model, Sampling, Subject

pytest.importorskip("aiohttp")

from aiohttp import web
from multidict import CIMultiDict

FOLDER = Path(__file__).with_name("vendors")
SCHEMA = {"type": "object", "properties": {"answer": {"type": "string"}}}
WORDS = {
    "wrong key": (UsageError, "does not accept the key"),
    "no access": (UsageError, "does not let this account use"),
    "wrong model": (UsageError, "has no model"),
    "wrong url": (UsageError, "no chat endpoint"),
    "every request refused": (UsageError, "refuses every request"),
    "limit too large": (UsageError, "fewer tokens than requested"),
    "credit spent": (EndpointError, "credit or quota"),
}
"""What stops a run at once: the error, and the words that it opens with."""


@dataclass(frozen=True)
class Form:
    vendor: str
    name: str
    status: int
    body: str
    documented: str
    becomes: str
    headers: dict[str, str] = field(default_factory=dict)
    text: str = ""
    thought: str = ""
    wait: float | None = None
    says: str = ""
    reasoning: bool = False

    @property
    def raw(self) -> bytes:
        """The body; a time in it is 90 seconds from now."""
        reset = int((time.time() + 90) * 1000)
        return self.body.replace("NOW+90s in ms", str(reset)).encode()


def read_forms() -> Iterator[Form]:
    for path in sorted(FOLDER.glob("*.toml")):
        table = tomllib.loads(path.read_text("utf-8"))
        defaults = {"vendor": table["vendor"], "documented": table["documented"]}
        for form in table["form"]:
            yield Form(**{**defaults, **form})


FORMS = list(read_forms())
IDS = [f"{form.vendor}: {form.name}" for form in FORMS]


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    """One endpoint for all forms: the model's name is the form's number."""
    loop = asyncio.new_event_loop()
    started: list[str] = []

    async def chat(request: web.Request) -> web.Response:
        sent = await request.json()
        form = FORMS[int(sent["model"])]
        name = form.becomes.removeprefix("leave out ")
        if name != form.becomes and name not in sent:
            return web.json_response({"choices": [{"message": {"content": f"no {name}"}}]})
        return web.Response(
            body=form.raw,
            status=form.status,
            headers={"Content-Type": "application/json", **form.headers},
        )

    async def models(request: web.Request) -> web.Response:
        return web.json_response({"data": []})

    async def start() -> web.AppRunner:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", chat)
        app.router.add_get("/v1/models", models)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        started.append(f"http://127.0.0.1:{runner.addresses[0][1]}/v1")
        return runner

    runner = loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield started[0]
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def ask(base_url: str, number: int) -> Completion:
    defaults = {n: e["default"] for n, e in OpenAI.parameters["properties"].items()}
    reasoning = "yes" if FORMS[number].reasoning else "no"
    changed: dict[str, Any] = {"base_url": base_url, "attempts": 1, "reasoning": reasoning}
    model = Model(str(number), str(number), f"endpoint:{number}")
    message = Message("user", "Is it so?")
    request = ChatRequest("1", Subject(model), (message,), Sampling(0.2, 0.9, 50), 7, schema=SCHEMA)
    session = OpenAI(**{**defaults, **changed}).open(model)
    try:
        (reply,) = session.run([request])
    finally:
        session.close()
    assert isinstance(reply, Completion)
    return reply


@pytest.mark.parametrize("number", range(len(FORMS)), ids=IDS)
def test_each_form_becomes_what_the_table_says(
    number: int, base_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-0123456789")
    form = FORMS[number]
    if form.becomes in WORDS:
        kind, words = WORDS[form.becomes]
        with pytest.raises(kind) as error:
            ask(base_url, number)
        assert words in str(error.value)
        assert form.says in str(error.value)
        return
    reply = ask(base_url, number)
    if form.becomes in ("answer", "cut off"):
        finish = "stop" if form.becomes == "answer" else "length"
        assert (reply.text, reply.thought, reply.finish) == (form.text, form.thought, finish)
    elif form.becomes.startswith("leave out "):
        assert reply.text == f"no {form.becomes.removeprefix('leave out ')}"
    else:
        cause = {"content filter": "refused: ", "unscored": "bad request: ", "ask again": ""}
        assert reply.finish == "error"
        assert (reply.error or "").startswith(cause[form.becomes])
        assert reply.passing is (form.becomes == "ask again")


@pytest.mark.parametrize(
    "form", [form for form in FORMS if form.becomes == "ask again"], ids=lambda form: form.vendor
)
def test_the_wait_is_what_the_vendor_asks_for(form: Form) -> None:
    failure = read_answer(form.status, CIMultiDict(form.headers), form.raw)
    assert isinstance(failure, CallFailure)
    assert failure.retry_after == (None if form.wait is None else pytest.approx(form.wait, abs=1))


AZURE = "https://mine.openai.azure.com"


@pytest.mark.parametrize(
    ("base_url", "model"),
    [
        (f"{AZURE}/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21", "gpt-4o"),
        (f"{AZURE}/openai/deployments/gpt-4o", "gpt-4o"),
        (f"{AZURE}/openai?api-version=2024-10-21", "DEPLOYMENT"),
    ],
)
def test_the_older_path_of_azure_is_answered_with_the_one_that_works(
    base_url: str, model: str
) -> None:
    with pytest.raises(UsageError, match="Azure's older API") as error:
        locate_endpoint(base_url, "")
    assert f"openai.base_url={AZURE}/openai/v1," in error.value.hint
    assert f"(openai:{model})" in error.value.hint
    assert locate_endpoint(f"{AZURE}/openai/v1/", "").base_url == f"{AZURE}/openai/v1"


def test_a_wrong_path_at_azure_is_answered_with_the_one_that_works() -> None:
    failure = CallFailure("server error", "404 Resource not found", wrong="url")
    error = endpoint_error(failure, Address(AZURE, "KEY"), "gpt-4o")
    assert isinstance(error, UsageError)
    assert f"openai.base_url={AZURE}/openai/v1," in error.hint


def test_the_table_has_all_vendors() -> None:
    assert len({form.vendor for form in FORMS}) == 17
    assert all(form.documented.startswith("https://") for form in FORMS)
    assert len(IDS) == len(set(IDS))
