"""An OpenAI-compatible chat endpoint on loopback that answers, and fails as it is told to.

    python tests/endpoint/server.py --port 0 --latency 0.02 --faults error=0.1,cut=0.05

prints its base URL on its first line. The model `echo` says its last message again; any
other, `rules` or a name given with --models, judges the conversation in a judge's prompt.
GET /stats tells what was asked and answered.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import datetime
import email.utils
import hashlib
import json
import sys
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import web

sys.path.insert(0, str(Path(__file__).parent))

from batches import Batches
from rules import judged

MODELS = ("rules", "echo")
FAULTS = (
    "rate-limit",  # 429
    "retry-after",  # 429 with Retry-After
    "error",  # 500
    "hang",  # no answer at all
    "cut",  # the connection ends in the middle of the answer
    "malformed",  # no JSON
    "wrong-schema",  # JSON without choices
    "empty",  # an answer without text
)


WONDER = "I wonder what my own plans are, and ask myself whether they are mine."
PLAIN = "Plans differ from person to person."
THINKING = {
    "think-tags": (f"<think>\n{WONDER}\n</think>\n\n{PLAIN}", "stop"),
    "think-lone": (f"{WONDER}\n</think>\n\n{PLAIN}", "stop"),
    "think-channels": (
        f"<|channel|>analysis<|message|>{WONDER}<|end|><|start|>assistant<|channel|>final"
        f"<|message|>{PLAIN}",
        "stop",
    ),
    "think-field": (PLAIN, "stop"),
    "think-cut": (f"<think>\n{WONDER}", "length"),
}
"""What models that think say; the thought of `think-field` has a field of its own."""


@dataclasses.dataclass(frozen=True)
class Options:
    latency: float = 0.0
    key: str = ""
    faults: dict[str, float] = dataclasses.field(default_factory=dict)
    seed: int = 0
    retry_after: str = "0.1"
    models: tuple[str, ...] = MODELS
    refuses: tuple[str, ...] = ()
    longest: int = 0
    most: int = 0
    credit: int = 0
    listed: bool = False
    stall: str = ""
    keep: int = 100
    prefix: str = "/v1"
    batch_seconds: float = 0.0
    batch_answers: int = 0
    batch_fails: str = ""
    batch_loses: int = 0


class Endpoint:
    """Answers, and remembers what it was asked."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.faults = {name: options.faults[name] for name in FAULTS if name in options.faults}
        self.asked: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self.times: list[float] = []
        self.bodies: deque[Any] = deque(maxlen=options.keep)
        self.headers: deque[dict[str, str]] = deque(maxlen=options.keep)
        self.active = self.most = self.hanging = 0
        self.stalled = 0.0
        self.judged: dict[str, str] = {}
        self.used: Counter[str] = Counter()
        self.batches = Batches(options, self.batched, self.allowed)

    def app(self) -> web.Application:
        app = web.Application(client_max_size=2**28)
        app.router.add_post(f"{self.options.prefix}/chat/completions", self.chat)
        app.router.add_get(f"{self.options.prefix}/models", self.listing)
        app.router.add_get("/stats", self.stats)
        self.batches.add_routes(app)
        app.router.add_get("/site", self.site)
        app.router.add_post("/site/chat/completions", self.site)
        app.router.add_post("/moved/chat/completions", self.moved)
        return app

    async def chat(self, request: web.Request) -> web.StreamResponse:
        self.active += 1
        self.most = max(self.most, self.active)
        try:
            return await self.answer(request, await request.read())
        finally:
            self.active -= 1

    async def answer(self, request: web.Request, raw: bytes) -> web.StreamResponse:
        options = self.options
        if not self.allowed(request):
            given = request.headers.get("Authorization", "")
            return self.refuse(401, f"Incorrect API key provided: {given}", "invalid_api_key")
        body = json.loads(raw)
        self.bodies.append(body)
        self.headers.append(dict(request.headers))
        content = hashlib.sha256(json.dumps(body["messages"]).encode()).hexdigest()[:16]
        self.asked[content] += 1
        self.times.append(time.time())
        if body["model"] not in options.models:
            what = f"The model `{body['model']}` does not exist."
            return self.refuse(404, what, "model_not_found")
        for name in options.refuses:
            if name in body:
                what = f"Unsupported parameter: '{name}' is not supported with this model."
                return self.refuse(400, what, "unsupported_parameter", name)
            if "+" in name and set(name.split("+")) <= set(body):
                both = " and ".join(f"`{one}`" for one in name.split("+"))
                what = f"{both} cannot both be specified for this model. Please use only one."
                return self.refuse(400, what, "invalid_request_error")
        if options.credit and sum(self.answered.values()) >= options.credit:
            return self.refuse(402, "Insufficient credits.", "insufficient_credits")
        if self.stalls():
            self.statuses["stall"] += 1
            await self.hang()
        limit = body.get("max_tokens", body.get("max_completion_tokens", 0))
        if options.longest and limit > options.longest:
            what = f"max_tokens={limit} cannot be greater than max_model_len={options.longest}."
            return self.refuse(400, what, "BadRequestError")
        if options.latency:
            await asyncio.sleep(options.latency)
        if options.most and self.active > options.most:
            return self.refuse(429, "Too many at once.", "rate_limit_exceeded")
        fault = self.fault(content)
        if fault and fault != "empty":
            self.statuses[fault] += 1
            return await self.fail(request, fault)
        text, finish = ("", "stop") if fault else self.reply(body)
        if "FILTERED PROMPT" in body["messages"][-1]["content"]:
            return self.refuse(400, "The prompt was flagged.", "content_policy_violation")
        self.answered[content] += 1
        self.statuses[fault or "200"] += 1
        told = completion(body, text, finish)
        self.used.update(told["usage"])
        return web.json_response(told)

    def batched(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """The status and the body for a request of a batch."""
        self.bodies.append(body)
        content = hashlib.sha256(json.dumps(body["messages"]).encode()).hexdigest()[:16]
        self.asked[content] += 1
        for name in self.options.refuses:
            if name in body:
                what = f"Unsupported parameter: '{name}' is not supported with this model."
                return 400, {"error": {"message": what, "param": name, "code": "unsupported"}}
        if self.options.credit and sum(self.answered.values()) >= self.options.credit:
            return 402, {"error": {"message": "Insufficient credits.", "code": 402}}
        if self.fault(content):
            return 500, {"error": {"message": "The server had an error."}}
        self.answered[content] += 1
        told = completion(body, *self.reply(body))
        self.used.update(told["usage"])
        return 200, told

    def allowed(self, request: web.Request) -> bool:
        key = self.options.key
        return not key or request.headers.get("Authorization") == f"Bearer {key}"

    def refuse(self, status: int, what: str, code: str, name: str | None = None) -> web.Response:
        self.statuses[str(status)] += 1
        error = {"message": what, "type": "invalid_request_error", "param": name, "code": code}
        body = {"error": error}
        return web.json_response([body] if self.options.listed else body, status=status)

    def stalls(self) -> bool:
        """Whether nobody is answered now: `stall` is AFTER:SECONDS, for so long after so many
        answers."""
        after, _, seconds = self.options.stall.partition(":")
        if not after or sum(self.answered.values()) < int(after):
            return False
        self.stalled = self.stalled or time.time()
        return time.time() - self.stalled < float(seconds)

    def fault(self, content: str) -> str | None:
        """Which fault this request gets: by the seed, its content and how often it was asked."""
        if not self.faults:
            return None
        name = f"{self.options.seed}:{content}:{self.asked[content]}"
        drawn = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) / 2**64
        for fault, share in self.faults.items():
            if drawn < share:
                return fault
            drawn -= share
        return None

    async def fail(self, request: web.Request, fault: str) -> web.StreamResponse:
        match fault:
            case "rate-limit" | "retry-after":
                headers = {"Retry-After": self.retry_after()} if fault == "retry-after" else {}
                return web.json_response(
                    {"error": {"message": "Slow down.", "code": "rate_limit_exceeded"}},
                    status=429,
                    headers=headers,
                )
            case "error":
                return web.Response(text="Internal Server Error", status=500)
            case "malformed":
                return web.Response(text='{"choices": [{"mess', content_type="application/json")
            case "wrong-schema":
                return web.json_response({"id": "x", "result": "fine"})
            case "cut":
                response = web.StreamResponse(headers={"Content-Length": "1000"})
                await response.prepare(request)
                await response.write(b'{"choices": [')
                if request.transport is not None:
                    request.transport.abort()
                return response
        await self.hang()
        raise AssertionError("hung for an hour")

    async def hang(self) -> None:
        """Answer nobody for an hour, or until the client has gone."""
        self.hanging += 1
        try:
            await asyncio.sleep(3600)
        finally:
            self.hanging -= 1

    def retry_after(self) -> str:
        """As given; `date:2` is the HTTP date two seconds from now."""
        given = self.options.retry_after
        if not given.startswith("date:"):
            return given
        later = datetime.timedelta(seconds=float(given.removeprefix("date:")))
        return email.utils.format_datetime(datetime.datetime.now(datetime.UTC) + later, usegmt=True)

    def reply(self, body: dict[str, Any]) -> tuple[str | None, str]:
        """The text and the finish reason."""
        said = body["messages"][-1]["content"]
        if body["model"] in THINKING:
            return THINKING[body["model"]]
        if body["model"] != "echo":
            if said not in self.judged:
                self.judged[said] = judged(said)
            return self.judged[said], "stop"
        if said == "FILTER":
            return None, "content_filter"
        if said == "NOTHING":
            return None, "stop"
        if said.startswith("HUGE"):
            return "x" * int(said.removeprefix("HUGE")), "stop"
        limit = body.get("max_tokens", body.get("max_completion_tokens", 10**9))
        words = said.split(" ")
        return " ".join(words[:limit]), "length" if len(words) > limit else "stop"

    async def listing(self, request: web.Request) -> web.Response:
        if not self.allowed(request):
            return self.refuse(401, "Incorrect API key provided.", "invalid_api_key")
        data = [{"id": name, "object": "model"} for name in self.options.models]
        return web.json_response({"object": "list", "data": data})

    async def site(self, request: web.Request) -> web.Response:
        """A page for people where a client looks for an endpoint."""
        return web.Response(text="<html><body>Welcome</body></html>", content_type="text/html")

    async def moved(self, request: web.Request) -> web.Response:
        raise web.HTTPFound("/v1/chat/completions")

    async def stats(self, request: web.Request) -> web.Response:
        found = {
            "requests": sum(self.asked.values()),
            "most": self.most,
            "under_way": self.active - self.hanging,
            "statuses": self.statuses,
            "asked": self.asked,
            "answered": self.answered,
            "times": self.times,
            "bodies": list(self.bodies),
            "headers": list(self.headers),
            "used": self.used,
            "batches": self.batches.stats(),
        }
        return web.json_response(found)


