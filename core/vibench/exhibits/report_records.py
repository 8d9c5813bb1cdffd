"""A report as records for CSV and JSON. Rates and differences are as measured (shares from 0 to
1), not rounded."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from vibench.exhibits.csv import as_csv
from vibench.exhibits.json import as_json
from vibench.report.headlines import headlines
from vibench.report.notes import report_warnings
from vibench.report.rows import Row
from vibench.report.seed_spread import seed_records
from vibench.report.tables import Report

__all__ = ["flat", "report_csv", "report_json"]


def flat(row: Row) -> dict[str, Any]:
    """One row as a flat record. `n` and `clusters` are those of the contrast if there is
    one, else of the rate."""
    compared = asdict(row.contrast) if row.contrast else {}
    return {
        "eval": row.eval,
        "judge": row.judge,
        "judge_baseline": row.judge_baseline,
        "model": row.model,
        "inducer": row.inducer,
        "value": row.value,
        # Nested facts as JSON in one cell, so that CSV has the same columns for every run.
        "parameters": json.dumps(dict(row.parameters), sort_keys=True, default=str),
        "seed": row.seed,
        "metric": row.metric,
        "share": row.share,
        "rate": row.rate.mean,
        "rate_se": row.rate.se,
        "rate_low": row.rate.low,
        "rate_high": row.rate.high,
        "vanilla_mean": compared.get("vanilla_mean"),
        "treated_mean": compared.get("treated_mean"),
        "difference": compared.get("difference"),
        "se": compared.get("se"),
        "low": compared.get("low"),
        "high": compared.get("high"),
        "p": compared.get("p"),
        "q": row.q,
        "family": row.family,
        "gained": compared.get("gained"),
        "lost": compared.get("lost"),
        "mcnemar_p_unclustered": row.mcnemar_p,
        "n": compared.get("n", row.rate.n),
        "clusters": compared.get("clusters", row.rate.clusters),
        "only_treated": compared.get("only_treated"),
        "only_vanilla": compared.get("only_vanilla"),
        "unscored": sum(row.unscored.values()),
        "unscored_causes": json.dumps(dict(row.unscored), sort_keys=True),
        **asdict(row.cut_offs),
        "transcripts": row.transcripts,
    }


def report_csv(report: Report) -> str:
    """Return every row, vanilla ones too; empty where there is no number."""
    rows = [flat(row) for row in report.rows]
    return as_csv(list(rows[0]), rows) if rows else ""


def report_json(report: Report, **extra: Any) -> str:
    """Return warnings, headlines, rows, failed cells, what several training seeds come to, and
    what became of the pairs that were trained on; `extra` facts are put behind them."""
    rows = [
        {
            **flat(row),
            "parameters": dict(row.parameters),
            "unscored_causes": dict(row.unscored),
        }
        for row in report.rows
    ]
    failed = [{**asdict(cell), "parameters": dict(cell.parameters)} for cell in report.failed]
    content: dict[str, Any] = {
        "warnings": [*report_warnings(report), *report.warnings],
        "headlines": headlines(report),
        "rows": rows,
        "failed": failed,
    }
    if report.progress:
        content["progress"] = list(report.progress)
    if report.seeds:
        content["seeds"] = seed_records(report.seeds)
    if report.subsets:
        content["subsets"] = [{**s.record(), "sentence": s.sentence} for s in report.subsets]
    if report.training_notes:
        content["training_notes"] = list(report.training_notes)
    if report.eval_notes:
        content["eval_notes"] = list(report.eval_notes)
    if report.template_notes:
        content["template_notes"] = list(report.template_notes)
    return as_json({**content, **extra})
