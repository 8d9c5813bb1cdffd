"""The paper's four sets: what the real rows yield, what they drop, and each set's rule."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from vibench.errors import DataError
from vibench.preferences.published_sets import HHRLHF, HelpSteer2, PKUSafeRLHF, UltraFeedback
from vibench.records import Message


def said(*texts: str) -> tuple[Message, ...]:
    return tuple(Message(("user", "assistant")[i % 2], t) for i, t in enumerate(texts))


# -- the real rows


def test_the_test_splits_of_hh_rlhf_give_what_was_counted(real_data: Path, split: Any) -> None:
    """36, 11, 2 and 17 are the counts in the data folder's README."""
    pairs, dropped = split(HHRLHF, real_data)
    assert dropped == {
        "identical responses": 36,
        "empty response": 11,
        "odd roles: does not end on the assistant": 2,
        "transcripts part before their last turn": 17,
        "odd roles: turns do not alternate": 10,
    }
    assert len(pairs) == 8552 - 36 - 11 - 2 - 17 - 10 == 8476
    assert sum(len(p.prompt) > 1 for p in pairs) / len(pairs) == pytest.approx(0.69, abs=0.005)
    for pair in pairs:
        assert pair.prompt == said(*(m.content for m in pair.prompt))
        assert len(pair.prompt) % 2 == 1
        for side in (pair.chosen, pair.rejected):
            assert "\n\nHuman:" not in side
            assert "\n\nAssistant:" not in side


def test_the_pairs_are_cut_after_the_longest_common_prefix(real_data: Path, split: Any) -> None:
    """The README's rule, applied to the text of every row that is kept."""
    pairs, _ = split(HHRLHF, real_data)
    rows = {}
    for path in (real_data / "hh_rlhf").glob("*.jsonl.gz"):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                rows[f"hh-rlhf/{path.name}:{number}"] = json.loads(line)
    assert len(rows) == 8552
    cut = 0
    for pair in pairs:
        chosen, rejected = rows[pair.id]["chosen"], rows[pair.id]["rejected"]
        differ = (i for i, (a, b) in enumerate(zip(chosen, rejected, strict=False)) if a != b)
        shared = next(differ, min(len(chosen), len(rejected)))
        end = chosen.rindex("\n\nAssistant:", 0, shared) + len("\n\nAssistant:")
        for side, text in ((pair.chosen, chosen), (pair.rejected, rejected)):
            answer = text[end:].strip()
            assert side == answer.removesuffix("\n\nHuman").rstrip()
            cut += side != answer
        assert pair.prompt[-1].content == chosen[:end].split("\n\nHuman:")[-1][:-12].strip()
    assert cut == sum(bool(pair.repair) for pair in pairs) == 6


def test_ultrafeedback_drops_its_111_ties(real_data: Path, split: Any) -> None:
    pairs, dropped = split(UltraFeedback, real_data)
    assert dropped == {"tie": 111, "identical responses": 3, "empty response": 2}
    assert len(pairs) == 1000 - 116
    everything, _ = split(UltraFeedback, real_data, files="*")
    assert len(everything) == 1059


def test_pku_saferlhf_reads_pairs_and_rows_with_ids(real_data: Path, split: Any) -> None:
    pairs, dropped = split(PKUSafeRLHF, real_data, copies="keep")
    assert (len(pairs), dropped) == (5135 + 32, {})
    assert len({(p.prompt, p.chosen, p.rejected) for p in pairs}) == 5167 - 1545
    once, dropped = split(PKUSafeRLHF, real_data)
    assert (len(once), dropped) == (5167 - 1545, {"copy of an earlier pair": 1545})
    assert [p.id for p in once[:5]] == [p.id for p in pairs[:5]]
    assert len(split(PKUSafeRLHF, real_data, files="*full_fields*")[0]) == 32


def test_which_pku_response_is_chosen_is_a_setting(real_data: Path, split: Any) -> None:
    rows = "*full_fields*"
    safer, _ = split(PKUSafeRLHF, real_data, files=rows)
    better, _ = split(PKUSafeRLHF, real_data, files=rows, chosen="better")
    turned = [(s, b) for s, b in zip(safer, better, strict=True) if s.chosen != b.chosen]
    assert len(turned) == 19
    assert all((s.chosen, s.rejected) == (b.rejected, b.chosen) for s, b in turned)


def test_pairs_without_ids_cannot_say_which_is_more_helpful(real_data: Path, split: Any) -> None:
    with pytest.raises(DataError, match=r"pairs_5135.json.gz, row 1: has no 'better_response_id'"):
        split(PKUSafeRLHF, real_data, files="*pairs*", chosen="better")


def test_a_lone_helpsteer2_row_is_no_pair(real_data: Path, split: Any) -> None:
    assert split(HelpSteer2, real_data) == ([], {"prompt without a second response": 1})


# -- the rules, row by row

HI = "\n\nHuman: Hi\n\nAssistant:"