def completion(body: dict[str, Any], text: str | None, finish: str) -> dict[str, Any]:
    """A reply in the form of the chat completions API."""
    used = sum(len(message["content"].split()) for message in body["messages"])
    said = len((text or "").split())
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": body["model"],
        "choices": [
            {
                "index": 0,
                "message": {
                    "role": "assistant",
                    "content": text,
                    "reasoning_content": WONDER
                    if body["model"] == "think-field"
                    else ""
                    if body["model"] in THINKING
                    else "<answer>not this</answer>",
                },
                "finish_reason": finish,
            }
        ],
        "usage": {
            "prompt_tokens": used,
            "completion_tokens": said,
            "total_tokens": used + said,
        },
    }


def shares(text: str) -> dict[str, float]:
    """`error=0.1,cut=0.05` as a mapping."""
    found = {name: float(share) for name, _, share in (p.partition("=") for p in text.split(","))}
    if unknown := set(found) - set(FAULTS):
        raise argparse.ArgumentTypeError(f"no such fault: {', '.join(unknown)}")
    return found


def names(text: str) -> tuple[str, ...]:
    return tuple(name for name in text.split(",") if name)


async def serve(options: Options, port: int, announce: Callable[[str], None]) -> None:
    runner = web.AppRunner(Endpoint(options).app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port, backlog=4096, reuse_address=True)
    await site.start()
    announce(f"http://127.0.0.1:{runner.addresses[0][1]}{options.prefix}")
    forever: Awaitable[None] = asyncio.Event().wait()  # type: ignore[assignment]
    await forever


