"""P-values of a family of tests, adjusted for their number."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["benjamini_hochberg"]


def benjamini_hochberg(p: Sequence[float | None]) -> list[float | None]:
    """Adjusted p-values of one family; None stays None and is no member of it.

    Benjamini & Hochberg, 1995, "Controlling the false discovery rate", Journal of the Royal
    Statistical Society B 57.
    """
    import numpy as np

    # Written out: `scipy.stats` takes a second to import, and reports need nothing else of it.
    tested = [i for i, value in enumerate(p) if value is not None]
    adjusted: list[float | None] = [None] * len(p)
    if tested:
        values = np.array([p[i] for i in tested], dtype=float)
        order = np.argsort(values)[::-1]  # from the largest down
        ranks = np.arange(len(tested), 0, -1)
        lowest = np.minimum.accumulate(values[order] * (len(tested) / ranks))
        for rank, q in zip(order.tolist(), lowest.tolist(), strict=True):
            adjusted[tested[rank]] = min(q, 1.0)
    return adjusted
