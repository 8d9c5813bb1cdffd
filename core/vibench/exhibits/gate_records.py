"""The decision of a gate as JSON and as JUnit XML."""

from __future__ import annotations

from vibench.exhibits.gate_document import difference, margin, metric_of, subject_of
from vibench.exhibits.json import as_json
from vibench.report.gate import DECISIONS, Gate
from vibench.text import clean

__all__ = ["gate_json", "gate_junit"]


def gate_json(gate: Gate, run: str, strict: bool) -> str:
    """Return the checks. Margins, differences and bounds are in the scores' units, shares from
    0 to 1."""
    facts = {
        "run": run,
        "decision": gate.decision,
        "exit_code": gate.exit_code(strict),
        "warnings": list(gate.warnings),
        "counts": {decision: gate.count(decision) for decision in DECISIONS},
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
    return as_json(facts)


def gate_junit(gate: Gate, run: str, strict: bool) -> bytes:
    """Return JUnit XML with a test case for each check: BLOCK (with `strict` also WARN) is a
    failure, INCONCLUSIVE an error."""
    from xml.etree import ElementTree as ET

    # CI systems show failures and errors apart: an open question is no failed subject.
    failing = {"BLOCK", "WARN"} if strict else {"BLOCK"}
    suite = ET.Element("testsuite", name=f"vibench gate {run}")
    suite.set("tests", str(len(gate.checks)))
    suite.set("failures", str(sum(check.decision in failing for check in gate.checks)))
    suite.set("errors", str(gate.count("INCONCLUSIVE")))
    for check in gate.checks:
        metric, subject = metric_of(check), subject_of(check)
        outcome = f"{difference(check).line}, margin {margin(check)}, n {check.n:,}."
        case = ET.SubElement(suite, "testcase", classname=f"vibench.{metric}", name=subject)
        outcome = f"{outcome} {clean(check.reason, 300)}".strip()
        if check.decision in failing or check.decision == "INCONCLUSIVE":
            kind = "failure" if check.decision in failing else "error"
            ET.SubElement(case, kind, message=f"{check.decision}: {outcome}", type=check.decision)
        else:
            ET.SubElement(case, "system-out").text = f"{check.decision}: {outcome}"
    if gate.warnings:
        ET.SubElement(suite, "system-err").text = "\n".join(gate.warnings)
    ET.indent(suite)
    xml: bytes = ET.tostring(suite, encoding="utf-8", xml_declaration=True)
    return xml + b"\n"