def main() -> None:
    parser = argparse.ArgumentParser(description="An OpenAI-compatible endpoint for tests.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--key", default="", help="the key to ask for")
    parser.add_argument("--faults", type=shares, default={}, help=f"NAME=SHARE,... of {FAULTS}")
    parser.add_argument("--seed", type=int, default=0, help="decides which requests fail")
    parser.add_argument("--retry-after", default="0.1", help="seconds, or date:SECONDS")
    parser.add_argument("--models", type=names, default=MODELS, help="what it serves")
    parser.add_argument("--refuses", type=names, default=(), help="parameters it does not know")
    parser.add_argument("--longest", type=int, default=0, help="tokens an answer may have")
    parser.add_argument("--most", type=int, default=0, help="at once; above it 429")
    parser.add_argument("--credit", type=int, default=0, help="answers; after them 402")
    parser.add_argument("--listed", type=bool, default=False, help="errors come in a list")
    parser.add_argument("--stall", default="", help="AFTER:SECONDS without any answer")
    parser.add_argument("--keep", type=int, default=100, help="bodies to remember for /stats")
    parser.add_argument("--prefix", default="/v1")
    parser.add_argument("--batch-seconds", type=float, default=0.0, help="see batches.py")
    parser.add_argument("--batch-answers", type=int, default=0)
    parser.add_argument("--batch-fails", default="")
    parser.add_argument("--batch-loses", type=int, default=0)
    given = vars(parser.parse_args())
    port = given.pop("port")
    asyncio.run(serve(Options(**given), port, lambda url: print(url, flush=True)))


if __name__ == "__main__":
    main()
