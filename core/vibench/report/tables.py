"""Reports built from cells: their rows, and the tables that show them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vibench.report.comparisons import comparisons
from vibench.report.findings import findings
from vibench.report.rows import Expression, Row, expression
from vibench.report.seed_rows import SeedRow, seed_rows
from vibench.results.cells import CellResult, FailedCell
from vibench.results.outcomes import EXPRESSION
from vibench.stats import benjamini_hochberg

if TYPE_CHECKING:
    from vibench.preferences.subset_summary import SubsetSummary

__all__ = ["Report", "ReportTable", "build"]


@dataclass(frozen=True, slots=True)
class ReportTable:
    """The rows of one eval and judge that are shown together.

    `expression` tables have one row for each subject: how often it expresses the value that
    was induced into it. Others have every metric of every subject. `swept` names the
    parameters (and "seed") that differ between rows. `unscored` counts by cause over all
    outcomes of these `cells`, `outcomes` says how many there are.
    """

    eval: str
    judge: str
    judge_baseline: bool
    expression: bool
    rows: tuple[Row, ...]
    swept: tuple[str, ...]
    unscored: Mapping[str, int]
    outcomes: int
    transcripts: tuple[str, ...]
    cells: tuple[CellResult, ...] = ()

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics of the rows, in order."""
        return tuple(dict.fromkeys(row.metric for row in self.rows))

    @property
    def models(self) -> tuple[str, ...]:
        """The models of the rows, in order."""
        return tuple(dict.fromkeys(row.model for row in self.rows))

    def settings(self, row: Row) -> tuple[str, ...]:
        """Return the row's swept parameters, as "beta=0.1"; those it does not have are left out."""
        everything = {**row.parameters, "seed": row.seed}
        return tuple(
            f"{name.rpartition('.')[2]}={everything[name]}"
            for name in self.swept
            if name in everything
        )


@dataclass(frozen=True, slots=True)
class Report:
    """Every row (vanilla ones too), the tables to show, the cells that failed, every value
    that was found in the transcripts of evals that ask for values, what several training
    seeds come to, what became of the pairs that values were trained on, what trainings say of
    theirs, how chat templates asked, how evals measured, what a reader has to know before
    believing a number, and how far runs that have not ended are."""

    rows: tuple[Row, ...]
    tables: tuple[ReportTable, ...]
    failed: tuple[FailedCell, ...]
    expressions: tuple[Expression, ...] = ()
    seeds: tuple[SeedRow, ...] = ()
    subsets: tuple[SubsetSummary, ...] = ()
    training_notes: tuple[str, ...] = ()
    template_notes: tuple[str, ...] = ()
    eval_notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    progress: tuple[str, ...] = ()


def build(cells: Iterable[CellResult], failed: Sequence[FailedCell] = ()) -> Report:
    """Compare every cell with its vanilla cell, and lay the rows out in tables.

    The outcomes of each cell are read once (`comparisons`). Rows keep the order of the cells.
    Where these have several seeds, `seeds` says what each subject's come to.
    Benjamini-Hochberg runs over each table, and over the other rows of the same eval and judge
    (the expression of values that were not induced, say) by themselves.
    """
    cells = list(cells)
    values = {cell.value for cell in cells if cell.value} or None
    order = {id(cell): i for i, cell in enumerate(cells)}
    several = len({cell.seed for cell in cells}) > 1
    rows_of_cell: dict[int, list[Row]] = {}
    expressed: dict[int, Expression | None] = {}
    over_seeds: list[tuple[int, SeedRow]] = []
    # Subjects come in the order that reads each file once; rows go back into that of the cells.
    for seeds in comparisons(cells, values):
        for comparison, rows_of in zip(seeds, findings(seeds), strict=True):
            rows_of_cell[id(comparison.cell)] = rows_of
            expressed[id(comparison.cell)] = expression(comparison.cell, comparison.outcomes)
        if several:
            earliest = min(order[id(comparison.cell)] for comparison in seeds)
            over_seeds += ((earliest, row) for row in seed_rows(seeds))
    over_seeds.sort(key=lambda pair: pair[0])
    rows = _with_scale([row for cell in cells for row in rows_of_cell[id(cell)]])
    expressions = tuple(e for cell in cells if (e := expressed[id(cell)]))
    # The expression of the induced value is what a run sets out to change. Adjusted together
    # with the hundreds of other expressions it would need a far smaller p-value.
    families: defaultdict[tuple[str, str, bool], list[int]] = defaultdict(list)
    for i, row in enumerate(rows):
        families[row.eval, row.judge, row.induced].append(i)
    for key, members in families.items():
        p = [c.p if (c := rows[i].contrast) else None for i in members]
        name = _family(*key, split=(*key[:2], not key[2]) in families)
        for i, q in zip(members, benjamini_hochberg(p), strict=True):
            rows[i] = replace(rows[i], q=q, family="" if q is None else name)
    return Report(
        tuple(rows), tuple(_tables(rows, cells)), tuple(failed), expressions,
        tuple(row for _, row in over_seeds),
    )  # fmt: skip


