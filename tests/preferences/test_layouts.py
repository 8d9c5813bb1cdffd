"""The published sets out of a folder: laid out as on the hub, and as CSV or Parquet."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vibench.errors import DataError
from vibench.interfaces import Source
from vibench.preferences.conversation import BARE_MARKER, cut
from vibench.preferences.published_sets import HHRLHF, HelpSteer2, PKUSafeRLHF, UltraFeedback
from vibench.records import Message

Rows = list[dict[str, Any]]


def hh(word: str) -> Rows:
    start = "\n\nHuman: Hi\n\nAssistant:"
    return [{"chosen": f"{start} {word}", "rejected": f"{start} no"}]


def pku(word: str) -> Rows:
    """With the hub's fields that count, and one that does not."""
    ids = {"better_response_id": 0, "safer_response_id": 1, "is_response_0_safe": False}
    return [{"prompt": "Hi", "response_0": "no", "response_1": word, **ids}]


def ultrafeedback(word: str) -> Rows:
    def side(text: str) -> list[dict[str, str]]:
        return [{"content": "Hi", "role": "user"}, {"content": text, "role": "assistant"}]

    sides = {"chosen": side(word), "rejected": side("no"), "messages": side(word)}
    return [{"prompt": "Hi", "prompt_id": "1", **sides, "score_chosen": 8.5, "score_rejected": 1.0}]


def helpsteer2(word: str) -> Rows:
    row = {"prompt": "Hi", "correctness": 3, "coherence": 4, "complexity": 1, "verbosity": 1}
    responses = (("no", 1), (word, 4))
    return [{**row, "response": text, "helpfulness": score} for text, score in responses]


SETS: dict[type[Source], tuple[str, Any]] = {
    HHRLHF: ("hh_rlhf", hh),
    PKUSafeRLHF: ("pku_saferlhf", pku),
    UltraFeedback: ("ultrafeedback", ultrafeedback),
    HelpSteer2: ("helpsteer2", helpsteer2),
}
PARTS = ("harmless-base", "helpful-base", "helpful-online", "helpful-rejection-sampled")
ALPACAS = ("Alpaca-7B", "Alpaca2-7B", "Alpaca3-8B")
SHARD = "00000-of-00001.parquet"


@pytest.mark.parametrize(
    ("kind", "train", "others"),
    [
        (
            HHRLHF,
            [f"{part}/train.jsonl.gz" for part in PARTS],
            [f"{part}/test.jsonl.gz" for part in PARTS],
        ),
        (
            PKUSafeRLHF,
            [f"data/{part}/train.jsonl" for part in ALPACAS],
            [f"data/{part}/test.jsonl" for part in ALPACAS],
        ),
        (
            UltraFeedback,
            [f"data/train_prefs-{SHARD}"],
            [f"data/{part}-{SHARD}" for part in ("test_prefs", "train_sft", "train_gen")],
        ),
        (HelpSteer2, ["train.jsonl.gz"], ["validation.jsonl.gz"]),
        # How the hub converts any set.
        (HHRLHF, ["default/train/0000.parquet"], ["default/test/0000.parquet"]),
        (UltraFeedback, ["default/train_prefs/0000.parquet"], ["default/train_sft/0000.parquet"]),
        (PKUSafeRLHF, [f"data/train-{SHARD}"], [f"data/test-{SHARD}"]),
        (HelpSteer2, ["training_data/train.csv"], ["training_data/test.csv"]),
    ],
)
def test_the_training_split_of_the_hubs_layout_is_read(
    tmp_path: Path, split: Any, write: Any, kind: type[Source], train: list[str], others: list[str]
) -> None:
    folder, rows = SETS[kind]
    for name in train + others:
        write(tmp_path / folder / name, rows(name))
    # What else the hub's folders hold.
    for name in ("dataset_infos.json", ".cache/huggingface/train.json", "README.md"):
        path = tmp_path / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}", encoding="utf-8")
    write(tmp_path / folder / "red-team-attempts/red_team_attempts.jsonl.gz", [{"transcript": ""}])
    pairs, dropped = split(kind, tmp_path)
    assert [p.chosen for p in pairs] == train
    assert not dropped
    assert all(len(p.prompt) == 1 and p.prompt[0].content == "Hi" for p in pairs)
    assert {p.rejected for p in pairs} == {"no"}


