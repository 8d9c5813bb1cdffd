"""One exhibit in the making: finds numbers, and remembers what went in and what was missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from vibench.exhibits.exhibit import Exhibit, Kind, Panel, Unit
from vibench.paper.anyvalue import Found, expression_rows
from vibench.paper.cell_selection import TEMPERATURES, Cells, Place
from vibench.paper.missing_cells import Lacking
from vibench.paper.pooling import Number, mean, of_change, of_rate
from vibench.report.rows import Expression, Row
from vibench.results.cells import CellResult
from vibench.results.cut_off_warnings import cut_off_lines, cut_off_warnings
from vibench.results.outcomes import EXPRESSION
from vibench.results.vanilla_cells import VanillaCells
from vibench.stats import Contrast
from vibench.text import clean

__all__ = ["Looking"]


class Looking:
    """Finds numbers in the chosen cells, each the mean over the seeds that have it."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.choice = cells.choice
        self.lacking = Lacking(cells)
        self.used: dict[int, Row] = {}
        self.counted: dict[int, Expression] = {}
        self.contrasts: dict[int, Contrast] = {}
        self.unscored = 0
        """Cells that are there without a single scored answer."""

    def at(self, model: str, setting: str, value: str, evaluation: str, **pinned: Any) -> Place:
        """The place of a setting (None, Prompt, Train, Both); `pinned` by beta=, temperature=."""
        return self.place(model, self.choice.inducer(setting), value, evaluation, **pinned)

    def place(
        self,
        model: str,
        inducer: str,
        value: str,
        evaluation: str,
        beta: float | None = None,
        temperature: float | None = None,
    ) -> Place:
        pinned: list[tuple[str, Any]] = []
        if beta is not None:
            pinned.append((f"{inducer.split('+')[0]}.beta", beta))
        if temperature is not None:
            pinned.append((TEMPERATURES, temperature))
        value = "" if inducer == "none" else value
        return Place(model, inducer, value, evaluation, tuple(pinned))

    def rate(self, at: Place, metric: str) -> Number | None:
        """A metric's rate: shares in percent."""
        return self._mean(at, metric, of_rate)

    def change(self, at: Place, metric: str) -> Number | None:
        """A metric's paired difference from vanilla: shares in points."""
        return self._mean(at, metric, of_change)

    def _mean(
        self, at: Place, metric: str, number: Callable[[Row], Number | None]
    ) -> Number | None:
        rows = self.cells.rows(at, metric)
        if rows or not self.cells.there(at):
            self.lacking.look(at, rows)
        else:
            self.lacking.metric(at.eval, metric)
        if number is of_change and any(row.contrast is None for row in rows.values()):
            self.lacking.look(at.vanilla, self.cells.there(at.vanilla))
        found = {seed: number(row) for seed, row in rows.items()}
        self.used |= {id(row): row for row in rows.values()}
        if number is of_change:
            self.contrasts |= {id(c): c for row in rows.values() if (c := row.contrast)}
        self.unscored += sum(row.rate.mean is None for row in rows.values())
        return mean([n for n in found.values() if n is not None])

    def expressed(self, at: Place) -> Sequence[Expression]:
        """What the transcripts at a place express, one for each seed."""
        found = self.cells.expressed(at)
        self.lacking.look(at, found)
        self.counted |= {id(one): one for one in found.values()}
        # Any of a cell's metrics says how many of its answers are unscored.
        for value in filter(None, (at.value, *self.cells.values[:1])):
            rows = self.cells.rows(at, EXPRESSION + value)
            self.used |= {id(row): row for row in rows.values()}
            if rows:
                break
        return list(found.values())

    def expressions(self, places: Sequence[Place], names: Sequence[str]) -> Found:
        """The rows of the expression of these values, induced or not, one for each seed."""
        found = expression_rows(self.cells, places, names)
        rows = (row for rows in found.values() for row in rows)
        self.contrasts |= {id(c): c for row in rows if (c := row.contrast)}
        return found

    def frequencies(self, at: Place) -> dict[str, float] | None:
        """The share in percent of transcripts that hold each value found in any, over seeds;
        None where there is none."""
        found = [one for one in self.expressed(at) if one.of]
        if not found:
            return None
        names = dict.fromkeys(name for one in found for name in one.counts)
        return {
            name: 100 * sum(one.counts.get(name, 0) / one.of for one in found) / len(found)
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
        **more: Any,
    ) -> Exhibit:
        """The exhibit, with what went in and what was not there."""
        return Exhibit(
            name=name,
            title=title,
            kind=kind,
            unit=unit,
            panels=tuple(panels),
            notes=(*notes, *self._unscored_note()),
            settings={**self.settings(), **(settings or {})},
            missing=tuple(self.lacking.lines()),
            command=self.lacking.command(),
            **more,
        )

    def settings(self) -> dict[str, str]:
        """What the cells that went in have in common or differ in."""
        went_in: list[Row | Expression] = [*self.used.values(), *self.counted.values()]
        if not went_in:
            return {}
        judges = {row.judge: row for row in went_in}
        trainers = {row.inducer.split("+")[0] for row in went_in} - {"none", "prompt"}
        said = {
            "eval": _listed(row.eval for row in went_in),
            "judge": _listed(map(_judge, judges.values())),
            "trainer": _listed(trainers),
            "beta": _of_parameters(went_in, *(f"{t}.beta" for t in sorted(trainers))),
            "temperature": _of_parameters(went_in, TEMPERATURES),
            "seeds": _listed(str(row.seed) for row in went_in),
        }
        return {name: text for name, text in (said | self._others(went_in)).items() if text}

    def _others(self, rows: Sequence[Row | Expression]) -> dict[str, str]:
        """Further parameters of which the store has several settings."""
        places = dict.fromkeys((row.eval, row.model) for row in rows)
        varied = dict.fromkeys(
            name
            for place in places
            for name, options in self.cells.options.get(place, {}).items()
            if len(options) > 1 and name != TEMPERATURES and not name.endswith(".beta")
        )
        found = {name: _of_parameters(rows, name) for name in varied}
        return {name: text for name, text in found.items() if text}

    def _unscored_note(self) -> Iterable[str]:
        rows = self.used.values()
        unscored = sum(sum(row.unscored.values()) for row in rows)
        asked = unscored + sum(row.rate.n for row in rows)
        if asked:
            share = f"{unscored:,} of {asked:,} ({100 * unscored / asked:.1f} %)"
            if not unscored:
                share = f"none of {asked:,}"
            yield f"Unscored outcomes, left out and never counted as 0: {share}."
        if self.unscored:
            yield f"Metrics of single cells without any scored answer, left out: {self.unscored:,}."
        alone = sum(c.only_treated + c.only_vanilla for c in self.contrasts.values())
        if alone:
            yield f"Outcomes left out of differences, as the other side has no score: {alone:,}."
        if len({row.seed for row in rows}) > 1:
            yield "Means over seeds; how much seeds differ is in no interval here."
        cells = self._cells()
        yield from (f"WARNING: {warning}" for warning in cut_off_warnings(cells))
        yield from (f"{line[:1].upper()}{line[1:]}." for line in cut_off_lines(cells))

    def _cells(self) -> list[CellResult]:
        """The cells that went in, and the untouched ones that they are compared with."""
        rows: list[Row | Expression] = [*self.used.values(), *self.counted.values()]
        own = {(row.eval, row.judge, id(row.parameters), _subject(row)) for row in rows}
        every = self.cells.collected.cells
        chosen = [
            cell
            for cell in every
            if (cell.eval, cell.judge, id(cell.parameters), _subject(cell)) in own
        ]
        vanilla = VanillaCells(every)
        serving = {id(base) for cell in chosen if (base := vanilla.serving(cell))}
        bases = [cell for cell in every if id(cell) in serving]
        return list({id(cell): cell for cell in [*chosen, *bases]}.values())


def _subject(of: Row | Expression | CellResult) -> tuple[str, str, str, int]:
    return of.model, of.inducer, of.value, of.seed


def _judge(row: Row | Expression) -> str:
    """Return who judged, always with the model where one was asked."""
    if not row.judge:
        return "none: measured directly"
    model = row.parameters.get(f"{row.judge}.model", "")
    return f"{row.judge} ({model})" if model else row.judge


def _of_parameters(rows: Iterable[Row | Expression], *names: str) -> str:
    found = [row.parameters[name] for row in rows for name in names if name in row.parameters]
    return _listed(f"{v:g}" if isinstance(v, float) else str(v) for v in found)


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(clean(text, 60) for text in texts if text))
