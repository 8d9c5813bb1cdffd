"""The numbers of one exhibit, with a record of the cells that went in and of those missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from vibench.exhibits.exhibit import Exhibit, Kind, Panel, Unit
from vibench.paper.cell_selection import Cells
from vibench.paper.choice import TEMPERATURES, CellKey
from vibench.paper.expression_rows import ExpressionRows, expression_rows
from vibench.paper.missing_cells import MissingCells
from vibench.paper.pooled_numbers import Number, mean, of_change, of_rate
from vibench.report.rows import Expression, Row
from vibench.results.cells import CellResult
from vibench.results.cut_off_warnings import cut_off_lines, cut_off_warnings
from vibench.results.outcomes import EXPRESSION
from vibench.results.vanilla_cells import VanillaCells
from vibench.stats import Contrast
from vibench.text import clean

__all__ = ["Lookup"]


class Lookup:
    """Looks up numbers in the chosen cells, each the mean over the seeds that have it."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.choice = cells.choice
        self.missing = MissingCells(cells)
        self.used: dict[int, Row] = {}
        self.counted: dict[int, Expression] = {}
        self.contrasts: dict[int, Contrast] = {}
        self.unscored = 0
        """Cells without a single scored answer."""

    def setting_key(
        self, model: str, setting: str, value: str, evaluation: str, **pinned: Any
    ) -> CellKey:
        """Return the cell of a setting (None, Prompt, Train, Both) with, maybe, beta= and
        temperature= pinned."""
        return self.inducer_key(model, self.choice.inducer(setting), value, evaluation, **pinned)

    def inducer_key(
        self,
        model: str,
        inducer: str,
        value: str,
        evaluation: str,
        beta: float | None = None,
        temperature: float | None = None,
    ) -> CellKey:
        pinned: list[tuple[str, Any]] = []
        if beta is not None:
            # In `dpo+prompt` the first step is the one with a beta.
            pinned.append((f"{inducer.split('+')[0]}.beta", beta))
        if temperature is not None:
            pinned.append((TEMPERATURES, temperature))
        # The untouched model has no value: one cell serves the rows of all values.
        value = "" if inducer == "none" else value
        return CellKey(model, inducer, value, evaluation, tuple(pinned))

    def rate(self, key: CellKey, metric: str) -> Number | None:
        """Return a metric's rate: shares in percent."""
        return self._mean(key, metric, of_rate)

    def change(self, key: CellKey, metric: str) -> Number | None:
        """Return a metric's paired difference from vanilla: shares in points."""
        return self._mean(key, metric, of_change)

    def _mean(
        self, key: CellKey, metric: str, number: Callable[[Row], Number | None]
    ) -> Number | None:
        rows = self.cells.rows(key, metric)
        # Rows of other metrics show that the cell exists: the metric is missing, not the cell.
        if rows or not self.cells.there(key):
            self.missing.look(key, rows)
        else:
            self.missing.metric(key.eval, metric)
        # A difference needs the untouched model too; name that cell as missing, not this one.
        if number is of_change and any(row.contrast is None for row in rows.values()):
            self.missing.look(key.vanilla, self.cells.there(key.vanilla))
        numbers = {seed: number(row) for seed, row in rows.items()}
        self.used |= {id(row): row for row in rows.values()}
        if number is of_change:
            self.contrasts |= {id(c): c for row in rows.values() if (c := row.contrast)}
        self.unscored += sum(row.rate.mean is None for row in rows.values())
        return mean([n for n in numbers.values() if n is not None])

    def expressed(self, key: CellKey) -> Sequence[Expression]:
        """Return the values expressed in the transcripts of a cell, one record for each seed."""
        expressions = self.cells.expressed(key)
        self.missing.look(key, expressions)
        self.counted |= {id(expression): expression for expression in expressions.values()}
        # Any of a cell's metrics says how many of its answers are unscored.
        for value in filter(None, (key.value, *self.cells.values[:1])):
            rows = self.cells.rows(key, EXPRESSION + value)
            self.used |= {id(row): row for row in rows.values()}
            if rows:
                break
        return list(expressions.values())

    def expressions(self, keys: Sequence[CellKey], names: Sequence[str]) -> ExpressionRows:
        """Return the rows of the expression of these values, induced or not, one for each seed."""
        by_cell = expression_rows(self.cells, keys, names)
        rows = (row for rows in by_cell.values() for row in rows)
        self.contrasts |= {id(c): c for row in rows if (c := row.contrast)}
        return by_cell

    def frequencies(self, key: CellKey) -> dict[str, float] | None:
        """Return, for each value expressed in any transcript, the share in percent of transcripts
        that express it, over seeds; None without transcripts."""
        expressions = [expression for expression in self.expressed(key) if expression.scored]
        if not expressions:
            return None
        # A seed that never expresses a value counts 0 for it, so take the names of all seeds.
        names = dict.fromkeys(name for expression in expressions for name in expression.counts)
        return {
            name: 100
            * sum(e.counts.get(name, 0) / e.scored for e in expressions)
            / len(expressions)
            for name in names
        }

    def exhibit(
        self,
        name: str,
        title: str,
        kind: Kind,
        unit: Unit,
        panels: Iterable[Panel],
        *,
        notes: Iterable[str] = (),
        settings: dict[str, str] | None = None,
        **extra: Any,
    ) -> Exhibit:
        """Return the exhibit, with the settings of the cells that went in and those missing."""
        return Exhibit(
            name=name,
            title=title,
            kind=kind,
            unit=unit,
            panels=tuple(panels),
            notes=(*notes, *self._unscored_note()),
            settings={**self.settings(), **(settings or {})},
            missing=tuple(self.missing.lines()),
            command=self.missing.command(),
            answers=self.missing.answers(),
            **extra,
        )

    def settings(self) -> dict[str, str]:
        """Return the settings of the cells that went in, all of them where they differ."""
        went_in: list[Row | Expression] = [*self.used.values(), *self.counted.values()]
        if not went_in:
            return {}
        judges = {row.judge: row for row in went_in}
        trainers = {row.inducer.split("+")[0] for row in went_in} - {"none", "prompt"}
        facts = {
            "eval": _listed(row.eval for row in went_in),
            "judge": _listed(map(_judge, judges.values())),
            "trainer": _listed(trainers),
            "beta": _of_parameters(went_in, *(f"{t}.beta" for t in sorted(trainers))),
            "temperature": _of_parameters(went_in, TEMPERATURES),
            "seeds": _listed(str(row.seed) for row in went_in),
        }
        return {name: text for name, text in (facts | self._others(went_in)).items() if text}

    def _others(self, rows: Sequence[Row | Expression]) -> dict[str, str]:
        """Return further parameters of which the store has several settings."""
        keys = dict.fromkeys((row.eval, row.model) for row in rows)
        varied = dict.fromkeys(
            name
            for group in keys
            for name, options in self.cells.options.get(group, {}).items()
            # Temperature and beta are listed by themselves.
            if len(options) > 1 and name != TEMPERATURES and not name.endswith(".beta")
        )
        settings = {name: _of_parameters(rows, name) for name in varied}
        return {name: text for name, text in settings.items() if text}

    def _unscored_note(self) -> Iterable[str]:
        rows = self.used.values()
        unscored = sum(sum(row.unscored.values()) for row in rows)
        outcomes = unscored + sum(row.rate.n for row in rows)
        if outcomes:
            share = f"{unscored:,} of {outcomes:,} ({100 * unscored / outcomes:.1f} %)"
            if not unscored:
                share = f"none of {outcomes:,}"
            yield f"Unscored outcomes, left out rather than counted as 0: {share}."
        if self.unscored:
            yield f"Metrics left out because a cell has no scored answer: {self.unscored:,}."
        alone = sum(c.only_treated + c.only_vanilla for c in self.contrasts.values())
        if alone:
            yield f"Outcomes left out of differences because the other side is unscored: {alone:,}."
        if len({row.seed for row in rows}) > 1:
            yield "Means over seeds; no interval here includes how much seeds differ."
        cells = self._cells()
        yield from (f"WARNING: {warning}" for warning in cut_off_warnings(cells))
        yield from (f"{line[:1].upper()}{line[1:]}." for line in cut_off_lines(cells))

    def _cells(self) -> list[CellResult]:
        """Return the cells that went in, and the untouched ones that they are compared with."""
        rows: list[Row | Expression] = [*self.used.values(), *self.counted.values()]
        keys = {(row.eval, row.judge, id(row.parameters), _subject(row)) for row in rows}
        all_cells = self.cells.collected.cells
        chosen = [
            cell
            for cell in all_cells
            if (cell.eval, cell.judge, id(cell.parameters), _subject(cell)) in keys
        ]
        vanilla = VanillaCells(all_cells)
        serving = {id(base) for cell in chosen if (base := vanilla.serving(cell))}
        bases = [cell for cell in all_cells if id(cell) in serving]
        return list({id(cell): cell for cell in [*chosen, *bases]}.values())


def _subject(result: Row | Expression | CellResult) -> tuple[str, str, str, int]:
    return result.model, result.inducer, result.value, result.seed


def _judge(row: Row | Expression) -> str:
    """Return the judge's name, with the model where it asks one."""
    if not row.judge:
        return "none: measured directly"
    model = row.parameters.get(f"{row.judge}.model", "")
    return f"{row.judge} ({model})" if model else row.judge


def _of_parameters(rows: Iterable[Row | Expression], *names: str) -> str:
    settings = [row.parameters[name] for row in rows for name in names if name in row.parameters]
    return _listed(f"{v:g}" if isinstance(v, float) else str(v) for v in settings)


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(clean(text, 60) for text in texts if text))
