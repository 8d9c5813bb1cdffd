"""Which values qualify for a subset (paper, section 4)."""

from __future__ import annotations

from pathlib import Path

import pytest

from vibench.data import DataFiles
from vibench.errors import UnknownName
from vibench.paper import value_data
from vibench.preferences.candidates import candidates
from vibench.preferences.subsets import SubsetCounts
from vibench.preferences.taxonomy import Taxonomy, TaxonomyPlace

TAXONOMY = Taxonomy(
    {
        "empathy": TaxonomyPlace("Understanding", "Bonds", "Social values"),
        "humor": TaxonomyPlace("Playfulness", "Pleasure", "Personal values"),
        "curiosity": TaxonomyPlace("Exploration", "Knowledge", "Epistemic values"),
    }
)


def held(chosen: int, rejected: int, both: int = 0, unscored: int = 0) -> SubsetCounts:
    return SubsetCounts(chosen, rejected, both, 1000, unscored)


def test_each_value_says_what_it_has_and_what_it_lacks() -> None:
    found = candidates(
        {
            "curiosity": held(900, 100),
            "humor": held(99, 400, both=5000, unscored=7),
            "Empathy": held(250, 250),
            "kindness": held(1, 0),
            "calm": held(0, 1),
        },
        TAXONOMY,
    )
    assert [(c.value, c.total, c.qualifies) for c in found] == [
        ("curiosity", 1000, False),
        ("Empathy", 500, True),
        ("humor", 499, False),
        ("calm", 1, False),
        ("kindness", 1, False),
    ]
    curiosity, empathy, humor, calm, _ = found
    assert curiosity.unmet == ("category Epistemic values",)
    assert (empathy.category, empathy.unmet) == ("Social values", ())
    assert humor.unmet == ("499 pairs, fewer than 500",)
    assert (humor.chosen, humor.rejected, humor.both, humor.unscored) == (99, 400, 5000, 7)
    assert calm.category is None
    assert calm.unmet == ("1 pairs, fewer than 500", "not in the taxonomy")


def test_the_criteria_can_be_others() -> None:
    counts = {"curiosity": held(9, 1), "empathy": held(9, 1)}
    found = candidates(counts, TAXONOMY, minimum=10, categories=("Epistemic values",))
    assert [(c.value, c.qualifies) for c in found] == [("curiosity", True), ("empathy", False)]


def test_a_category_that_nothing_has_is_an_error() -> None:
    with pytest.raises(UnknownName, match=r"category of values called 'Socal values'.*Social"):
        candidates({}, TAXONOMY, categories=("Socal values",))


def test_of_the_papers_15_values_curiosity_alone_is_of_another_category(real_data: Path) -> None:
    """The paper names it among its values all the same; the taxonomy calls it epistemic."""
    sizes = value_data().subsets
    counts = {value: held(size.chosen, size.rejected) for value, size in sizes.items()}
    found = candidates(counts, Taxonomy.of(DataFiles(real_data, False, {})))
    lacking = {c.value: c.unmet for c in found if not c.qualifies}
    assert set(lacking) == {"curiosity"}
    assert "Epistemic values" in lacking["curiosity"][0]
    assert min(found, key=lambda c: c.total).value == "violence", "637 pairs, above the minimum"