@pytest.mark.parametrize("form", ["csv", "csv.gz", "tsv", "parquet", "jsonl", "jsonl.gz", "json"])
@pytest.mark.parametrize("kind", SETS)
def test_each_set_reads_any_form(
    tmp_path: Path, split: Any, write: Any, kind: type[Source], form: str
) -> None:
    """In CSV, numbers are text, and lists of messages are JSON text."""
    folder, rows = SETS[kind]
    write(tmp_path / folder / f"train.{form}", rows("one") + rows("two"))
    pairs, dropped = split(kind, tmp_path)
    assert ([(p.chosen, p.rejected) for p in pairs], dropped) == (
        [("one", "no"), ("two", "no")],
        {},
    )


def test_another_split_is_read_by_its_name(tmp_path: Path, split: Any, write: Any) -> None:
    for name in ("train.jsonl.gz", "validation.jsonl.gz"):
        write(tmp_path / "helpsteer2" / name, helpsteer2(name))
    ((pair,), _) = split(HelpSteer2, tmp_path, split="validation")
    assert pair.chosen == "validation.jsonl.gz"
    with pytest.raises(DataError, match=r"no table of the split 'test'.*validation.jsonl") as error:
        split(HelpSteer2, tmp_path, split="test")
    assert "--set helpsteer2.split=NAME" in error.value.hint


def test_what_is_there_is_read_where_nothing_is_called_train(
    tmp_path: Path, split: Any, write: Any
) -> None:
    write(tmp_path / "hh_rlhf/constrained.jsonl", hh("a"))
    write(tmp_path / "hh_rlhf/test.jsonl", hh("b"))
    pairs, _ = split(HHRLHF, tmp_path)
    assert [p.chosen for p in pairs] == ["a", "b"]
    write(tmp_path / "hh_rlhf/mine_train1000.jsonl", hh("c"))
    assert [p.chosen for p in split(HHRLHF, tmp_path)[0]] == ["c"]


def test_a_glob_says_which_files(tmp_path: Path, split: Any, write: Any) -> None:
    for name in ("train.jsonl", "more/extra.jsonl"):
        write(tmp_path / "hh_rlhf" / name, hh(name))
    ((pair,), _) = split(HHRLHF, tmp_path, files="more/*")
    assert pair.chosen == "more/extra.jsonl"
    assert pair.id == "hh-rlhf/more/extra.jsonl:1"
    with pytest.raises(DataError, match=r"has no table that matches \*\.csv"):
        split(HHRLHF, tmp_path, files="*.csv")
    with pytest.raises(DataError, match="is not a glob of files"):
        split(HHRLHF, tmp_path, files="/absolute/*")


@pytest.mark.parametrize("kind", SETS)
def test_limit_counts_pairs_over_all_files(
    tmp_path: Path, split: Any, write: Any, kind: type[Source]
) -> None:
    """Nothing after the last pair is read: the second file's rows would be refused."""
    folder, rows = SETS[kind]
    write(tmp_path / folder / "train-0.jsonl", rows("one"))
    write(tmp_path / folder / "train-1.jsonl", [*rows("two"), {"broken": True}])
    assert [p.chosen for p in split(kind, tmp_path, limit=1)[0]] == ["one"]
    assert [p.chosen for p in split(kind, tmp_path, limit=2)[0]] == ["one", "two"]
    with pytest.raises(DataError, match=r"train-1.jsonl, row \d: has no"):
        split(kind, tmp_path, limit=3)


def test_a_folder_without_the_set_is_named(tmp_path: Path, split: Any, write: Any) -> None:
    with pytest.raises(DataError, match="has no folder 'hh_rlhf'") as error:
        split(HHRLHF, tmp_path)
    assert "--data" in error.value.hint
    (tmp_path / "hh_rlhf").mkdir()
    with pytest.raises(DataError, match="hh_rlhf has no table"):
        split(HHRLHF, tmp_path)
    (tmp_path / "hh_rlhf/train.jsonl").touch()
    with pytest.raises(DataError, match=r"train\.jsonl holds no row"):
        split(HHRLHF, tmp_path)
    # One empty file beside another is nothing to stop for.
    write(tmp_path / "hh_rlhf/train-2.jsonl", hh("a"))
    assert len(split(HHRLHF, tmp_path)[0]) == 1


@settings(max_examples=300)
@given(st.lists(st.sampled_from(["\n\n", "Human", ":", "\n", " ", "x", "::"]), max_size=9))
def test_a_bare_marker_is_cut_as_its_pattern_says(pieces: list[str]) -> None:
    text = "".join(pieces)
    (message,) = cut((Message("assistant", text),))
    assert message.content == BARE_MARKER.sub("", text)


def test_an_answer_of_line_breaks_is_looked_through_once() -> None:
    start = time.monotonic()
    side = (Message("assistant", "\n" * 100_000 + "a"),)
    assert cut(side) is side
    assert time.monotonic() - start < 1
