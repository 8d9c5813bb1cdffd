"""What a gate decided: on a terminal, as a CI comment in Markdown, as JSON and as JUnit XML."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from vibench.report.gate import DECISIONS, Check, Gate
from vibench.report.phrases import metric_words, signed
from vibench.text import clean, markdown_escaped

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["LEGEND", "as_json", "as_junit", "as_markdown", "show"]

LEGEND = (
    "Differences are induced minus vanilla (in points for shares) with two-sided 90 % intervals,"
    " so that each side is tested at 5 %. PASS: the whole interval is within the margin. WARN: it"
    " is, but a change for the worse is established. BLOCK: the whole interval is beyond the"
    " margin. INCONCLUSIVE: it holds the margin, there is none, or too much is unscored. Each"
    " contrast is tested by itself: as all have to pass, that needs no correction."
)

STYLES = {"BLOCK": "bold red", "INCONCLUSIVE": "yellow", "WARN": "magenta", "PASS": "green"}
HEAD = ("", "metric", "subject", "difference [90 % CI]", "margin", "n", "why")


def summary(gate: Gate) -> str:
    """ "BLOCK (1 BLOCK, 3 PASS of 4 contrasts)"."""
    counts = [f"{n} {one}" for one in DECISIONS if (n := gate.count(one))]
    n = len(gate.checks)
    return f"{gate.decision} ({', '.join(counts)} of {n} contrast{'s' * (n != 1)})"


def baselines(gate: Gate) -> str:
    """Which judges are no more than a rule of thumb; "" if none is."""
    names = sorted({clean(check.judge) for check in gate.checks if check.judge_baseline})
    if not names:
        return ""
    return f"Judged by {' and '.join(names)}: word lists, no substitute for a model judge."


def show(gate: Gate, run: str, console: Console) -> None:
    """A line for each check, the worst first."""
    from rich.table import Table
    from rich.text import Text

    console.print(f"Gate of run {run}: {summary(gate)}", style="bold", markup=False)
    table = Table(*HEAD, box=None, pad_edge=False)
    for column, words in zip(table.columns, HEAD, strict=True):
        column.justify = "right" if words in ("margin", "n") else "left"
        column.no_wrap = words in ("", "margin", "n")
    for check in gate.checks:
        first = Text(check.decision, style=STYLES[check.decision])
        table.add_row(first, *(Text(cell) for cell in _cells(check)))
    console.print(table)
    for warning in gate.warnings:
        console.print(f"WARNING: {warning}", style="bold red", markup=False)
    for line in (baselines(gate), LEGEND):
        if line:
            console.print(line, markup=False)


def as_markdown(gate: Gate, run: str) -> str:
    """A heading, a table and the legend, for a comment on a change."""
    return "\n".join(_markdown(gate, run)) + "\n"


def _markdown(gate: Gate, run: str) -> Iterable[str]:
    yield f"## vibench gate: {summary(gate)}"
    yield ""
    yield f"| {' | '.join(HEAD)} |"
    yield "| --- | --- | --- | ---: | ---: | ---: | --- |"
    for check in gate.checks:
        cells = (f"**{check.decision}**", *map(markdown_escaped, _cells(check)))
        yield f"| {' | '.join(cells)} |"
    for warning in gate.warnings:
        yield from ("", f"**WARNING: {markdown_escaped(warning)}**")
    for line in (baselines(gate), f"Run {run}. {LEGEND}"):
        if line:
            yield from ("", markdown_escaped(line))


def as_json(gate: Gate, run: str, strict: bool) -> str:
    """Margins, differences and bounds in the scores' units: shares between 0 and 1."""
    facts = {
        "run": run,
        "decision": gate.decision,
        "exit_code": gate.exit_code(strict),
        "warnings": list(gate.warnings),
        "counts": {one: gate.count(one) for one in DECISIONS},
        "checks": [
            {
                "decision": check.decision,
                "eval": check.eval,
                "metric": check.metric,
                "model": check.model,
                "subject": check.subject,
                "settings": list(check.settings),
                "judge": check.judge,
                "judge_baseline": check.judge_baseline,
                "share": check.share,
                "margin": check.margin,
                "difference": check.difference,
                "low": check.low,
                "high": check.high,
                "n": check.n,
                "unit": check.unit,
                "clusters": check.clusters,
                "reason": check.reason,
                "settled_by": check.settled_by,
            }
            for check in gate.checks
        ],
    }
    return json.dumps(facts, indent=1, ensure_ascii=False) + "\n"


def as_junit(gate: Gate, run: str, strict: bool) -> bytes:
    """A test case for each check: BLOCK (with `strict` also WARN) is a failure, INCONCLUSIVE an
    error."""
    from xml.etree import ElementTree as ET

    failing = {"BLOCK", "WARN"} if strict else {"BLOCK"}
    suite = ET.Element("testsuite", name=f"vibench gate {run}")
    suite.set("tests", str(len(gate.checks)))
    suite.set("failures", str(sum(check.decision in failing for check in gate.checks)))
    suite.set("errors", str(gate.count("INCONCLUSIVE")))
    for check in gate.checks:
        metric, subject, change, margin, n, why = _cells(check)
        case = ET.SubElement(suite, "testcase", classname=f"vibench.{metric}", name=subject)
        said = f"{change}, margin {margin}, n {n}. {why}".strip()
        if check.decision in failing or check.decision == "INCONCLUSIVE":
            kind = "failure" if check.decision in failing else "error"
            ET.SubElement(case, kind, message=f"{check.decision}: {said}", type=check.decision)
        else:
            ET.SubElement(case, "system-out").text = f"{check.decision}: {said}"
    if gate.warnings:
        ET.SubElement(suite, "system-err").text = "\n".join(gate.warnings)
    ET.indent(suite)
    found: bytes = ET.tostring(suite, encoding="utf-8", xml_declaration=True)
    return found + b"\n"


def _cells(check: Check) -> tuple[str, str, str, str, str, str]:
    metric = f"{clean(check.eval)}: {metric_words(check.metric, brief=False)}"
    settings = f" ({', '.join(map(clean, check.settings))})" if check.settings else ""
    subject = f"{clean(check.subject)}, {clean(check.model)}{settings}"
    if check.judge and not check.judge_baseline:
        subject += f", judged by {clean(check.judge)}"
    change = "-"
    if check.difference is not None:
        change = f"{signed(check.difference, check.share)} [no interval]"
        if check.low is not None and check.high is not None:
            low, high = signed(check.low, check.share), signed(check.high, check.share)
            change = f"{signed(check.difference, check.share)} [{low}, {high}]"
    margin = signed(check.margin, check.share)
    return metric, subject, change, margin, f"{check.n:,}", clean(check.reason, 300)
