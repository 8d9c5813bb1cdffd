"""Value subsets (paper, section 4) and pairs as Parquet."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vibench.data import DataFiles
from vibench.errors import DataError
from vibench.interfaces import Judge, Source
from vibench.judging.rubrics import values_rubric
from vibench.plugins import Plugins
from vibench.preferences import unique_pairs
from vibench.preferences.extraction import PairValues, write_subset
from vibench.preferences.subsets import SubsetCounts, too_small
from vibench.preferences.tables import GROUP, read_pairs, write_pairs
from vibench.preferences.values import normalise, response_messages
from vibench.records import Dropped, Message, PreferencePair, Verdict
from vibench.store.record_tables import write_verdicts

SIDES = ("chosen", "rejected")

Labels = tuple[str, ...] | None
"""What a judge wrote of a response; None if that is unscored."""


def pair(name: str) -> PreferencePair:
    prompt = (Message("system", "Be brief."), Message("user", f"Ask {name} ü"))
    return PreferencePair(name, prompt, f"chosen {name}", f"rejected {name}", "made up")


def flip(pair: PreferencePair) -> PreferencePair:
    return replace(pair, chosen=pair.rejected, rejected=pair.chosen)


def subset(
    judged: Sequence[tuple[PreferencePair, Labels, Labels]], value: str
) -> Iterator[PreferencePair]:
    """The definition (paper, section 4), a pair at a time."""
    for pair, *sides in judged:
        if any(labels is None for labels in sides):
            continue
        chosen, rejected = (value in map(normalise, labels or ()) for labels in sides)
        if chosen and not rejected:
            yield pair
        elif rejected and not chosen:
            yield flip(pair)


def source(
    folder: Path, judged: Sequence[tuple[PreferencePair, Labels, Labels]]
) -> tuple[Path, PairValues]:
    """A source's pairs as they are stored, with what its responses express."""
    folder.mkdir(exist_ok=True)
    pairs, verdicts = folder / "pairs.parquet", folder / "verdicts.parquet"
    write_pairs(pairs, (p for p, *_ in judged))
    write_verdicts(
        verdicts,
        (
            (
                f"{p.id}/{side}",
                Verdict("values", 0, labels or (), "error" if labels is None else None),
            )
            for p, *sides in judged
            for side, labels in zip(SIDES, sides, strict=True)
        ),
    )
    return pairs, PairValues.read(pairs, verdicts)


def test_exactly_one_side_holds_the_value_and_ends_up_chosen(tmp_path: Path) -> None:
    honest, none = ("Honesty", "humor"), ("humor",)
    one = source(
        tmp_path / "one",
        [
            (pair("kept"), honest, none),
            (pair("turned"), none, honest),
            (pair("both"), honest, honest),
        ],
    )
    other = source(
        tmp_path / "other",
        [
            (pair("neither"), none, ()),
            (pair("half"), honest, None),
            (pair("turned too"), (), honest),
        ],
    )
    told: list[tuple[int, int, str]] = []
    counts = write_subset(tmp_path / "subset", [one, other], "Honesty", lambda *at: told.append(at))
    assert list(read_pairs(tmp_path / "subset")) == [
        pair("kept"),
        flip(pair("turned")),
        flip(pair("turned too")),
    ]
    assert counts == SubsetCounts(chosen=1, rejected=2, both=1, neither=1, unscored=1)
    assert counts.total == 3
    assert told == [(0, 6, "pairs"), (3, 6, "pairs")]


judgements: st.SearchStrategy[Labels] = st.sampled_from(
    [None, (), ("humor",), ("Humour", "honesty"), ("honesty", "honesty")]
)


