"""Judges that cannot find an induced value in an answer, whatever the answer says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from vibench.errors import UsageError
from vibench.plugins import Plugins
from vibench.preferences.values import normalised

__all__ = ["unknown_values"]

EXPRESSION = "expression/"


class Judged(Protocol):
    """A cell: its eval, judge and value."""

    @property
    def eval(self) -> str: ...
    @property
    def judge(self) -> str: ...
    @property
    def value(self) -> str: ...


def unknown_values(cells: Iterable[Judged], plugins: Plugins) -> list[str]:
    """Return a sentence for each judge and open-ended eval in which induced values are not
    measured. A judge may be given by its label in reports, "NAME (MODEL)"."""
    values_by_judge: dict[tuple[str, str], dict[str, None]] = {}
    for cell in cells:
        if cell.value and cell.judge:
            values_by_judge.setdefault((cell.eval, cell.judge), {})[cell.value] = None
    sentences = []
    for (evaluation, judge), values in values_by_judge.items():
        try:
            metrics = plugins.get("eval", evaluation).metrics
            labels = plugins.get("judge", judge.partition(" (")[0]).known_values
        except UsageError:  # A plugin that is gone since then is told of elsewhere.
            continue
        # A judge with a fixed list of values never answers with another one: that it "did not
        # find" it would read as a drop to zero.
        unknown = [v for v in values if labels is not None and v not in normalised(labels)]
        if unknown and labels and any(metric.startswith(EXPRESSION) for metric in metrics):
            names = " and ".join(unknown)
            sentences.append(
                f"The judge {judge} finds {len(labels)} values in answers, and {names}"
                f" {'is' if len(unknown) == 1 else 'are'} not among them: in {evaluation} the"
                f" expression of {names} is not measured. Judge with a model:"
                f" --judge {evaluation}=NAME."
            )
    return sentences
