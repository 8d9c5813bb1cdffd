"""Errors of stages as the worker's events, and events as errors again.

An error crosses from the worker to the main process as JSON. Those whose form matters there
(which the user can mend, which pass, which another process caused) keep it; any other is a
StageError with its text, and its traceback is in the worker's log.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vibench.errors import (
    EndpointError,
    StageError,
    StoreError,
    StoreFault,
    UnansweredError,
    UsageError,
)
from vibench.store.artefacts import CorruptArtefact
from vibench.store.files import explain, is_about
from vibench.store.leases import LeaseLost

__all__ = ["error_of", "event_of"]


def event_of(error: Exception, root: Path) -> dict[str, Any]:
    """Return the event that says how a stage ended; `root` is the store's folder."""
    # The order counts: LeaseLost and StoreError are usage errors too.
    match error:
        case CorruptArtefact():
            return {
                "event": "corrupt", "kind": error.kind, "key": error.key, "why": error.message,
            }  # fmt: skip
        case LeaseLost():
            return {"event": "lost", "name": error.name}
        case StoreError():
            return _store_event(error)
        case UsageError():
            return {"event": "usage", "message": error.message, "hint": error.hint}
        case UnansweredError():
            counts = {"requests": error.requests, "total": error.total, "causes": error.causes}
            return {"event": "unanswered", **counts}
        case EndpointError():
            return {"event": "endpoint", "message": error.message, "hint": error.hint}
    traceback.print_exception(error)
    if isinstance(error, OSError) and is_about(error, root):
        return _store_event(explain(error, root))
    text = str(error) if isinstance(error, StageError) else f"{type(error).__name__}: {error}"
    return {"event": "failed", "message": text}


def _store_event(error: StoreError) -> dict[str, Any]:
    passing = isinstance(error, StoreFault)
    return {"event": "store", "message": error.message, "hint": error.hint, "passing": passing}


def error_of(event: Mapping[str, Any]) -> Exception | None:
    """Return the error that a stage ended with, by the worker's last event about it; None if it
    was made."""
    match event["event"]:
        case "corrupt":
            return CorruptArtefact(event["kind"], event["key"], event["why"])
        case "lost":
            return LeaseLost(event["name"])
        case "store":
            form = StoreFault if event["passing"] else StoreError
            return form(event["message"], event["hint"])
        case "usage":
            return UsageError(event["message"], event["hint"])
        case "unanswered":
            return UnansweredError(event["requests"], event["total"], event["causes"])
        case "endpoint":
            return EndpointError(event["message"], event["hint"])
        case "failed":
            return StageError(event["message"])
    return None
