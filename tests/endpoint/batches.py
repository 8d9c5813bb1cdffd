"""The test endpoint's Batch API: files in, batches that take their time, files out.

--batch-seconds 2        a batch is completed so many seconds after it was made
--batch-answers 5        it expires once so many of its requests are answered
--batch-fails TEXT       it is refused with this reason when it is looked at
--batch-loses 1          so many times a batch is made and its making is not answered
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from aiohttp import web

Answer = Callable[[dict[str, Any]], tuple[int, dict[str, Any]]]


class Batches:
    """Files and batches by id. `answer` gives the status and the body for a request."""

    def __init__(self, options: Any, answer: Answer, allowed: Callable[..., bool]) -> None:
        self.options, self.answer, self.allowed = options, answer, allowed
        self.files: dict[str, bytes] = {}
        self.made: dict[str, dict[str, Any]] = {}
        self.losses = options.batch_loses

    def add_routes(self, app: web.Application) -> None:
        prefix = self.options.prefix
        app.router.add_post(f"{prefix}/files", self.upload)
        app.router.add_get(f"{prefix}/files/{{id}}/content", self.content)
        app.router.add_post(f"{prefix}/batches", self.create)
        app.router.add_get(f"{prefix}/batches", self.listing)
        app.router.add_get(f"{prefix}/batches/{{id}}", self.retrieve)
        app.router.add_post(f"{prefix}/batches/{{id}}/cancel", self.cancel)

    def stats(self) -> list[dict[str, Any]]:
        """Each batch, with the size of its file and its requests' ids."""
        return [
            {
                **batch,
                "bytes": len(self.files[batch["input_file_id"]]),
                "requests": [line["custom_id"] for line in self.lines(batch)],
            }
            for batch in self.made.values()
        ]

    def lines(self, batch: dict[str, Any]) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.files[batch["input_file_id"]].splitlines()]

    def keep(self, content: bytes) -> str:
        name = f"file-{len(self.files)}"
        self.files[name] = content
        return name

    async def upload(self, request: web.Request) -> web.Response:
        if not self.allowed(request):
            return missing("Incorrect API key provided.", 401)
        form = await request.post()
        file = form["file"]
        assert isinstance(file, web.FileField)
        assert form["purpose"] == "batch"
        return web.json_response({"id": self.keep(file.file.read()), "object": "file"})

    async def content(self, request: web.Request) -> web.Response:
        found = self.files.get(request.match_info["id"])
        return web.Response(body=found) if found is not None else missing("No such file.")

    async def create(self, request: web.Request) -> web.StreamResponse:
        said = await request.json()
        assert said["completion_window"] == "24h"
        assert said["endpoint"] == "/v1/chat/completions"
        batch = {
            "id": f"batch_{len(self.made)}",
            "object": "batch",
            "status": "in_progress",
            "input_file_id": said["input_file_id"],
            "metadata": said["metadata"],
            "created_at": time.time(),
            "output_file_id": None,
            "error_file_id": None,
            "errors": None,
        }
        self.made[str(batch["id"])] = batch
        if self.losses:
            self.losses -= 1
            assert request.transport is not None
            request.transport.abort()
        return web.json_response(batch)

    async def listing(self, request: web.Request) -> web.Response:
        """Two to a page, the newest first."""
        every = list(reversed(self.made.values()))
        after = request.query.get("after")
        start = 1 + [b["id"] for b in every].index(after) if after else 0
        page = every[start : start + 2]
        more = start + 2 < len(every)
        return web.json_response({"object": "list", "data": page, "has_more": more})

    async def retrieve(self, request: web.Request) -> web.Response:
        batch = self.made.get(request.match_info["id"])
        if batch is None:
            return missing("No such batch.")
        if batch["status"] == "in_progress":
            self.go_on(batch)
        return web.json_response(batch)

    def go_on(self, batch: dict[str, Any]) -> None:
        if self.options.batch_fails:
            error = {"code": "invalid", "message": self.options.batch_fails}
            batch.update(status="failed", errors={"data": [error]})
        elif time.time() - batch["created_at"] >= self.options.batch_seconds:
            self.end(batch, "completed", "batch_expired")

    def end(self, batch: dict[str, Any], status: str, code: str) -> None:
        """Answer what is to be answered; the results come in another order."""
        answered, failed = [], []
        most = self.options.batch_answers
        for n, line in enumerate(reversed(self.lines(batch))):
            entry = {"id": f"r{n}", "custom_id": line["custom_id"], "response": None, "error": None}
            if (most and n >= most) or status == "cancelled":
                status = "expired" if status == "completed" else status
                failed.append({**entry, "error": {"code": code, "message": "Not in time."}})
                continue
            http, body = self.answer(line["body"])
            entry["response"] = {"status_code": http, "request_id": f"q{n}", "body": body}
            (answered if http == 200 else failed).append(entry)
        batch["status"] = status
        for name, entries in (("output_file_id", answered), ("error_file_id", failed)):
            if entries:
                batch[name] = self.keep("\n".join(map(json.dumps, entries)).encode() + b"\n")

    async def cancel(self, request: web.Request) -> web.Response:
        batch = self.made.get(request.match_info["id"])
        if batch is None:
            return missing("No such batch.")
        if batch["status"] == "in_progress":
            self.end(batch, "cancelled", "batch_cancelled")
        return web.json_response(batch)


def missing(what: str, status: int = 404) -> web.Response:
    return web.json_response({"error": {"message": what, "code": None}}, status=status)
