"""Which values the responses of pairs express, read from stored verdicts in columns."""

from __future__ import annotations

import itertools
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibench.data import DataFiles
from vibench.errors import DataError
from vibench.interfaces import Judge, Source
from vibench.judging.rubrics import values_rubric
from vibench.plugins import Plugins
from vibench.preferences import unique_pairs
from vibench.preferences.extraction import PairValues, ValueShare
from vibench.preferences.subsets import Held, SubsetCounts
from vibench.preferences.tables import write_pairs
from vibench.preferences.values import normalise, response_messages
from vibench.records import Message, PreferencePair, Verdict
from vibench.store.record_tables import write_verdicts

Judged = tuple[str, ...] | str
"""A response's labels, or the cause for which it is unscored."""


def pair(name: str) -> PreferencePair:
    return PreferencePair(name, (Message("user", f"Ask {name}"),), f"yes {name}", f"no {name}")


def verdict(judged: Judged) -> Verdict:
    if isinstance(judged, str):
        return Verdict("values", 0, unscored=judged)
    return Verdict("values", 0, judged)


def stored(folder: Path, judged: Sequence[tuple[Judged, Judged]]) -> tuple[Path, Path]:
    """Files of pairs 0, 1, ... and of what was judged of each one's sides."""
    pairs, verdicts = folder / "pairs.parquet", folder / "verdicts.parquet"
    write_pairs(pairs, (pair(str(i)) for i in range(len(judged))))
    rows = (
        (f"{i}/{side}", verdict(one))
        for i, sides in enumerate(judged)
        for side, one in zip(("chosen", "rejected"), sides, strict=True)
    )
    write_verdicts(verdicts, rows)
    return pairs, verdicts


def expressed(folder: Path, *judged: tuple[Judged, Judged]) -> PairValues:
    return PairValues.read(*stored(folder, judged))


def test_spellings_collapse_and_a_response_counts_once(tmp_path: Path) -> None:
    found = expressed(
        tmp_path,
        (("Humour", "humor", "healthy boundaries"), ("HUMOR",)),
        (("humor",), ("Healthy-Boundary", "empathy")),
        (("open mindedness",), ()),
    )
    assert found.distribution() == [
        ValueShare("humor", chosen=2, rejected=1),
        ValueShare("healthy-boundary", chosen=1, rejected=1),
        ValueShare("empathy", chosen=0, rejected=1),
        ValueShare("open-mindedness", chosen=1, rejected=0),
    ]
    assert [share.total for share in found.distribution()] == [3, 2, 1, 1]
    assert found.written("Humour") == {"Humour": 1, "humor": 2, "HUMOR": 1}
    assert found.written("healthy boundary") == {"healthy boundaries": 1, "Healthy-Boundary": 1}
    assert found.written("never named") == {}


def test_each_pair_has_one_code_for_a_value(tmp_path: Path) -> None:
    found = expressed(
        tmp_path,
        (("humor",), ("honesty",)),
        (("honesty",), ("Humour",)),
        (("humor",), ("humor", "honesty")),
        ((), ("honesty",)),
        (("humor",), "malformed"),
        ("error: timed out", "error: refused"),
    )
    assert found.pairs == 6
    assert found.held("humor").tolist() == [
        Held.CHOSEN,
        Held.REJECTED,
        Held.BOTH,
        Held.NEITHER,
        Held.UNSCORED,
        Held.UNSCORED,
    ]
    assert found.counts("HUMOURS") == SubsetCounts(
        chosen=1, rejected=1, both=1, neither=1, unscored=2
    )
    assert found.counts("never named") == SubsetCounts(0, 0, 0, neither=4, unscored=2)


def test_unscored_responses_are_counted_by_cause_and_are_in_no_subset(tmp_path: Path) -> None:
    found = expressed(
        tmp_path,
        (("humor",), "error: timed out"),
        ("error: refused", "malformed"),
        (("humor",), ()),
    )
    assert found.unscored == {"error": 2, "malformed": 1}
    assert found.counts("humor") == SubsetCounts(1, 0, 0, 0, unscored=2)
    assert found.distribution() == [ValueShare("humor", chosen=2, rejected=0)]


def test_labels_of_an_unscored_verdict_mean_nothing(tmp_path: Path) -> None:
    pairs, verdicts = stored(tmp_path, [((), ())])
    rows = [
        ("0/chosen", Verdict("values", 0, ("humor",), "off-list")),
        ("0/rejected", Verdict("values", 0, ("honesty",))),
    ]
    write_verdicts(verdicts, rows)
    found = PairValues.read(pairs, verdicts)
    assert found.distribution() == [ValueShare("honesty", 0, 1)]
    assert found.written("humor") == {}
    assert found.all_counts() == {"honesty": SubsetCounts(0, 0, 0, 0, unscored=1)}


def test_a_label_without_a_letter_names_no_value(tmp_path: Path) -> None:
    found = expressed(tmp_path, (("—", "humor"), ("!",)))
    assert list(found.names) == ["humor"]
    assert found.counts("humor") == SubsetCounts(1, 0, 0, 0, 0)
    assert found.counts("!") == SubsetCounts(0, 0, 0, neither=1, unscored=0)


@pytest.mark.parametrize("judged", [[], [("empty", "empty")], [((), ())]])
def test_nothing_named_is_an_answer(tmp_path: Path, judged: list[tuple[Judged, Judged]]) -> None:
    found = expressed(tmp_path, *judged)
    assert (found.pairs, found.distribution(), found.all_counts()) == (len(judged), [], {})
    assert sum(found.unscored.values()) == 2 * judged.count(("empty", "empty"))


