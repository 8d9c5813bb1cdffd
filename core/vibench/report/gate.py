"""A gate for training pipelines: is every contrast within what is tolerated?

Each contrast is held against its margin by non-inferiority (`vibench.stats.noninferiority`),
at one-sided 5 %. That all contrasts pass is an intersection-union test: the chance to pass a
subject that is worse than a margin is at most 5 %, however many contrasts there are (Berger,
1982, "Multiparameter hypothesis testing and acceptance sampling", Technometrics 24). The
chance that some contrast warns without cause does grow with their number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from vibench.errors import UsageError
from vibench.report.rows import Row
from vibench.report.tables import Report
from vibench.report.tolerances import Tolerance, covered
from vibench.results.cells import FailedCell
from vibench.results.cut_off_warnings import cut_off_warnings
from vibench.stats import NonInferiority, noninferiority, samples_to_settle

__all__ = ["DECISIONS", "Decision", "Gate", "GateCheck", "gate"]

Decision = Literal["BLOCK", "INCONCLUSIVE", "WARN", "PASS"]
DECISIONS: tuple[Decision, ...] = ("BLOCK", "INCONCLUSIVE", "WARN", "PASS")
"""The decisions, the worst first.

BLOCK: the interval lies beyond the margin, so the change is worse than tolerated.
INCONCLUSIVE: the interval holds the margin, or there is none, or too much is unscored.
WARN: within the margin, and a change for the worse is established.
PASS: within the margin, and no change for the worse is established.
"""


SAMPLES, TURNS = "samples", "turns"


@dataclass(frozen=True, slots=True)
class GateCheck:
    """One contrast against one margin.

    `subject` says in words whose contrast it is. `margin`, `low` and `high` (the two-sided 90 %
    interval) and `difference` are in the scores' units, shares between 0 and 1; None where
    there is nothing. `n` counts `unit`s, samples or turns. `reason` says why it is not PASS;
    `settled_by` how many of them would settle an INCONCLUSIVE, where that is known.
    """

    decision: Decision
    eval: str
    metric: str
    model: str
    subject: str
    settings: tuple[str, ...]
    judge: str
    judge_baseline: bool
    margin: float
    share: bool
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    clusters: int = 0
    reason: str = ""
    settled_by: int | None = None
    unit: str = SAMPLES


@dataclass(frozen=True, slots=True)
class Gate:
    """Every check, the worst first, and warnings about the answers they are based on."""

    checks: tuple[GateCheck, ...]
    warnings: tuple[str, ...] = ()

    @property
    def decision(self) -> Decision:
        """The worst decision of all checks; INCONCLUSIVE without any."""
        return self.checks[0].decision if self.checks else "INCONCLUSIVE"

    def count(self, decision: Decision) -> int:
        """Return the number of checks with this decision."""
        return sum(check.decision == decision for check in self.checks)

    def exit_code(self, strict: bool = False) -> int:
        """Return 1 if any check is BLOCK (`strict`: or WARN), 3 if else the worst is INCONCLUSIVE,
        0 otherwise."""
        if self.count("BLOCK") or (strict and self.count("WARN")):
            return 1
        return 3 if self.decision == "INCONCLUSIVE" else 0


def gate(report: Report, tolerances: Sequence[Tolerance], max_unscored: float = 0.05) -> Gate:
    """Hold every contrast of the report that a tolerance names against its margin.

    A tolerance covers every subject but the vanilla ones, each model, value, setting, seed and
    judge by itself, and each by itself too where several name the same metric. A cell without a
    result is INCONCLUSIVE. So is a contrast of which more than the share `max_unscored` of the
    samples (or turns) is not scored on both sides, unless what is scored is BLOCK already.
    Raises UsageError for a tolerance that names nothing, or nothing but the vanilla model.
    """
    checks: list[GateCheck] = []
    for tolerance in tolerances:
        before = len(checks)
        pairs, evals = covered(tolerance, report)
        for pair in pairs:
            rows = [row for row in report.rows if (row.eval, row.metric) == pair]
            # Margins are in points for shares: a metric is a share for every subject or for none.
            share = all(row.share for row in rows)
            margin = tolerance.margin / 100 if share else tolerance.margin
            compared = (row for row in rows if row.inducer != "none")
            checks += (_checked(report, row, margin, share, max_unscored) for row in compared)
        checks += _without_result(report.failed, evals, tolerance)
        # Otherwise a tolerance that nothing was held against would go unnoticed.
        if len(checks) == before:
            raise UsageError(
                f"There is nothing to compare for {tolerance.name}: all results are of the "
                "vanilla model.",
                "Rerun the command of the run with an inducer, such as --inducer dpo "
                "--value empathy.",
            )
    # Sorting is stable: within a decision the checks keep the order of tolerances and rows.
    ordered = sorted(checks, key=lambda check: DECISIONS.index(check.decision))
    evals_checked = {check.eval for check in checks}
    cells = [cell for table in report.tables if table.eval in evals_checked for cell in table.cells]
    return Gate(tuple(ordered), tuple(cut_off_warnings(cells)))


def _checked(
    report: Report, row: Row, margin: float, share: bool, max_unscored: float
) -> GateCheck:
    c = row.contrast
    test = noninferiority(c, margin, share) if c is not None else None
    unit = TURNS if row.per_turn else SAMPLES
    decision, reason, settled_by = _decided(row, test, margin, max_unscored, unit)
    return GateCheck(
        decision=decision,
        eval=row.eval,
        metric=row.metric,
        model=row.model,
        subject=_subject(row),
        settings=_settings(report, row),
        judge=row.judge,
        judge_baseline=row.judge_baseline,
        margin=margin,
        share=share,
        difference=c.difference if c else None,
        low=test.low if test else None,
        high=test.high if test else None,
        n=c.n if c else 0,
        clusters=c.clusters if c else 0,
        reason=reason,
        settled_by=settled_by,
        unit=unit,
    )


def _decided(
    row: Row, test: NonInferiority | None, margin: float, max_unscored: float, unit: str
) -> tuple[Decision, str, int | None]:
    """Return the decision, the reason, and how many samples would settle an INCONCLUSIVE."""
    c = row.contrast
    if c is None or test is None:
        return "INCONCLUSIVE", _no_interval(row, unit), None
    if test.inferior:
        return "BLOCK", "worse than tolerated", None
    # After BLOCK: answers that are missing must not let a subject pass, and cannot excuse one
    # that is worse.
    if (unscored := _unscored(row)) > max_unscored:
        reason = (
            f"{100 * unscored:.3g} % of the {unit} are not scored on both sides, "
            f"at most {100 * max_unscored:.3g} % may be"
        )
        return "INCONCLUSIVE", reason, None
    if not test.proven:
        settled_by = samples_to_settle(c, margin)
        return "INCONCLUSIVE", _spans(c.n, settled_by, unit), settled_by
    if test.worse:
        direction = "fall" if margin < 0 else "rise"
        return "WARN", f"a {direction} is established, within what is tolerated", None
    return "PASS", "", None


def _no_interval(row: Row, unit: str) -> str:
    c = row.contrast
    if c is None:
        return "the vanilla model has no result to compare with"
    if not c.n:
        return f"no {unit[:-1]} is scored on both sides"
    if c.clusters < 2:
        return f"{c.n:,} {unit if c.n != 1 else unit[:-1]} in one cluster have no interval"
    return "the scores have one value only, on an unknown scale"


def _unscored(row: Row) -> float:
    """Return the share of the samples (or turns) of either side that is not scored on both."""
    c = row.contrast
    assert c is not None
    # Turns that only the vanilla model has are missing on the subject's side, so the larger of
    # what the subject was asked and what either side has scored is the whole.
    outcomes = row.rate.n + sum(row.unscored.values())
    return 1 - c.n / max(outcomes, c.n + c.only_treated + c.only_vanilla)


def _spans(n: int, settled_by: int | None, unit: str) -> str:
    if settled_by is None:
        return f"the difference is at the margin: more {unit} are unlikely to settle it"
    if settled_by <= n:
        return f"the interval just holds the margin: a few {unit} more may settle it"
    return f"the interval holds the margin: about {settled_by:,} {unit} would settle it"


def _without_result(
    failed: Sequence[FailedCell], evals: set[str], tolerance: Tolerance
) -> Iterable[GateCheck]:
    # A subject whose cell failed has not passed: silence about it would read as PASS.
    for cell in failed:
        if cell.eval in evals and cell.inducer != "none":
            yield GateCheck(
                decision="INCONCLUSIVE",
                eval=cell.eval,
                metric=tolerance.metric(cell.eval),
                model=cell.model,
                subject=_subject(cell),
                settings=(f"seed={cell.seed}",),
                judge=cell.judge,
                judge_baseline=False,
                margin=tolerance.margin,
                share=False,
                reason=f"the cell has no result: {cell.cause}",
            )


def _subject(labelled: Row | FailedCell) -> str:
    return f"{labelled.inducer} on {labelled.value}" if labelled.value else labelled.inducer


def _settings(report: Report, row: Row) -> tuple[str, ...]:
    """Return the settings that distinguish the row from others of its eval and judge."""
    tables = (t for t in report.tables if (t.eval, t.judge) == (row.eval, row.judge))
    return next((table.settings(row) for table in tables), ())
