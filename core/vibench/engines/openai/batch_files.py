"""Batches on disk: which requests are in which, so that a run that was killed finds them."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from vibench.records import ChatRequest, digest
from vibench.store.files import read_whole, replacing

__all__ = ["Batch", "Batches", "Put", "chunks", "line_id"]

KEPT_SECONDS = 30 * 24 * 3600
"""How long the files of an ended batch are kept at endpoints."""


@dataclass(frozen=True, slots=True)
class Put:
    """A request on its way, and what its line is known by."""

    id: str
    request: ChatRequest
    body: bytes

    @property
    def line(self) -> bytes:
        """Its line of a batch's file."""
        about = json.dumps(
            {"custom_id": self.id, "method": "POST", "url": "/v1/chat/completions"}
        ).encode()
        return about[:-1] + b', "body": ' + self.body + b"}\n"


def line_id(request: ChatRequest, body: bytes) -> str:
    """The same for the same request to the same model, and for no other."""
    return digest([request.id, body.decode()])


def chunks(puts: Sequence[Put], requests: int, size: int) -> Iterator[list[Put]]:
    """In order, as many as fit into each file: `requests` lines, `size` bytes."""
    chunk: list[Put] = []
    filled = 0
    for put in puts:
        length = len(put.line)
        if chunk and (len(chunk) == requests or filled + length > size):
            yield chunk
            chunk, filled = [], 0
        chunk.append(put)
        filled += length
    if chunk:
        yield chunk


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as this side knows it. `requests` are the ids of its lines; of one that has
    `ended`, those that were answered. `batch` is empty until the endpoint has taken it."""

    name: str
    base_url: str
    model: str
    requests: tuple[str, ...]
    begun: float
    file: str = ""
    batch: str = ""
    ended: bool = False
    output: str = ""


class Batches:
    """The batches of one model at one endpoint, each a JSON file of a folder (in memory alone
    without one)."""

    def __init__(self, folder: Path | None, base_url: str, model: str) -> None:
        self.folder, self.base_url, self.model = folder, base_url, model
        self.known: dict[str, Batch] = {}
        self.holder: dict[str, str] = {}
        """The batch that a request is in."""
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            self._read(folder)

    def _read(self, folder: Path) -> None:
        found = []
        for path in folder.glob("*.json"):
            try:
                # One that cannot be read now holds requests that are paid for: an error.
                table = json.loads(read_whole(path, folder))
                found.append(Batch(**{**table, "requests": tuple(table["requests"])}))
            except (FileNotFoundError, ValueError, KeyError, TypeError):
                continue  # another process's, removed or replaced under this one's hands
        for batch in sorted(found, key=lambda batch: (not batch.ended, batch.begun)):
            if batch.ended and time.time() - batch.begun > KEPT_SECONDS:
                self.forget(batch)
            elif (batch.base_url, batch.model) == (self.base_url, self.model):
                self._know(batch)

    def _know(self, batch: Batch) -> None:
        self.known[batch.name] = batch
        self.holder.update(dict.fromkeys(batch.requests, batch.name))

    def begin(self, puts: Sequence[Put]) -> Batch:
        """A new batch of these requests, on record before anything is sent."""
        ids = tuple(put.id for put in puts)
        name = digest([self.base_url, ids, time.time_ns()])
        return self.save(Batch(name, self.base_url, self.model, ids, time.time()))

    def save(self, batch: Batch) -> Batch:
        """Have a batch on disk as it is now; one with no requests left is forgotten."""
        gone = set(self.known[batch.name].requests) if batch.name in self.known else set()
        for request in gone.difference(batch.requests):
            self.holder.pop(request, None)
        if not batch.requests:
            self.forget(batch)
            return batch
        self._know(batch)
        if self.folder is not None:
            with replacing(self.folder / f"{batch.name}.json") as temporary:
                temporary.write_text(json.dumps(asdict(batch)))
        return batch

    def forget(self, batch: Batch) -> None:
        """As if it had never been."""
        self.known.pop(batch.name, None)
        for request in batch.requests:
            if self.holder.get(request) == batch.name:
                del self.holder[request]
        if self.folder is not None:
            with contextlib.suppress(OSError):
                (self.folder / f"{batch.name}.json").unlink()