@pytest.mark.parametrize(
    ("chosen", "rejected", "cause"),
    [
        (f"{HI} Hey.", f"{HI} Hey.", "identical responses"),
        (f"{HI} Hey.\n\nHuman:", f"{HI} Hey.\n\nHuman:", "identical responses"),
        (f"{HI} Hey.", f"{HI}  ", "empty response"),
        (f"{HI} Hey.", f"{HI} Hello.\n\nHuman: Bye", "odd roles: does not end on the assistant"),
        (
            f"{HI} Hey.\n\nHuman: Ok\n\nAssistant: Bye.",
            f"{HI} Hello.\n\nHuman: Ok\n\nAssistant: Ciao.",
            "transcripts part before their last turn",
        ),
        (f"{HI} A.\n\nAssistant: B.", f"{HI} C.", "transcripts part before their last turn"),
        (
            "\n\nHuman: Hi\n\nHuman: Are you there?\n\nAssistant: Yes.",
            "\n\nHuman: Hi\n\nHuman: Are you there?\n\nAssistant: No.",
            "odd roles: turns do not alternate",
        ),
        (
            "\n\nAssistant: A.\n\nAssistant: B.",
            "\n\nAssistant: A.\n\nAssistant: C.",
            "does not end on the user",
        ),
        (f"{HI} Hey.\n\nHuman", f"{HI} Hey.", "identical responses"),
        (f"{HI} Hey.", f"{HI}\n\nHuman", "empty response"),
        ("no transcript", "none at all", "odd roles: turns do not alternate"),
        ("\n\nHuman: \n\nAssistant: Yes.", "\n\nHuman: \n\nAssistant: No.", "empty prompt"),
    ],
)
def test_hh_rows_that_make_no_pair_say_why(
    tmp_path: Path, split: Any, write: Any, chosen: str, rejected: str, cause: str
) -> None:
    write(tmp_path / "hh_rlhf/train.jsonl", [{"chosen": chosen, "rejected": rejected}])
    pairs, dropped = split(HHRLHF, tmp_path)
    assert not pairs
    assert sum(dropped.values()) == 1
    assert cause in next(iter(dropped))


def test_hh_prompts_of_several_turns_stay_conversations(
    tmp_path: Path, split: Any, write: Any
) -> None:
    shared = f"{HI} Hello.\n\nHuman: Bye\n\nAssistant:"
    row = {"chosen": f"{shared} Goodbye.", "rejected": f"{shared} No."}
    write(tmp_path / "hh_rlhf/train.jsonl", [row])
    ((pair,), _) = split(HHRLHF, tmp_path)
    assert pair.prompt == said("Hi", "Hello.", "Bye")
    assert (pair.chosen, pair.rejected) == ("Goodbye.", "No.")


@pytest.mark.parametrize("end", ["\n\nHuman", "\n\nHuman\n", " \n\nHuman: "])
def test_an_answer_is_cut_before_the_bare_marker_of_another_turn(
    tmp_path: Path, split: Any, write: Any, end: str
) -> None:
    row = {"prompt": "Hi", "response_0": f"Human\n\nHumans{end}", "response_1": "I am\n\nHuman."}
    row |= {"safer_response_id": 0}
    write(tmp_path / "pku_saferlhf/train.jsonl", [row])
    ((pair,), _) = split(PKUSafeRLHF, tmp_path)
    assert (pair.chosen, pair.rejected) == ("Human\n\nHumans", "I am\n\nHuman.")
    assert pair.repair == "answer cut before a bare 'Human'"


def test_ultrafeedback_sides_may_be_message_lists(tmp_path: Path, split: Any, write: Any) -> None:
    def side(text: str) -> list[dict[str, str]]:
        return [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": text}]

    row = {"prompt": "Hi", "chosen": side("Good."), "rejected": side("Bad.")}
    scored = [(8.0, 3.5), (3, 3), (2, 3)]
    rows = [{**row, "score_chosen": a, "score_rejected": b} for a, b in scored]
    write(tmp_path / "ultrafeedback/train_prefs.jsonl", rows)
    ((pair,), dropped) = split(UltraFeedback, tmp_path)
    assert (pair.prompt, pair.chosen, pair.rejected) == (said("Hi"), "Good.", "Bad.")
    assert dropped == {"tie": 1, "chosen scores lower": 1}


def test_helpsteer2_pairs_neighbouring_rows_by_helpfulness(
    tmp_path: Path, split: Any, write: Any
) -> None:
    def row(prompt: str, response: str, helpfulness: int) -> dict[str, Any]:
        return {"prompt": prompt, "response": response, "helpfulness": helpfulness}

    rows = [
        *(row("a", "worse", 1), row("a", "better", 3)),
        *(row("b", "one", 2), row("b", "two", 2)),
        row("c", "lone", 4),
        *(row("d", "best", 4), row("d", "rest", 0)),
    ]
    write(tmp_path / "helpsteer2/t.jsonl", rows)
    pairs, dropped = split(HelpSteer2, tmp_path)
    assert [(p.chosen, p.rejected) for p in pairs] == [("better", "worse"), ("best", "rest")]
    assert dropped == Counter({"tie": 1, "prompt without a second response": 1})


def test_helpsteer2_prompts_of_several_turns_become_conversations(
    tmp_path: Path, split: Any, write: Any
) -> None:
    """Its card: a turn is announced by a line `<extra_id_1>Assistant` or `<extra_id_1>User`."""
    prompt = "Hi\n<extra_id_1>Assistant\nHello.\n\nWhat now?\n<extra_id_1>User\nTell me a joke."
    rows = [{"prompt": prompt, "response": r, "helpfulness": h} for r, h in (("No.", 0), ("Ha", 4))]
    write(tmp_path / "helpsteer2/train.jsonl", rows)
    ((pair,), _) = split(HelpSteer2, tmp_path)
    assert pair.prompt == said("Hi", "Hello.\n\nWhat now?", "Tell me a joke.")
    odd = [{**row, "prompt": prompt.rpartition("\n<extra")[0]} for row in rows]
    write(tmp_path / "helpsteer2/train.jsonl", odd)
    assert split(HelpSteer2, tmp_path) == (
        [],
        {"odd roles: the prompt does not end on the user": 1},
    )
