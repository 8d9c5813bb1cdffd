"""The values of a run's options, checked: numbers in bounds, and texts that can be names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from vibench.errors import SpecError
from vibench.file_names import name_problem
from vibench.preferences.pair_files import PairsFor
from vibench.run_options import RunOptions, matrix_schema, option_of
from vibench.text import echoed
from vibench.validation import first_problem, one_form

__all__ = ["checked_options"]


def checked_options(options: RunOptions) -> RunOptions:
    """Return the options with each number in the form of its type. Raises SpecError naming
    the flag of one that is out of bounds."""
    properties = matrix_schema()["properties"]
    numbers = {}
    for name, value in options.given.items():
        _check_names(name, value)
        # Names, settings and pairs are checked where they are resolved, with better hints.
        if isinstance(value, str | int | float):
            schema = properties[name]
            problem = first_problem({name: value}, {"properties": {name: schema}})
            if problem:
                flag = option_of(name).flag
                raise SpecError(
                    f"The option {flag} {problem.what}.",
                    problem.hint or f"Correct {flag}, or leave it out.",
                )
            numbers[name] = one_form(schema, value)
    # A file may say 1.0, which JSON Schema takes for a whole number.
    return replace(options, **numbers, seeds=tuple(dict.fromkeys(map(int, options.seeds))))


def _check_names(name: str, value: Any) -> None:
    """Raise SpecError for a text that can be neither a name nor a path."""
    texts = [value] if isinstance(value, str) else value if isinstance(value, tuple) else ()
    for text in texts:
        if isinstance(text, PairsFor):
            text = text.file
        if isinstance(text, str) and (problem := name_problem(text)):
            flag = option_of(name).flag
            raise SpecError(f"{flag} {echoed(text)} {problem}.", f"Correct {flag}.")
