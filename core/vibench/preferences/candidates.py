"""Values that qualify for a subset (paper, section 4, "Chosen Values and Subsets")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vibench.errors import UnknownName
from vibench.preferences.subsets import SubsetCounts
from vibench.preferences.taxonomy import Taxonomy

__all__ = ["CATEGORIES", "MINIMUM", "Candidate", "candidates"]

MINIMUM: Final = 500
"""Pairs that a value needs (the paper's first criterion)."""

CATEGORIES: Final = ("Social values", "Protective values", "Personal values")
"""The paper's third criterion."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One value against the criteria.

    `total` pairs hold it on exactly one side (`chosen` and `rejected` say which), `both` on
    both; `unscored` pairs are those of which that is not known. `category` is None if the
    taxonomy does not have the value. `unmet` says in words which criteria it fails.
    """

    value: str
    chosen: int
    rejected: int
    total: int
    both: int
    unscored: int
    category: str | None
    unmet: tuple[str, ...]

    @property
    def qualifies(self) -> bool:
        """True if it meets every criterion."""
        return not self.unmet


def candidates(
    counts: Mapping[str, SubsetCounts],
    taxonomy: Taxonomy,
    minimum: int = MINIMUM,
    categories: Sequence[str] = CATEGORIES,
) -> list[Candidate]:
    """Every value of `counts` against the paper's criteria, the largest subset first.

    They are: at least `minimum` pairs, each with the value on exactly one side, and one of
    `categories` in the taxonomy. Raises UnknownName for a category that nothing has.
    """
    for category_name in categories:
        if category_name not in taxonomy.categories.union(CATEGORIES):
            raise UnknownName("category of values", category_name, taxonomy.categories)
    eligible = []
    for value, count in counts.items():
        category = taxonomy.category(value)
        lacks = _missing(count, category, minimum, categories)
        eligible.append(
            Candidate(
                value=value,
                chosen=count.chosen,
                rejected=count.rejected,
                total=count.total,
                both=count.both,
                unscored=count.unscored,
                category=category,
                unmet=lacks,
            )
        )
    return sorted(eligible, key=lambda c: (-c.total, c.value))


def _missing(
    count: SubsetCounts, category: str | None, minimum: int, categories: Sequence[str]
) -> tuple[str, ...]:
    reasons = []
    if count.total < minimum:
        reasons.append(f"{count.total} pairs, fewer than {minimum}")
    if category is None:
        reasons.append("not in the taxonomy")
    elif category not in categories:
        reasons.append(f"category {category}")
    return tuple(reasons)
