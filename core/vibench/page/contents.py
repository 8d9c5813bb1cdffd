"""The page itself: facts, tables and transcripts, filled into the template."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from vibench.exhibits.numbers import without_paper
from vibench.exhibits.shades import Shade
from vibench.page.answers import answers
from vibench.page.colours import class_of, rules
from vibench.page.compression import embedded, policy
from vibench.page.contrasts import Changes, changes, columns
from vibench.page.figures import Figure, figures
from vibench.page.harm import undetailed
from vibench.page.judges import JudgePair, unscored
from vibench.page.prompts import pair_views, prompt_views
from vibench.page.receipts import receipts
from vibench.page.run_words import run_words
from vibench.page.sets import TranscriptSet
from vibench.report.headlines import headlines
from vibench.report.notes import report_warnings
from vibench.report.phrases import LEGEND
from vibench.report.run_report import RunReport
from vibench.report.seed_spread import seed_sentences
from vibench.results.cells import CellResult, FailedCell
from vibench.text import clean, printable
from vibench.version import __version__

if TYPE_CHECKING:
    from vibench.store.artefacts import Store

__all__ = ["Options", "PageTranscripts", "Supplement", "page"]

PARTS = files(__package__) / "parts"
SCRIPTS = ("common.js", "tables.js", "sources.js", "showing.js", "transcripts.js")
SECTIONS = (
    ("findings", "Findings"),
    ("request", "Request"),
    ("changes", "Changes"),
    ("exhibits", "Tables and figures"),
    ("contrasts", "Contrasts"),
    ("judges", "Judges"),
    ("prompts", "Prompts"),
    ("receipts", "Receipts"),
    ("costs", "Costs"),
    ("provenance", "Provenance"),
    ("failed", "Failed"),
    ("transcripts", "Transcripts"),
)
MAX_ROWS = 500
"""Rows of tables that have one for each cell."""
MAX_PROMPTS = 200
"""Prompts, and pairs, that the page holds."""


@dataclass(frozen=True, slots=True)
class Options:
    """Choices for a page: `redact` leaves harmful answers out, `paper` adds the paper's numbers,
    `transcripts` is the number that the page itself holds."""

    redact: bool = False
    paper: bool = False
    transcripts: int = 10_000


@dataclass(frozen=True, slots=True)
class Supplement:
    """Facts that need more than a report: the `agreement` of judges over the same transcripts, and
    the `costs` of runs as text, by id."""

    agreement: tuple[JudgePair, ...] = ()
    costs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PageTranscripts:
    """The transcripts as the page has them: a `catalogue` for its script, packed `lines` and
    `blocks`, a `summary` in words, and where the rest comes from."""

    catalogue: Mapping[str, Any]
    summary: str
    lines: str = ""
    blocks: Sequence[str] = ()
    beside: bool = False
    served: bool = False


def page(
    store: Store,
    collected: RunReport,
    sets: Sequence[TranscriptSet],
    options: Options,
    holding: PageTranscripts,
    supplement: Supplement,
) -> Iterable[str]:
    """Return the page in pieces, in order."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    if options.redact:
        # Causes of unscored answers may quote the prompt.
        collected = replace(collected, report=undetailed(collected.report))
    # Autoescape is on for every template: what models wrote reaches the page as text.
    loader = FunctionLoader(lambda name: (PARTS / name).read_text(encoding="utf-8"))
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    drawn, absent = figures(_exhibits(collected, options))
    changed = changes(collected.report)
    style = (PARTS / "page.css").read_text(encoding="utf-8") + rules(_shades(drawn, changed))
    script = "".join((PARTS / name).read_text(encoding="utf-8") for name in SCRIPTS)
    environment.filters["printable"] = printable
    environment.globals |= {"shade": class_of, "percent": _percent, "two": _two}
    filling = {
        **_facts(store, collected, sets, supplement),
        **_prompts(store, sets, options),
        "policy": Markup(policy(style, script, holding.beside, holding.served)),
        "style": Markup(style),
        "script": Markup(script),
        "sections": SECTIONS,
        "changes": changed,
        "figures": drawn,
        "absent": absent,
        "transcripts_summary": holding.summary,
        "catalogue": Markup(embedded(holding.catalogue)),
        "contrasts": Markup(embedded(columns(collected.report))),
        "lines": holding.lines,
        "blocks": holding.blocks,
    }
    return environment.get_template("page.html").generate(filling)


def _exhibits(collected: RunReport, options: Options) -> Iterable[Any]:
    from vibench.paper import NAMES, Choice, exhibits

    drawn = exhibits(collected, tuple(NAMES), Choice())
    return drawn if options.paper else map(without_paper, drawn)


