"""P-values of a family of tests, adjusted for their number."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["benjamini_hochberg"]


def benjamini_hochberg(p: Sequence[float | None]) -> list[float | None]:
    """Adjusted p-values of one family; None stays None and is no member of it.

    Benjamini & Hochberg, 1995, "Controlling the false discovery rate", Journal of the Royal
    Statistical Society B 57.
    """
    from scipy.stats import false_discovery_control

    tested = [i for i, value in enumerate(p) if value is not None]
    adjusted: list[float | None] = [None] * len(p)
    if tested:
        for i, q in zip(tested, false_discovery_control([p[i] for i in tested]), strict=True):
            adjusted[i] = float(q)
    return adjusted
