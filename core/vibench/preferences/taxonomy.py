"""The published taxonomy of values seen in the wild (Huang et al., 2025)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from vibench.errors import DataError, UnknownName
from vibench.preferences.rows import FileRow, broken, read_rows
from vibench.preferences.values import normalise

if TYPE_CHECKING:
    from vibench.interfaces import Data

__all__ = ["DATASET", "FILES", "Taxonomy", "TaxonomyPlace"]

DATASET = "values"
FILES = ("values_3307_flat.derived.csv", "values_tree.csv")
"""What the data set's file may be called: the flat form, or the tree as published."""

FLAT = ("value", "pct_total_occurrences", "l1", "l2", "l3")
TREE = ("cluster_id", "name", "level", "parent_cluster_id", "pct_total_occurrences")
LEVELS = 3


class TaxonomyPlace(NamedTuple):
    """A value's place: its clusters of the first and second level, and its category."""

    l1: str
    l2: str
    l3: str


@dataclass(frozen=True, slots=True)
class PlacedName:
    """One value as its file spells it. `share` is its percentage of all occurrences."""

    row: FileRow
    value: str
    share: float
    place: TaxonomyPlace


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """Values with their places, by names as `normalise` writes them.

    `disputed` are the names whose spellings stand in different categories of the file ("goal
    orientation" and "goal-orientation"); the spelling seen most often speaks for them.
    """

    places: Mapping[str, TaxonomyPlace]
    disputed: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def read(cls, path: Path) -> Taxonomy:
        """Read the flat form (columns value, pct_total_occurrences, l1, l2, l3) or the hub's
        `values_tree.csv` (cluster_id, name, level 0 to 3, parent_cluster_id,
        pct_total_occurrences; values are level 0).

        Raises DataError naming file and row: other columns, no value, no category, a parent
        that is not there, one value in two places.
        """
        rows = list(read_rows(path))
        if not rows:
            raise DataError(
                f"{path} holds no row below a header.",
                "Copy or download the taxonomy again.",
            )
        columns = rows[0].columns.keys()
        if columns >= set(FLAT):
            return _taxonomy(map(_flat, rows))
        if columns >= set(TREE):
            return _taxonomy(_leaves(rows))
        raise DataError(
            f"{path} is not a taxonomy of values: its columns are {', '.join(map(str, columns))}.",
            f"It needs {', '.join(FLAT)}; or, as a tree, {', '.join(TREE)}.",
        )

    @classmethod
    def of(cls, data: Data) -> Taxonomy:
        """The taxonomy of a run's data. Raises DataError, also where there is none."""
        return cls.read(data.file(DATASET, *FILES))

    @property
    def categories(self) -> frozenset[str]:
        """The names of the third level ("Social values", ...)."""
        return frozenset(path.l3 for path in self.places.values())

    def path(self, value: str) -> TaxonomyPlace | None:
        """(l1, l2, l3) of a value; None if the taxonomy does not have it."""
        return self.places.get(normalise(value))

    def category(self, value: str) -> str | None:
        """The third level; None, uncategorised, if the taxonomy does not have the value."""
        path = self.path(value)
        return path.l3 if path else None

    def require(self, value: str) -> TaxonomyPlace:
        """As `path`. Raises UnknownName, with near names, if the value is not there."""
        path = self.path(value)
        if path is None:
            raise UnknownName("value in the taxonomy", normalise(value) or value, self.places)
        return path


def _taxonomy(entries: Iterable[PlacedName]) -> Taxonomy:
    spelt: dict[str, PlacedName] = {}
    spellings: dict[str, list[PlacedName]] = {}
    for entry in entries:
        # Different spellings of one name may have different places; one spelling with two is an
        # error of the file.
        first = spelt.setdefault(entry.value.casefold(), entry)
        if first.place != entry.place:
            raise broken(
                entry.row,
                f"'{entry.value}' is placed under {' > '.join(entry.place)}, but row"
                f" {first.row.number} has it under {' > '.join(first.place)}",
            )
        spellings.setdefault(_name(entry), []).append(entry)
    # `max` keeps the file's order where shares are equal.
    places = {name: max(group, key=lambda e: e.share).place for name, group in spellings.items()}
    disputed = (name for name, group in spellings.items() if len({e.place.l3 for e in group}) > 1)
    return Taxonomy(places, frozenset(disputed))


def _name(entry: PlacedName) -> str:
    name = normalise(entry.value)
    if not name:
        raise broken(entry.row, f"'{entry.value}' names no value")
    return name


def _flat(row: FileRow) -> PlacedName:
    path = TaxonomyPlace(*(_cell(row, column) for column in TaxonomyPlace._fields))
    return PlacedName(row, _cell(row, "value"), _share(row), path)


def _leaves(rows: list[FileRow]) -> Iterator[PlacedName]:
    clusters: dict[str, FileRow] = {}
    for row in rows:
        # A value's id is its name, so only clusters are looked up by id.
        if _level(row) and clusters.setdefault(_cell(row, "cluster_id"), row) is not row:
            raise broken(row, f"repeats the cluster_id '{row.columns['cluster_id']}'")
    for row in rows:
        if not _level(row):
            yield PlacedName(row, _cell(row, "name"), _share(row), _place(row, clusters))


def _place(leaf: FileRow, clusters: Mapping[str, FileRow]) -> TaxonomyPlace:
    names, below = [], leaf
    for level in range(1, LEVELS + 1):
        parent = _cell(below, "parent_cluster_id")
        above = clusters.get(parent)
        if above is None or _level(above) != level:
            raise broken(below, f"its parent '{parent}' is not a cluster of level {level}")
        names.append(_cell(above, "name"))
        below = above
    return TaxonomyPlace(*names)


def _level(row: FileRow) -> int:
    level = str(row.columns.get("level", "")).strip().removesuffix(".0")
    if level not in map(str, range(LEVELS + 1)):
        raise broken(row, f"'level' is '{level}', not a number from 0 to {LEVELS}")
    return int(level)


def _cell(row: FileRow, column: str) -> str:
    cell = row.columns.get(column)
    text = "" if cell is None else str(cell).strip()
    if not text:
        raise broken(row, f"has no '{column}'")
    return text


def _share(row: FileRow) -> float:
    text = _cell(row, "pct_total_occurrences")
    try:
        share = float(text)
    except ValueError:
        share = math.nan
    if not 0 <= share <= 100:
        raise broken(row, f"'pct_total_occurrences' is '{text}', not a percentage")
    return share