def _facts(
    store: Store, collected: RunReport, sets: Sequence[TranscriptSet], supplement: Supplement
) -> Mapping[str, Any]:
    """Return the page's facts in words: the request, findings, judges and provenance."""
    report = collected.report
    runs = [
        run_words(r, supplement.costs.get(r["id"], ""), collected.judges.get(r["id"], ()))
        for r in collected.records
    ]
    findings = headlines(report)
    # The last headline, in brackets, is on how to read the others.
    aside = findings.pop() if findings and findings[-1].startswith("(") else ""
    contrasts = sum(row.contrast is not None for row in report.rows)
    failed = len(report.failed)
    many = len(collected.cells)
    return {
        "title": f"Report of {len(runs)} runs" if len(runs) > 1 else f"Report of run {runs[0].id}",
        "counts": {
            "cells": f"{many:,}",
            "cells_n": many,
            "transcripts": f"{sum(transcripts.rows for transcripts in sets):,}",
            "contrasts": f"{contrasts:,}",
            "failed": f"{failed:,}",
            "failed_n": failed,
        },
        "partial": _partial(many, failed, [run.status for run in runs]),
        "commands": [run.command for run in runs if run.command and run.status != "complete"],
        "answers": answers(report),
        "warnings": report_warnings(report),
        "caution": _caution(collected),
        "findings": findings,
        "aside": aside,
        "runs": runs,
        "legend": LEGEND,
        "seeds": seed_sentences(report.seeds) if report.seeds else [],
        "unscored": unscored(report),
        "agreement": supplement.agreement,
        "judged": any(judgment.judge for transcripts in sets for judgment in transcripts.judgments),
        "receipts": receipts(store, sets)[:MAX_ROWS],
        "keys": [_cell_row(cell) for cell in collected.cells[:MAX_ROWS]],
        "more_keys": f"{many:,}" if many > MAX_ROWS else "",
        "failed": [_failed_row(cell) for cell in report.failed[:MAX_ROWS]],
        "version": __version__,
        "made": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
    }


def _prompts(store: Store, sets: Sequence[TranscriptSet], options: Options) -> Mapping[str, Any]:
    """Return the stored prompts and pairs in tokens."""
    prompts = prompt_views(sets)
    return {
        "prompts": prompts[:MAX_PROMPTS],
        "more_prompts": max(0, len(prompts) - MAX_PROMPTS),
        "trained": pair_views(store, sets, options.redact)[:MAX_PROMPTS],
    }


def _cell_row(cell: CellResult) -> tuple[str, ...]:
    return (*_cell_words(cell), cell.key, _key(cell.transcripts))


def _failed_row(cell: FailedCell) -> tuple[str, ...]:
    return (*_cell_words(cell), clean(cell.cause, 300))


def _cell_words(cell: CellResult | FailedCell) -> tuple[str, ...]:
    subject = clean(f"{cell.inducer} {cell.value}".strip())
    return clean(cell.model), subject, clean(cell.eval), clean(cell.judge)


def _partial(cells: int, failed: int, statuses: Sequence[str]) -> str:
    if not failed and all(status == "complete" for status in statuses):
        return ""
    states = ", ".join(dict.fromkeys(status for status in statuses if status != "complete"))
    state = f" (the run is {states})" if states else ""
    return f"{failed:,} of {cells + failed:,} cells have no result{state}."


def _caution(collected: RunReport) -> str:
    """Return what a reader must know before believing a finding; "" if nothing."""
    judges = dict.fromkeys(clean(t.judge) for t in collected.report.tables if t.judge_baseline)
    cautions = []
    if any(record.get("spec", {}).get("profile") == "embedded" for record in collected.records):
        cautions.append(
            "The models are the small ones shipped with vibench; findings are only about these."
        )
    if judges:
        cautions.append(
            f"The judge {' and '.join(judges)} is a baseline of word lists: use a model judge "
            "before you believe a finding."
        )
    cautions += [clean(warning, 600) for warning in collected.report.warnings]
    return " ".join(cautions)


def _key(transcripts: str) -> str:
    # The path ends in KEY/transcripts.parquet.
    return transcripts.split("/")[-2] if "/" in transcripts else ""


def _shades(drawn: Sequence[Figure], changed: Sequence[Changes]) -> Iterable[Shade | None]:
    yield from (c.shade for f in drawn for g in f.grids for _, row in g.rows for c in row)
    yield from (c.shade for t in changed for subject in t.subjects for c in subject.cells if c)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}"


def _two(number: float | None) -> str:
    return "–" if number is None else f"{number:.2f}"