# -- files that do not belong together


def test_verdicts_of_other_pairs_are_refused(tmp_path: Path) -> None:
    pairs, verdicts = stored(tmp_path, [((), ()), ((), ())])
    names = ["0/chosen", "0/rejected", "1/rejected", "1/chosen"]
    write_verdicts(verdicts, ((name, verdict(())) for name in names))
    with pytest.raises(DataError, match=r"row 3: is of '1/rejected' where .* has '1/chosen'"):
        PairValues.read(pairs, verdicts)


def test_a_missing_verdict_is_refused(tmp_path: Path) -> None:
    pairs, verdicts = stored(tmp_path, [((), ()), ((), ())])
    write_verdicts(verdicts, [("0/chosen", verdict(())), ("0/rejected", verdict(()))])
    with pytest.raises(DataError, match="2 verdicts for the 4 responses"):
        PairValues.read(pairs, verdicts)


@pytest.mark.parametrize("which", [0, 1])
def test_a_damaged_or_absent_file_is_named(tmp_path: Path, which: int) -> None:
    paths = stored(tmp_path, [(("humor", "honesty"), ("empathy",))] * 500)
    content = paths[which].read_bytes()
    paths[which].write_bytes(content[:-20])
    with pytest.raises(DataError, match=paths[which].name):
        PairValues.read(*paths)
    paths[which].unlink()
    with pytest.raises(DataError, match=paths[which].name):
        PairValues.read(*paths)


# -- against the plain definition

LABELS = ["humor", "Humour", "humors", "honesty", "HONESTY", "open mindedness", "open-mindedness"]
responses: st.SearchStrategy[Judged] = st.one_of(
    st.sampled_from(["error: timed out", "error", "malformed"]),
    st.lists(st.sampled_from(LABELS), max_size=4).map(tuple),
)


def names_of(judged: Judged) -> frozenset[str] | None:
    return None if isinstance(judged, str) else frozenset(map(normalise, judged))


def code(sides: tuple[Judged, Judged], value: str) -> Held:
    """The definition, a pair at a time."""
    chosen, rejected = map(names_of, sides)
    if chosen is None or rejected is None:
        return Held.UNSCORED
    return Held((value in chosen) + 2 * (value in rejected))


@given(st.lists(st.tuples(responses, responses), max_size=12))
def test_codes_counts_and_shares_are_those_of_the_definition(
    judged: list[tuple[Judged, Judged]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = expressed(Path(folder), *judged)
    named = [n for n in map(names_of, itertools.chain(*judged)) if n is not None]
    values = frozenset[str]().union(*named)
    assert list(found.names) == sorted(values)
    for value in [*values, "never named"]:
        codes = [code(sides, value) for sides in judged]
        assert found.held(value).tolist() == codes
        assert found.counts(value) == told(Counter(codes))
    assert found.all_counts() == {value: found.counts(value) for value in values}
    shares = [
        ValueShare(v, *(sum(v in (names_of(s[i]) or ()) for s in judged) for i in (0, 1)))
        for v in values
    ]
    assert found.distribution() == sorted(shares, key=lambda s: (-s.total, s.value))
    causes = Counter(one.partition(":")[0] for one in itertools.chain(*judged) if type(one) is str)
    assert found.unscored == causes
    labels = Counter(
        label for one in itertools.chain(*judged) if not isinstance(one, str) for label in one
    )
    assert sum((found.written(value) for value in values), Counter[str]()) == labels


def told(codes: Mapping[Held, int]) -> SubsetCounts:
    return SubsetCounts(
        codes.get(Held.CHOSEN, 0),
        codes.get(Held.REJECTED, 0),
        codes.get(Held.BOTH, 0),
        codes.get(Held.NEITHER, 0),
        codes.get(Held.UNSCORED, 0),
    )


# -- real rows


@pytest.mark.parametrize("source", ["hh-rlhf", "ultrafeedback", "pku-saferlhf"])
def test_real_responses_have_the_values_that_the_rules_judge_says(
    source: str, real_data: Path, plugins: Plugins, tmp_path: Path
) -> None:
    judge: Judge = plugins.build("judge", "rules", {})
    rows: Source = plugins.build("source", source, {})
    items = unique_pairs(rows, DataFiles(real_data, embedded=False, datasets={}))
    pairs = list(itertools.islice((i for i in items if isinstance(i, PreferencePair)), 200))
    verdicts = {
        f"{p.id}/{side}": judge.decide(values_rubric(response_messages(p, side)))
        for p in pairs
        for side in ("chosen", "rejected")
    }
    write_pairs(tmp_path / "pairs", pairs)
    write_verdicts(tmp_path / "verdicts", verdicts.items())
    found = PairValues.read(tmp_path / "pairs", tmp_path / "verdicts")
    shares = found.distribution()
    assert len(shares) > 3
    assert sum(s.total for s in shares) == sum(len(v.labels) for v in verdicts.values())
    for share in shares:
        counts = found.counts(share.value)
        assert counts.total + counts.both + counts.neither == len(pairs)
        both = [
            all(share.value in verdicts[f"{p.id}/{side}"].labels for side in ("chosen", "rejected"))
            for p in pairs
        ]
        assert counts.both == sum(both)
        assert counts.total == share.total - 2 * sum(both)
