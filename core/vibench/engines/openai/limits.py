"""Limits of the requests to an endpoint."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BatchLimits", "Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of single requests.

    `connections` at once; `timeout` in seconds for one request; `attempts` at a request while
    others are answered; `patience` in seconds with an endpoint that answers no request at all.
    """

    connections: int
    timeout: float
    attempts: int
    patience: float


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """Limits of the Batch API.

    `requests` and `size` (in bytes) are of one file, `interval` is in seconds between two status
    checks.
    """

    requests: int
    size: int
    interval: float
