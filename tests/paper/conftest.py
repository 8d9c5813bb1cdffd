"""Made-up runs with numbers that are known by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from vibench.report.rows import Expression, Row
from vibench.report.run_report import RunReport
from vibench.report.tables import Report
from vibench.results.cells import FailedCell
from vibench.stats import Contrast, MeanEstimate

Change = tuple[float | None, float | None]


class Made:
    """A run in the making: `cell` adds rows, `collected` is what the exhibits are made of."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.expressions: list[Expression] = []
        self.failed: list[FailedCell] = []
        self.spec: dict[str, Any] = {}

    def cell(
        self,
        model: str,
        inducer: str,
        value: str,
        scores: Mapping[str, float | Change | None],
        *,
        eval: str = "issuebench",
        judge: str = "mistral",
        baseline: bool = False,
        seed: int = 0,
        counts: Mapping[str, int] | None = None,
        of: int = 100,
        p: float = 0.001,
        half: float = 0.1,
        unscored: int = 0,
        share: bool = True,
        **parameters: Any,
    ) -> None:
        """A score is a rate, or (rate, difference from vanilla); intervals are +- `half`."""
        named = {name.replace("__", "."): setting for name, setting in parameters.items()}
        for metric, score in scores.items():
            rate, difference = score if isinstance(score, tuple) else (score, None)
            self.rows.append(
                Row(
                    model, inducer, value, named, seed, eval, judge, baseline, metric,
                    estimate(rate, half, of), contrast(rate, difference, half, p, of), share,
                    {"refused": unscored} if unscored else {}, "",
                )
            )  # fmt: skip
        if counts is not None:
            self.expressions.append(
                Expression(model, inducer, value, named, seed, eval, judge, of, counts)
            )

    def collected(self) -> RunReport:
        report = Report(tuple(self.rows), (), tuple(self.failed), tuple(self.expressions))
        return RunReport(report, (), ({"spec": self.spec},) if self.spec else ())


def estimate(rate: float | None, half: float, of: int) -> MeanEstimate:
    if rate is None:
        return MeanEstimate(None, None, None, None, 0, 0)
    return MeanEstimate(rate, half / 2, rate - half, rate + half, of, 50)


def contrast(
    rate: float | None, difference: float | None, half: float, p: float, of: int
) -> Contrast | None:
    if rate is None or difference is None:
        return None
    return Contrast(
        difference, half / 2, difference - half, difference + half, p, of, 50,
        rate - difference, rate,
    )  # fmt: skip


@pytest.fixture
def made() -> Made:
    return Made()