def _family(evaluation: str, judge: str, induced: bool, split: bool) -> str:
    """Return the name of a family of Benjamini-Hochberg; `split` if its eval has two."""
    name = f"{evaluation} judged by {judge}" if judge else evaluation
    if induced:
        return f"{name}: expression of the induced value"
    return f"{name}: all but the expression of the induced value" if split else name


def _tables(rows: Sequence[Row], cells: Sequence[CellResult]) -> Iterable[ReportTable]:
    for name, judge in dict.fromkeys((row.eval, row.judge) for row in rows):
        rows_of_table = [row for row in rows if (row.eval, row.judge) == (name, judge)]
        induced = [row for row in rows_of_table if row.induced]
        displayed = induced or _frequent(rows_of_table)
        causes: Counter[str] = Counter()
        for row in rows_of_table:
            causes.update(row.unscored)
        yield ReportTable(
            eval=name,
            judge=judge,
            judge_baseline=any(row.judge_baseline for row in rows_of_table),
            expression=bool(induced),
            rows=tuple(displayed),
            swept=tuple(_swept(rows_of_table)),
            unscored=dict(causes.most_common()),
            outcomes=sum(row.rate.n for row in rows_of_table) + causes.total(),
            transcripts=tuple(
                dict.fromkeys(row.transcripts for row in rows_of_table if row.transcripts)
            ),
            cells=tuple(cell for cell in cells if (cell.eval, cell.judge) == (name, judge)),
        )


def _frequent(rows: Sequence[Row]) -> list[Row]:
    """Return the rows, of open-ended expressions only those of the most frequent metrics."""
    best: Counter[str] = Counter()
    for row in rows:
        if row.metric.startswith(EXPRESSION):
            best[row.metric] = max(best[row.metric], int(1e6 * (row.rate.mean or 0)))
    # Ties go to the metric that comes first, so that a report is the same each time.
    frequent = {metric for metric, _ in best.most_common(15)}
    return [row for row in rows if row.metric not in best or row.metric in frequent]


def _with_scale(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with a metric a share in every row of an eval and judge, or in none."""
    # A count that happens to be 0 or 1 for one subject is a count all the same.
    counts = {(row.eval, row.judge, row.metric) for row in rows if not row.share}
    return [
        replace(row, share=False)
        if row.share and (row.eval, row.judge, row.metric) in counts
        else row
        for row in rows
    ]


def _swept(rows: Sequence[Row]) -> Iterable[str]:
    """Yield the parameters with more than one value among the rows that have them."""
    # As text: a parameter may be a list, which no set holds.
    seen: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        for name, value in {**row.parameters, "seed": row.seed}.items():
            seen[name].add(str(value))
    return (name for name, values in seen.items() if len(values) > 1)
