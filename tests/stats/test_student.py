"""Student's t agrees with scipy's own distribution."""

from __future__ import annotations

import pytest
from scipy.stats import t

from vibench.stats.student import quantile, two_sided


@pytest.mark.parametrize("df", [1.0, 2.5, 19.0, 211.0, 1e6])
def test_it_is_students_t(df: float) -> None:
    for p in (0.5, 0.9, 0.975, 0.999):
        assert quantile(p, df) == pytest.approx(float(t.ppf(p, df)), rel=1e-9, abs=1e-12)
    for x in (0.0, -1.3, 2.0, 8.0, 40.0):
        assert two_sided(x, df) == pytest.approx(float(2 * t.sf(abs(x), df)), rel=1e-9, abs=1e-300)
