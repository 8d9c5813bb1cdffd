"""The sets of transcripts, one for each subject and eval, with the judges of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vibench.errors import DataError
from vibench.report.run_report import RunReport
from vibench.results.cells import CellResult
from vibench.results.judge_labels import judge_plugin
from vibench.results.vanilla_cells import VanillaCells
from vibench.store.files import check_readable
from vibench.text import clean

__all__ = ["Judgment", "TranscriptSet", "swept", "transcript_sets", "unreadable", "words_of"]


@dataclass(frozen=True, slots=True)
class Judgment:
    """A judge's files on a set; judge "" and no verdicts where the eval measures by itself."""

    judge: str
    verdicts: Path | None
    outcomes: Path


@dataclass(frozen=True, slots=True)
class TranscriptSet:
    """The transcripts of one subject in one eval.

    `settings` are the swept parameters as words ("beta=0.1"). `vanilla` is the number of the
    untouched model's set among all, None for itself and where there is none. `rows` counts the
    transcripts.
    """

    model: str
    inducer: str
    value: str
    settings: tuple[str, ...]
    seed: int
    eval: str
    path: Path
    judgments: tuple[Judgment, ...]
    vanilla: int | None
    rows: int

    @property
    def key(self) -> str:
        """Return the key of the artefact."""
        return self.path.parent.name


def transcript_sets(collected: RunReport) -> list[TranscriptSet]:
    """Return the sets of the collected cells whose file exists, in the order of the cells."""
    cells: dict[str, list[CellResult]] = {}
    for cell in collected.cells:
        if cell.transcripts and Path(cell.transcripts).is_file():
            cells.setdefault(cell.transcripts, []).append(cell)
    # Sets refer to their vanilla by its place in the list.
    places = {path: number for number, path in enumerate(cells)}
    vanilla = VanillaCells(collected.cells)
    judges = {judge_plugin(cell.judge) for cell in collected.cells if cell.judge}
    firsts = [cells_of_set[0] for cells_of_set in cells.values()]
    telling = swept({**first.parameters, "seed": first.seed} for first in firsts)
    # A judge's parameters differ between judgments of one set, not between sets.
    telling = [name for name in telling if name.partition(".")[0] not in judges]
    sets = []
    for path, cells_of_set in cells.items():
        first = cells_of_set[0]
        base = vanilla.serving(first)
        sets.append(
            TranscriptSet(
                model=clean(first.model),
                inducer=clean(first.inducer),
                value=clean(first.value),
                settings=words_of({**first.parameters, "seed": first.seed}, telling),
                seed=first.seed,
                eval=clean(first.eval),
                path=Path(path),
                judgments=_judgments(cells_of_set),
                vanilla=places.get(base.transcripts) if base else None,
                rows=_rows(Path(path)),
            )
        )
    return sets


def swept(parameters: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the parameters that differ between those that have them."""
    seen: defaultdict[str, set[str]] = defaultdict(set)
    for mapping in parameters:
        for name, value in mapping.items():
            seen[name].add(str(value))
    return [name for name, values in seen.items() if len(values) > 1]


def words_of(parameters: Mapping[str, Any], names: Sequence[str]) -> tuple[str, ...]:
    """Return the named parameters in words, "beta=0.1", those that are set."""
    return tuple(
        clean(f"{name.rpartition('.')[2]}={parameters[name]}")
        for name in names
        if name in parameters
    )


def _judgments(cells: Sequence[CellResult]) -> tuple[Judgment, ...]:
    """Return the judges' files; judges of one name are told apart by their swept parameters."""
    telling = swept(cell.parameters for cell in cells)
    names = [cell.judge for cell in cells]
    judgments = []
    for cell in cells:
        words = words_of(cell.parameters, telling) if names.count(cell.judge) > 1 else ()
        name = f"{cell.judge} ({', '.join(words)})" if words else cell.judge
        verdicts = Path(cell.verdicts) if cell.verdicts else None
        outcomes = cell.outcomes if isinstance(cell.outcomes, Path) else Path()
        judgments.append(Judgment(clean(name), verdicts, outcomes))
    return tuple(judgments)


def _rows(path: Path) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # The footer has the count, so nothing else of the file is read.
        with pq.ParquetFile(path) as file:
            return int(file.metadata.num_rows)
    except (pa.ArrowException, OSError) as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: Exception) -> DataError:
    """Return the error for a damaged file of the store. Raise StoreError for one that cannot be
    read for another reason."""
    check_readable(path, error)
    return DataError(
        f"{path} cannot be read ({str(error).splitlines()[0]}).",
        "Remove its folder and rerun the run's command to make it again.",
    )
