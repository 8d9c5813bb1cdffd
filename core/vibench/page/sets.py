"""Which transcripts there are: a set for each subject and eval, with everyone who judged it."""

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

__all__ = ["Judging", "TranscriptSet", "swept", "transcript_sets", "unreadable", "words_of"]


@dataclass(frozen=True, slots=True)
class Judging:
    """What one judge made of a set: "" and no verdicts where the eval measures by itself."""

    judge: str
    verdicts: Path | None
    outcomes: Path


@dataclass(frozen=True, slots=True)
class TranscriptSet:
    """The transcripts of one subject in one eval.

    `settings` are the swept parameters as words ("beta=0.1"). `vanilla` is the place of the
    untouched model's set among all, None for itself and where there is none. `rows` is how
    many transcripts there are.
    """

    model: str
    inducer: str
    value: str
    settings: tuple[str, ...]
    seed: int
    eval: str
    path: Path
    judgings: tuple[Judging, ...]
    vanilla: int | None
    rows: int

    @property
    def key(self) -> str:
        """The key of the artefact."""
        return self.path.parent.name


def transcript_sets(collected: RunReport) -> list[TranscriptSet]:
    """Every set of the collected cells whose file is there, in the order of the cells."""
    cells: dict[str, list[CellResult]] = {}
    for cell in collected.cells:
        if cell.transcripts and Path(cell.transcripts).is_file():
            cells.setdefault(cell.transcripts, []).append(cell)
    places = {path: place for place, path in enumerate(cells)}
    vanilla = VanillaCells(collected.cells)
    judges = {judge_plugin(cell.judge) for cell in collected.cells if cell.judge}
    telling = swept({**own[0].parameters, "seed": own[0].seed} for own in cells.values())
    telling = [name for name in telling if name.partition(".")[0] not in judges]
    found = []
    for path, own in cells.items():
        first = own[0]
        base = vanilla.serving(first)
        found.append(
            TranscriptSet(
                model=clean(first.model),
                inducer=clean(first.inducer),
                value=clean(first.value),
                settings=words_of({**first.parameters, "seed": first.seed}, telling),
                seed=first.seed,
                eval=clean(first.eval),
                path=Path(path),
                judgings=_judgings(own),
                vanilla=places.get(base.transcripts) if base else None,
                rows=_rows(Path(path)),
            )
        )
    return found


def swept(parameters: Iterable[Mapping[str, Any]]) -> list[str]:
    """The parameters that differ between those that have them."""
    seen: defaultdict[str, set[str]] = defaultdict(set)
    for one in parameters:
        for name, value in one.items():
            seen[name].add(str(value))
    return [name for name, values in seen.items() if len(values) > 1]


def words_of(parameters: Mapping[str, Any], names: Sequence[str]) -> tuple[str, ...]:
    """The named parameters in words, "beta=0.1"; those that there are."""
    return tuple(
        clean(f"{name.rpartition('.')[2]}={parameters[name]}")
        for name in names
        if name in parameters
    )


def _judgings(cells: Sequence[CellResult]) -> tuple[Judging, ...]:
    """Judges are told apart by their swept parameters where two have one name."""
    telling = swept(cell.parameters for cell in cells)
    names = [cell.judge for cell in cells]
    found = []
    for cell in cells:
        more = words_of(cell.parameters, telling) if names.count(cell.judge) > 1 else ()
        name = f"{cell.judge} ({', '.join(more)})" if more else cell.judge
        verdicts = Path(cell.verdicts) if cell.verdicts else None
        outcomes = cell.outcomes if isinstance(cell.outcomes, Path) else Path()
        found.append(Judging(clean(name), verdicts, outcomes))
    return tuple(found)


def _rows(path: Path) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            return int(file.metadata.num_rows)
    except (pa.ArrowException, OSError) as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: Exception) -> DataError:
    """What to say of a file of the store that is damaged. Raises StoreError for one that cannot
    be read for another cause."""
    check_readable(path, error)
    return DataError(
        f"{path} cannot be read ({str(error).splitlines()[0]}).",
        "Remove its folder and give the run's command again: it is made anew.",
    )
