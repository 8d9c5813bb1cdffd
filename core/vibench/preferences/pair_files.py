"""The files of pairs that a run's values are trained on: `--pairs`, parsed and checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vibench.errors import SpecError, UnknownName
from vibench.file_names import name_problem
from vibench.text import echoed

__all__ = ["PairsFor", "files_by_value", "of_flag", "of_table"]

FORM = "Write it as --pairs VALUE=FILE, and once for each file."


@dataclass(frozen=True, slots=True)
class PairsFor:
    """A file of pairs and the value they were made for; "" where no value is named."""

    value: str
    file: str


def of_flag(text: str) -> PairsFor:
    """Read `VALUE=FILE` or `FILE`. Raises SpecError if a part is empty.

    What stands before the first `=` is a value unless it has a slash or backslash in it
    (`runs/lr=1e-5/own.jsonl`, `C:\\a=b.jsonl`), or only the whole is a file that is there.
    """
    before, equals, after = text.partition("=")
    value, file = before.strip(), after.strip()
    if problem := name_problem(text):
        raise SpecError(f"--pairs {echoed(text)} {problem}.", FORM)
    only_whole = Path(text).expanduser().is_file() and not Path(file).expanduser().is_file()
    if not equals or "/" in before or "\\" in before or only_whole:
        value, file = "", text.strip()
    elif not value:
        raise SpecError(f"--pairs {text} has no value before the '='.", FORM)
    if not file:
        raise SpecError(f"--pairs {text} names no file.", FORM)
    return PairsFor(value, file)


def of_table(table: Mapping[str, str | Sequence[str]]) -> list[PairsFor]:
    """Read the `pairs` of a matrix file: per value a file, or a list of them."""
    return [
        PairsFor(value, file)
        for value, files in table.items()
        for file in ([files] if isinstance(files, str) else files)
    ]


def files_by_value(pairs: Iterable[PairsFor], values: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the files of each value, in order. `values` are those that the run names itself.

    Raises SpecError for pairs of a value that is not among them, and for pairs without a
    value unless exactly one is named.
    """
    files: dict[str, tuple[str, ...]] = {}
    for entry in pairs:
        value = entry.value
        if not value:
            if len(values) != 1:
                problem = f"{len(values)} values are named" if values else "no value is named"
                raise SpecError(
                    f"--pairs {entry.file} does not say which value its pairs are for, and "
                    f"{problem} with --value.",
                    f"Write --pairs VALUE={entry.file}, or name exactly one --value.",
                )
            (value,) = values
        elif values and value not in values:
            near = UnknownName("value", value, values).hint
            raise SpecError(
                f"--pairs gives pairs for '{value}', which is not among the values of this run.",
                f"{near} Add it with --value, or leave --value out to run the values with pairs.",
            )
        files[value] = (*files.get(value, ()), entry.file)
    return files
