"""The decision of a gate as a document: a table of its checks, the worst first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from vibench.exhibits.document import Block, Document, Paragraph, Section
from vibench.exhibits.table import Column, Table, TableCell, Tone, numbers, words
from vibench.report.gate import DECISIONS, Gate, GateCheck
from vibench.report.phrases import metric_words, signed
from vibench.text import clean

__all__ = ["difference", "gate_document", "margin", "metric_of", "subject_of"]

LEGEND = (
    "Differences are induced minus vanilla (in points for shares) with two-sided 90 % intervals,"
    " so that each side is tested at 5 %. PASS: the whole interval is within the margin. WARN: it"
    " is, but a change for the worse is established. BLOCK: the whole interval is beyond the"
    " margin. INCONCLUSIVE: it holds the margin, there is none, or too much is unscored. Each"
    " contrast is tested by itself: as all have to pass, that needs no correction."
)

TONES: Final[dict[str, Tone]] = {
    "BLOCK": "alarm",
    "INCONCLUSIVE": "doubt",
    "WARN": "caution",
    "PASS": "good",
}


def gate_document(gate: Gate, run: str) -> Document:
    """Return the decision, a row for each check, and how to read them."""
    return (Section(f"Gate of run {run}: {summary(gate)}", tuple(_blocks(gate))),)


def _blocks(gate: Gate) -> Iterable[Block]:
    checks = gate.checks
    decisions = (
        TableCell(check.decision, words=True, tone=TONES[check.decision]) for check in checks
    )
    yield Table(
        (
            Column("", tuple(decisions), words=True),
            words("metric", map(metric_of, checks)),
            words("subject", map(subject_of, checks)),
            Column("difference [90 % CI]", tuple(map(difference, checks))),
            numbers("margin", [margin(check) for check in checks]),
            numbers("n", [f"{check.n:,}" for check in checks]),
            words("reason", (clean(check.reason, 300) for check in checks)),
        ),
        fit="fold",
    )
    for warning in gate.warnings:
        yield Paragraph(f"WARNING: {warning}", "alarm")
    if heuristics := baselines(gate):
        yield Paragraph(heuristics)
    yield Paragraph(LEGEND)


def summary(gate: Gate) -> str:
    """ "BLOCK (1 BLOCK, 3 PASS of 4 contrasts)"."""
    counts = [f"{n} {decision}" for decision in DECISIONS if (n := gate.count(decision))]
    n = len(gate.checks)
    return f"{gate.decision} ({', '.join(counts)} of {n} contrast{'s' * (n != 1)})"


def baselines(gate: Gate) -> str:
    """Return a sentence on the judges that are only heuristics; "" if none is."""
    names = sorted({clean(check.judge) for check in gate.checks if check.judge_baseline})
    if not names:
        return ""
    return f"Judged by {' and '.join(names)}: word lists, no substitute for a model judge."


def metric_of(check: GateCheck) -> str:
    """ "advbench: refusal"."""
    return f"{clean(check.eval)}: {metric_words(check.metric, brief=False)}"


def subject_of(check: GateCheck) -> str:
    """ "dpo on empathy, tiny-base (beta=0.1), judged by o4-mini"."""
    settings = f" ({', '.join(map(clean, check.settings))})" if check.settings else ""
    subject = f"{clean(check.subject)}, {clean(check.model)}{settings}"
    # Word lists are named once, in a sentence below the table.
    if check.judge and not check.judge_baseline:
        subject += f", judged by {clean(check.judge)}"
    return subject


def difference(check: GateCheck) -> TableCell:
    """ "-15.0 [-18.2, -12.1]", or "-" without a difference."""
    if check.difference is None:
        return TableCell("-")
    bounds = "[no interval]"
    if check.low is not None and check.high is not None:
        bounds = f"[{signed(check.low, check.share)}, {signed(check.high, check.share)}]"
    return TableCell(signed(check.difference, check.share), interval=bounds)


def margin(check: GateCheck) -> str:
    """ "-5.0"."""
    return signed(check.margin, check.share)
