"""A person's own pairs: files joined in order, known by content, counted; and the words."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from vibench.data import DataFiles
from vibench.errors import DataError, SpecError
from vibench.preferences.own import OwnPairs
from vibench.preferences.pair_files import PairsFor, files_by_value, of_flag
from vibench.preferences.subset_summary import SubsetSummary
from vibench.preferences.subsets import SubsetCounts

NO_DATA = DataFiles(None, False, {})


def row(n: int, **more: Any) -> dict[str, Any]:
    return {"prompt": f"p{n}", "chosen": "yes", "rejected": "no", **more}


# --- the source ------------------------------------------------------------------------


def test_files_are_joined_in_order_and_a_pair_counts_once(
    tmp_path: Path, split: Any, write: Any
) -> None:
    first = write(tmp_path / "a/own.jsonl", [row(1), row(2), row(2)])
    second = write(tmp_path / "b/own.csv", [row(2), row(3)])
    pairs, dropped = split(OwnPairs, files=[str(first), str(second)])
    assert [(p.id, p.prompt[0].content) for p in pairs] == [
        ("own-pairs/1:1", "p1"),
        ("own-pairs/1:2", "p2"),
        ("own-pairs/2:2", "p3"),
    ]
    assert dropped == {"copy of an earlier pair": 2}
    everything, dropped = split(OwnPairs, files=[str(first), str(second)], copies="keep")
    assert ([p.prompt[0].content for p in everything], dropped) == (
        ["p1", "p2", "p2", "p2", "p3"],
        {},
    )


def test_ids_of_two_files_do_not_meet(tmp_path: Path, split: Any, write: Any) -> None:
    first = write(tmp_path / "a.jsonl", [row(1, id=0)])
    second = write(tmp_path / "b.jsonl", [row(2, id=0)])
    pairs, _ = split(OwnPairs, files=[str(first), str(second)])
    assert [p.id for p in pairs] == ["own-pairs/1/0", "own-pairs/2/0"]


def test_pairs_and_identity_do_not_depend_on_names(
    tmp_path: Path, split: Any, made: Any, write: Any
) -> None:
    here = write(tmp_path / "own.jsonl", [row(1), row(1, rejected="yes"), row(2, chosen=" ")])
    there = write(
        tmp_path / "x=1/renamed.jsonl", [row(1), row(1, rejected="yes"), row(2, chosen=" ")]
    )
    other = write(tmp_path / "other.jsonl", [row(1), row(2)])
    known = [made(OwnPairs, files=[str(p)]).identity(NO_DATA) for p in (here, there, other)]
    assert known[0] == known[1] != known[2]
    found = [split(OwnPairs, files=[str(p)]) for p in (here, there)]
    assert found[0] == found[1]
    assert found[0][1] == {"identical responses": 1, "empty response": 1}
    both = [made(OwnPairs, files=list(map(str, order))).identity(NO_DATA)
            for order in ((here, other), (other, here))]  # fmt: skip
    assert both[0] != both[1]


@pytest.mark.parametrize(
    ("name", "complaint", "cure"),
    [
        ("absent.jsonl", "no preference file", "--pairs"),
        ("a.jsonl,b.jsonl", "no preference file", "Repeat the option"),
        (".", "is a folder", "--pairs"),
        ("own.txt", "files of this kind are not read", ".jsonl"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_of_while_planning(
    tmp_path: Path, made: Any, name: str, complaint: str, cure: str
) -> None:
    (tmp_path / "own.txt").write_text("Hi")
    with pytest.raises(DataError) as error:
        made(OwnPairs, files=[str(tmp_path / name)]).identity(NO_DATA)
    assert complaint in error.value.message
    assert cure in error.value.hint


# --- what --pairs says -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value", "file"),
    [
        ("warmth=own.jsonl", "warmth", "own.jsonl"),
        ("own.jsonl", "", "own.jsonl"),
        ("warmth=runs/lr=1e-5/own.jsonl", "warmth", "runs/lr=1e-5/own.jsonl"),
        ("runs/lr=1e-5/own.jsonl", "", "runs/lr=1e-5/own.jsonl"),
        ("warmth=C:\\pairs\\own.jsonl", "warmth", "C:\\pairs\\own.jsonl"),
        ("C:\\a=b\\own.jsonl", "", "C:\\a=b\\own.jsonl"),
        (" warmth = own.jsonl ", "warmth", "own.jsonl"),
    ],
)
def test_a_value_and_a_file_are_told_apart(text: str, value: str, file: str) -> None:
    assert of_flag(text) == PairsFor(value, file)


def test_a_file_with_an_equals_sign_in_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("beta=1.jsonl").touch()
    assert of_flag("beta=1.jsonl") == PairsFor("", "beta=1.jsonl")
    Path("1.jsonl").touch()
    assert of_flag("beta=1.jsonl") == PairsFor("beta", "1.jsonl")


@pytest.mark.parametrize("text", ["=own.jsonl", "warmth=", ""])
def test_a_flag_without_a_part_is_refused(text: str) -> None:
    with pytest.raises(SpecError, match="VALUE=FILE"):
        of_flag(text)


def test_pairs_go_to_their_values() -> None:
    said = [PairsFor("a", "1"), PairsFor("b", "2"), PairsFor("a", "3")]
    assert files_by_value(said, ()) == {"a": ("1", "3"), "b": ("2",)}
    assert files_by_value([PairsFor("", "1"), PairsFor("", "2")], ["a"]) == {"a": ("1", "2")}
    for values in ((), ("a", "b")):
        with pytest.raises(SpecError, match="does not say which value"):
            files_by_value([PairsFor("", "1")], values)
    with pytest.raises(SpecError, match="'a', which is not among") as error:
        files_by_value([PairsFor("a", "1")], ["aa", "b"])
    assert "Did you mean aa?" in error.value.hint


# --- what became of them, in words -------------------------------------------------------


def test_own_pairs_are_told_with_their_drops_and_below_the_minimum() -> None:
    summary = SubsetSummary(
        "warmth",
        SubsetCounts(0, 0, 0, 0, 0, own=16),
        500,
        "",
        {"copy of an earlier pair": 3, "identical responses": 2},
        {"identical responses": "own.jsonl, row 5"},
        repaired={"answer cut before a bare 'Human'": 1},
    )
    assert summary.sentence == (
        "warmth: 16 pairs of your own, trained on as given; 5 rows left out (copy of an earlier "
        "pair: 3; identical responses: 2, the first in own.jsonl, row 5); fewer than the minimum "
        "of 500, which counts for pairs found in a source alone; rows repaired (answer cut before "
        "a bare 'Human': 1)"
    )
    assert summary.warning == ""
    assert SubsetSummary.from_record(summary.record()) == summary


def test_copies_in_the_sources_are_counted_whether_dropped_or_kept() -> None:
    """A store of before has no such counts."""
    counts = asdict(SubsetCounts(10, 1, 0, 0, 0))
    spec = {"value": "empathy", "minimum": 1}
    before = SubsetSummary.of(spec, counts).sentence
    assert "copies" not in before
    kept = SubsetSummary.of(spec, {**counts, "dropped": {}, "copies": 1545})
    assert kept.sentence == f"{before}; copies of earlier pairs were kept: 1,545 of those read"
    dropped = SubsetSummary.of(spec, {**counts, "dropped": {"copy of an earlier pair": 1545}})
    assert dropped.sentence == f"{before}; copies of earlier pairs were dropped: 1,545 rows"


@pytest.mark.parametrize(("flipped", "loud"), [(0, False), (10, False), (11, True), (90, True)])
def test_above_a_tenth_flipped_there_is_a_warning(flipped: int, loud: bool) -> None:
    counts = SubsetCounts(100 - flipped, flipped, 3, 4, 5)
    summary = SubsetSummary("empathy", counts, 1, "rules")
    assert summary.sentence == (
        f"empathy: 100 pairs found in the sources, {100 - flipped} as given and {flipped} flipped; "
        "12 left out (3 with the value on both sides, 4 on neither, 5 unscored)"
    )
    assert bool(summary.warning) is loud
    if loud:
        assert summary.warning.startswith(
            f"{flipped} % of the pairs for empathy ({flipped} of 100)"
        )
        assert "--pairs empathy=FILE" in summary.warning


def test_the_minimum_holds_for_what_is_looked_for_alone() -> None:
    assert SubsetCounts(0, 0, 0, 0, 0, own=1).suffices(500)
    assert not SubsetCounts(0, 0, 0, 0, 0, own=0).suffices(1)
    assert not SubsetCounts(250, 249, 0, 0, 0).suffices(500)
    assert SubsetCounts(250, 250, 0, 0, 0).suffices(500)