@given(
    sources=st.lists(st.lists(st.tuples(judgements, judgements), max_size=8), max_size=3),
    copies=st.sampled_from([1, 1, 1, GROUP // 4]),
)
@settings(max_examples=60, deadline=None)
def test_a_subset_is_the_definition_to_the_byte(
    sources: list[list[tuple[Labels, Labels]]], copies: int
) -> None:
    number = itertools.count()
    judged = [
        [(pair(str(next(number))), *sides) for _ in range(copies) for sides in one]
        for one in sources
    ]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        read = [source(folder / str(i), one) for i, one in enumerate(judged)]
        for value in ("humor", "honesty", "never named"):
            written, defined = folder / value, folder / f"{value} defined"
            counts = write_subset(written, read, value)
            expected = list(subset([j for one in judged for j in one], value))
            assert list(read_pairs(written)) == expected
            write_pairs(defined, expected)
            assert written.read_bytes() == defined.read_bytes()
            assert counts.total == len(expected)
            everything = counts.total + counts.both + counts.neither + counts.unscored
            assert everything == sum(map(len, judged))


@given(st.lists(st.tuples(judgements, judgements), max_size=8))
def test_flipping_the_pairs_changes_no_subset(held: list[tuple[Labels, Labels]]) -> None:
    judged = [(pair(str(i)), *sides) for i, sides in enumerate(held)]
    turned = [(flip(p), rejected, chosen) for p, chosen, rejected in judged]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        c = write_subset(folder / "a", [source(folder / "one", judged)], "humor")
        d = write_subset(folder / "b", [source(folder / "other", turned)], "humor")
        assert (folder / "a").read_bytes() == (folder / "b").read_bytes()
    assert (c.chosen, c.rejected) == (d.rejected, d.chosen)
    assert (c.both, c.neither, c.unscored) == (d.both, d.neither, d.unscored)


def test_real_subsets_are_the_definition(real_data: Path, plugins: Plugins, tmp_path: Path) -> None:
    judge: Judge = plugins.build("judge", "rules", {})
    rows: Source = plugins.build("source", "hh-rlhf", {})
    items = unique_pairs(rows, DataFiles(real_data, embedded=False, datasets={}))
    pairs = itertools.islice((i for i in items if isinstance(i, PreferencePair)), 300)
    judged: list[tuple[PreferencePair, Labels, Labels]] = [
        (p, *(judge.decide(values_rubric(response_messages(p, side))).labels for side in SIDES))
        for p in pairs
    ]
    read_back = [source(tmp_path / "source", judged)]
    for value in ("honesty", "curiosity", "legality"):
        counts = write_subset(tmp_path / value, read_back, value)
        found = list(read_pairs(tmp_path / value))
        assert found == list(subset(judged, value))
        assert counts.chosen > 0
        assert counts.rejected > 0


def test_pairs_that_were_not_judged_are_refused(tmp_path: Path) -> None:
    pairs, expressed = source(tmp_path / "source", [(pair("a"), ("humor",), ())])
    for others in ([], [pair("a"), pair("b")]):
        write_pairs(pairs, others)
        with pytest.raises(DataError, match=f"has {len(others)} pairs, and the values of 1"):
            write_subset(tmp_path / "subset", [(pairs, expressed)], "humor")


def test_counts_of_several_sources_add_up() -> None:
    assert SubsetCounts(1, 2, 3, 4, 5) + SubsetCounts(10, 20, 30, 40, 50) == SubsetCounts(
        11, 22, 33, 44, 55
    )


def test_a_small_subset_says_how_small_and_what_to_do() -> None:
    error = too_small("humor", SubsetCounts(2, 1, 5, 90, 4), minimum=50)
    assert "Only 3 preference pairs express humor on exactly one side" in error.message
    assert "at least 50" in error.message
    assert "4 could not be scored" in error.message
    assert "another judge" in error.hint
    empty = too_small("humor", SubsetCounts(0, 0, 0, 90, 0), minimum=50)
    assert "no preference pair" in empty.message
    assert "another judge" not in empty.hint


def test_pairs_come_back_as_they_were_over_several_row_groups(tmp_path: Path) -> None:
    path = tmp_path / "pairs.parquet"
    pairs = [pair(str(i)) for i in range(GROUP + 10)]
    counts = write_pairs(path, [*pairs, Dropped("x, row 1", "tie"), Dropped("x, row 9", "tie")])
    assert (counts.pairs, counts.dropped) == (GROUP + 10, {"tie": 2})
    assert list(read_pairs(path)) == pairs


def test_no_pairs_are_a_table_too(tmp_path: Path) -> None:
    path = tmp_path / "pairs.parquet"
    assert write_pairs(path, []).pairs == 0
    assert list(read_pairs(path)) == []


def test_equal_pairs_are_equal_bytes(tmp_path: Path) -> None:
    write_pairs(tmp_path / "one", [pair("a"), pair("b")])
    write_pairs(tmp_path / "two", iter([pair("a"), pair("b")]))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_damaged_table_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "pairs.parquet"
    write_pairs(path, [pair("a")])
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataError, match="is not a readable table of pairs"):
        list(read_pairs(path))
    with pytest.raises(DataError, match="is not a readable table of pairs"):
        list(read_pairs(tmp_path / "absent.parquet"))
