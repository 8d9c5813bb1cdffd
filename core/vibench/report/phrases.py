"""Numbers, names and causes in words, the same in every form of a report."""

from __future__ import annotations

from itertools import takewhile

from vibench.report.rows import Row
from vibench.report.tables import ReportTable
from vibench.results.cells import subject_words
from vibench.stats import Contrast
from vibench.text import clean

__all__ = [
    "LEGEND",
    "change",
    "failures_line",
    "heading",
    "interval",
    "judge_line",
    "metric_words",
    "missing_line",
    "rate_of",
    "score",
    "signed",
    "transcripts_line",
    "unpaired_line",
    "unscored_line",
]

LEGEND = (
    "Differences are induced minus vanilla over the samples (and turns) scored in both, in"
    " percentage points for shares, with 95 % intervals clustered by the eval's clusters."
    " * the interval excludes 0; † also after Benjamini-Hochberg over the table"
    " (false discovery rate 5 %)."
)


def metric_words(metric: str, brief: bool = True) -> str:
    """A metric's name in words: `expression/empathy` is "expression of empathy", and
    `behaviour/x-y` is "x y", or "behaviour x y" if it is not to be `brief`. A key of
    lm-eval's with a filter (`exact_match,strict-match`) stays what others look it up by."""
    # Underscores and hyphens of such a key are part of what people search for.
    if "," in metric:
        return clean(metric)
    kind, _, name = metric.partition("/")
    words = clean(name or kind).replace("_", " ").replace("-", " ")
    if kind == "expression" and name:
        return f"expression of {clean(name)}"
    return words if not name or (brief and kind == "behaviour") else f"{clean(kind)} {words}"


def heading(table: ReportTable) -> str:
    """Return a table's title, with the unit of its rates."""
    what = "all metrics"
    if table.expression:
        what = "expression of the induced value"
    elif len(table.metrics) == 1:
        what = metric_words(table.metrics[0])
    elif all(metric.startswith("behaviour/") for metric in table.metrics):
        what = "behaviours"
    unit = ", in % of scored samples" if all(row.share for row in table.rows) else ""
    return f"{clean(table.eval)}: {what}{unit}"


def score(value: float | None, share: bool) -> str:
    """Return a mean: percent with one decimal for shares, three digits for other metrics."""
    if value is None:
        return "-"
    return f"{100 * value:.1f}" if share else f"{value:.3g}"


def signed(value: float, share: bool) -> str:
    """Return a difference or bound with its sign; a rounded zero has none."""
    # "-0.0" would look like a fall.
    text = f"{100 * value:+.1f}" if share else f"{value:+.3g}"
    return text.lstrip("+-") if not text.strip("+-0.") else text


def rate_of(row: Row) -> str:
    """Return the subject's rate."""
    return score(row.rate.mean, row.share)


def interval(contrast: Contrast, share: bool) -> str:
    """Return "[+22.0, +40.4]", or "[no interval]"."""
    if contrast.low is None or contrast.high is None:
        return "[no interval]"
    return f"[{signed(contrast.low, share)}, {signed(contrast.high, share)}]"


def change(row: Row, between: str = " ") -> str:
    """Return difference, interval and mark: for a vanilla subject the interval of its rate; "-" for
    one that is compared with nothing."""
    if row.inducer == "none" and row.rate.low is not None and row.rate.high is not None:
        low, high = score(row.rate.low, row.share), score(row.rate.high, row.share)
        return f"rate in{between}[{low}, {high}] "
    if row.contrast is None or row.contrast.difference is None:
        return "-"
    difference = signed(row.contrast.difference, row.share)
    return f"{difference}{between}{interval(row.contrast, row.share)}{row.mark or ' '}"


def missing_line(table: ReportTable) -> str:
    """Return the subjects without a vanilla sample to compare them with; "" if all have one."""
    alone = {
        f"{subject_words(row)} ({clean(row.model)})"
        for row in table.rows
        if row.inducer != "none" and (row.contrast is None or row.contrast.n == 0)
    }
    if not alone:
        return ""
    return f"not compared, as no vanilla sample is scored: {', '.join(sorted(alone))}"


def judge_line(table: ReportTable) -> str:
    """Return the judge, labelled where it is a baseline of word lists."""
    if not table.judge:
        return "no judge: measured directly"
    line = f"judge: {clean(table.judge)}"
    if table.judge_baseline:
        line += ", a baseline of word lists, no substitute for a model judge"
    return line


def unpaired_line(table: ReportTable) -> str:
    """Return the number of outcomes scored on one side only; "" if there are none."""
    alone = sum(c.only_treated + c.only_vanilla for row in table.rows if (c := row.contrast))
    if not alone:
        return ""
    return f"left out of differences, as only one side has a score: {alone:,} outcomes"


def unscored_line(table: ReportTable) -> str:
    """Return the number of unscored outcomes, with the causes."""
    total = sum(table.unscored.values())
    if not total:
        return f"unscored: none of {table.outcomes:,} outcomes"
    # The most frequent causes come first, and causes hold text of models and endpoints.
    causes = [f"{clean(cause, 60)} {n:,}" for cause, n in list(table.unscored.items())[:4]]
    if len(table.unscored) > 4:
        rest = sum(list(table.unscored.values())[4:])
        causes.append(f"{len(table.unscored) - 4} other causes {rest:,}")
    return f"unscored: {total:,} of {table.outcomes:,} outcomes ({'; '.join(causes)})"


def transcripts_line(table: ReportTable, limit: int = 2) -> str:
    """Return the files of the transcripts, or the folder they share if they are many."""
    places = [clean(path, 500) for path in table.transcripts]
    if len(places) <= limit:
        return f"transcripts: {', '.join(places) or 'none kept'}"
    folder = "/".join(_shared([path.split("/") for path in places]))
    return f"transcripts: {len(places)} of them under {folder or '/'} (each row's in CSV and JSON)"


def _shared(paths: list[list[str]]) -> list[str]:
    """Return the leading parts that all paths have in common."""
    # Not os.path.commonpath: paths were cleaned for printing, and may be of another system.
    common = takewhile(lambda parts: len(set(parts)) == 1, zip(*paths, strict=False))
    return [parts[0] for parts in common]


def failures_line(cells: int) -> str:
    """Return the number of cells without a result: they failed, or a run has yet to reach them."""
    return f"{cells:,} cell{'s' * (cells != 1)} without a result"
