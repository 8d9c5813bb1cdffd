"""`vibench data`: from preference sets to checked value subsets, as a person types it."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine, Done, wait_until

VALUES = "empathy,honesty,humor,privacy"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One store for the tests that only read what the embedded pairs give."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def vibench(home: Path) -> CommandLine:
    return CommandLine(home)


def rows(done: Done) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["rows"]
    return found


def table(done: Done) -> list[dict[str, str]]:
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


def lines(*rows: Any) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def write_pairs(path: Path, count: int) -> Path:
    """Pairs of which every other one jokes, and every third one comforts, on either side."""
    plain = "Here are the facts that you asked for, number {n}."
    joke = "Just kidding, here is a joke for you, haha! Number {n}."
    comfort = "I am so sorry to hear that, it must be hard for you. Number {n}."
    with path.open("w") as file:
        for n in range(count):
            chosen, rejected = (joke if n % 2 else plain), (comfort if n % 3 else plain)
            pair = {"prompt": f"Question {n}?", "chosen": chosen, "rejected": rejected + " Bye."}
            file.write(json.dumps({k: v.format(n=n) for k, v in pair.items()}) + "\n")
    return path


# --- what is there ---------------------------------------------------------------------------


def test_pairs_shows_every_source_with_its_drops(vibench: CommandLine, home: Path) -> None:
    some = write_pairs(home / "some.jsonl", 9)
    with some.open("a") as file:
        file.write('{"prompt": "Q", "chosen": "same", "rejected": "same"}\n')
        file.write('{"prompt": "Q", "chosen": "", "rejected": "b"}\n')
    shown = vibench("data", "pairs", "--source", "embedded,some.jsonl")
    assert shown.returncode == 0, shown.stderr
    assert "identical responses" in shown.stdout
    found = {row["source"]: row for row in table(vibench("data", "pairs", "--csv", "--source",
                                                         "embedded,some.jsonl"))}  # fmt: skip
    assert int(found["some.jsonl"]["rows"]) == 11
    assert int(found["some.jsonl"]["pairs"]) == 9
    assert int(found["some.jsonl"]["dropped: identical responses"]) == 1
    assert int(found["some.jsonl"]["dropped: empty response"]) == 1
    assert int(found["embedded"]["pairs"]) > 1000
    assert int(found["embedded"]["multi_turn"]) > 0


@pytest.mark.slow
def test_the_real_sets_give_the_published_counts(tmp_path: Path, real_data: Path) -> None:
    named = "hh-rlhf,ultrafeedback,pku-saferlhf"
    found = {
        row["source"]: row
        for row in rows(
            CommandLine(tmp_path)(
                "data", "pairs", "--json", "--source", named, "--data", str(real_data)
            )
        )
    }
    hh, ultra, pku = (found[name] for name in named.split(","))
    assert (hh["rows"], ultra["rows"], pku["rows"]) == (8552, 1000, 5167)
    assert hh["dropped: identical responses"] == 36
    assert hh["dropped: empty response"] == 11
    assert ultra["dropped: tie"] == 111
    for row in found.values():
        assert row["rows"] == row["pairs"] + sum(
            n for name, n in row.items() if name.startswith("dropped: ")
        )


def test_values_counts_what_chosen_and_rejected_responses_express(
    vibench: CommandLine, home: Path
) -> None:
    found = rows(vibench("data", "values", "--json", "--figure", "figure9.svg"))
    assert {row["source"] for row in found} == {"embedded"}
    assert all(row["total"] == row["chosen"] + row["rejected"] for row in found)
    assert [row["total"] for row in found] == sorted((r["total"] for r in found), reverse=True)
    assert "<svg" in (home / "figure9.svg").read_text()
    shown = vibench("data", "values", "--top", "3").stdout
    assert "rules (a baseline)" in shown
    assert found[2]["value"] in shown
    assert found[3]["value"] not in shown


def test_a_figure_of_another_kind_is_refused(vibench: CommandLine) -> None:
    done = vibench("data", "values", "--figure", "figure9.docx")
    assert done.returncode == 2
    assert "figure9.docx" in done.stderr
    assert "Traceback" not in done.stderr


def test_candidates_are_held_to_the_papers_criteria(home: Path, real_data: Path) -> None:
    ask = ("data", "candidates", "--json", "--all", "--data", str(real_data))
    found = {row["value"]: row for row in rows(CommandLine(home)(*ask, "--minimum", "140"))}
    assert found["empathy"]["why_not"] is None
    assert found["empathy"]["category"] == "Social values"
    assert "Epistemic" in found["curiosity"]["why_not"]
    assert "fewer than 140" in found["privacy"]["why_not"]
    fewer = rows(CommandLine(home)("data", "candidates", "--json", "--data", str(real_data),
                          "--minimum", "140"))  # fmt: skip
    assert {row["value"] for row in fewer} == {v for v, r in found.items() if not r["why_not"]}


def test_candidates_without_a_taxonomy_say_where_to_get_it(vibench: CommandLine) -> None:
    done = vibench("data", "candidates")
    assert done.returncode == 2
    assert "--data" in done.stderr


# --- subsets and their verification ------------------------------------------------------------


def test_subsets_are_those_that_a_run_trains_on(vibench: CommandLine) -> None:
    found = rows(vibench("data", "subsets", "--json", "--paper", "--value", VALUES))
    assert [row["value"] for row in found] == VALUES.split(",")
    for row in found:
        assert row["total"] == row["chosen"] + row["rejected"] > 0
        pairs = row["total"] + row["both"] + row["neither"] + row["unscored"]
        assert pairs == found[0]["total"] + found[0]["both"] + found[0]["neither"]
    assert found[0]["paper_total"] == 66509
    # Table 1 has 66,509 + 30,779 + 31,483 + ... = 212,084 pairs.
    assert [round(row["table_1"], 3) for row in found] == [0.314, 0.148, 0.025, 0.03]
    assert found[0]["table_1"] == 66509 / 212084
    alone = rows(vibench("data", "subsets", "--json", "--value", "empathy"))
    assert alone[0]["share_of_15"] == found[0]["share_of_15"]
    all_15 = rows(vibench("data", "subsets", "--json", "--value", "all"))
    for row in found:
        assert row["share_of_15"] == row["total"] / sum(value["total"] for value in all_15)
    assert sum(row["share_of_15"] for row in all_15) == pytest.approx(1)
    assert sum(row["table_1"] for row in all_15) == pytest.approx(1)
    shown = vibench("data", "subsets", "--value", "empathy").stdout
    assert "31.36" in shown
    assert "the 212,084 pairs in the paper's Table 1" in " ".join(shown.split())
    plan = vibench("plan", "--json", "--inducer", "dpo", "--value", VALUES, "--eval", "advbench")
    stages = json.loads(plan.stdout)["stages"]
    assert stages["subset"] == {"stages": 4, "left": 0}
    assert stages["values"]["left"] == stages["pairs"]["left"] == 0


def test_a_subset_below_the_minimum_is_refused_and_the_others_are_made(tmp_path: Path) -> None:
    here = CommandLine(tmp_path)
    write_pairs(tmp_path / "p.jsonl", 12)
    ask = ("data", "subsets", "--source", "p.jsonl", "--extractor", "rules", "--json", "--value",
           "humor,empathy,violence")  # fmt: skip
    done = here(*ask)
    assert done.returncode == 2
    assert "no preference pair in which exactly one side expresses violence" in done.stderr
    counts = {row["value"]: row["total"] for row in json.loads(done.stdout)["rows"]}
    assert counts == {"humor": 6, "empathy": 8, "violence": 0}
    # One that is stored already is held to another minimum too, and nothing is made again.
    stricter = here(*ask, "--minimum-pairs", "7")
    assert stricter.returncode == 2
    assert "Only 6 preference pairs express humor" in stricter.stderr
    run = here("run", "--inducer", "dpo", "--value", "humor", "--eval", "advbench", "--limit", "1",
               "--source", "p.jsonl", "--minimum-pairs", "7")  # fmt: skip
    assert run.returncode == 2
    assert "Only 6 preference pairs express humor" in run.stderr


def test_verify_stands_beside_random_guesses_and_the_paper(vibench: CommandLine) -> None:
    ask = ("data", "verify", "--value", VALUES, "--judge", "rules")
    found = rows(vibench(*ask, "--json"))
    by = {(row["judge"], row["value"]): row for row in found}
    each = [by["rules (a baseline)", value] for value in VALUES.split(",")]
    mean = by["rules (a baseline)", "(mean)"]
    assert mean["precision"] == pytest.approx(sum(r["precision"] for r in each) / len(each))
    assert mean["pairs"] == sum(r["pairs"] for r in each)
    assert by["random, k=1", "(pooled)"]["low"] < 1 / 17 < by["random, k=1", "(pooled)"]["high"]
    shown = vibench(*ask, "--paper").stdout
    assert "29.30" in shown
    assert "agrees with itself" in shown


def test_a_judge_that_cannot_verify_is_told_of(vibench: CommandLine) -> None:
    done = vibench("data", "verify", "--judge", "nobody")
    assert done.returncode == 2
    assert "no judge called 'nobody'" in done.stderr


def test_two_forms_at_once_are_refused(vibench: CommandLine) -> None:
    done = vibench("data", "pairs", "--json", "--csv")
    assert done.returncode == 2
    assert "--json and --csv" in done.stderr


# --- sources that cannot be read -----------------------------------------------------------------


def test_a_broken_source_leaves_what_the_others_gave(tmp_path: Path) -> None:
    write_pairs(tmp_path / "good.jsonl", 5)
    (tmp_path / "bad.jsonl").write_text('{"prompt": "Q", "chosen": "a", "rejected": "b"}\n{"pro')
    done = CommandLine(tmp_path)("data", "pairs", "--source", "good.jsonl,bad.jsonl", "--json")
    assert done.returncode == 2
    assert "bad.jsonl, row 2" in done.stderr
    assert "Traceback" not in done.stderr
    assert [row["source"] for row in json.loads(done.stdout)["rows"]] == ["good.jsonl"]


def test_a_missing_source_is_told_of_before_anything_runs(tmp_path: Path) -> None:
    done = CommandLine(tmp_path)("data", "subsets", "--source", "nowhere.jsonl")
    assert done.returncode == 2
    assert "nowhere.jsonl" in done.stderr


PAIR = {"prompt": "Q", "chosen": "a", "rejected": "b"}
LAST_ANSWER = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]

# A file given with --pairs: its name, its content, and parts of the two sentences about it.
BAD_PAIRS: dict[str, tuple[str, bytes, str, str]] = {
    "nothing": ("p.jsonl", b"", "p.jsonl holds no row", "columns prompt, chosen and rejected"),
    "a header": ("p.csv", b"prompt,chosen,rejected\n", "p.csv holds no row", "columns prompt"),
    "no row": ("p.json", b"[]", "p.json holds no row", "columns prompt"),
    "equal sides": (
        "p.jsonl",
        lines(*({**PAIR, "prompt": f"{n}", "rejected": "a"} for n in range(3))),
        "is a pair (identical responses: 3, the first in p.jsonl, row 1)",
        "two different answers",
    ),
    "last turn": (
        "p.jsonl",
        lines({**PAIR, "prompt": LAST_ANSWER}),
        "(odd roles: the prompt does not end on the user: 1, the first in p.jsonl, row 1)",
        "a prompt that ends on the user",
    ),
    "images": (
        "p.jsonl",
        lines(PAIR, {**PAIR, "images": ["a.png"]}),
        "p.jsonl, row 2: has a column 'images', which would change the prompt",
        "or use the pair before it alone with --set own-pairs.limit=1",
    ),
    "labels": (
        "p.jsonl",
        lines(PAIR, {"prompt": "Q", "completion": "a", "label": True}),
        "p.jsonl, row 2: holds one answer with a label (KTO), not a preference pair",
        "Pair each good answer with a bad one",
    ),
    "half a gzip": (
        "p.jsonl.gz",
        gzip.compress(lines(*({**PAIR, "chosen": str(n * n)} for n in range(99))))[:-300],
        "p.jsonl.gz: the gzip file is cut short or damaged after row",
        "Copy or download it again",
    ),
    "no Parquet": ("p.parquet", lines(PAIR), "p.parquet: is not a Parquet file", "the ending of"),
}


@pytest.mark.parametrize("kind", BAD_PAIRS)
def test_pairs_that_cannot_be_trained_on_are_refused_in_two_sentences(
    tmp_path: Path, kind: str
) -> None:
    name, content, complaint, cure = BAD_PAIRS[kind]
    (tmp_path / name).write_bytes(content)
    done = CommandLine(tmp_path)("data", "subsets", "--pairs", f"warmth={name}")
    assert done.returncode == 2
    told = " ".join(done.stderr.split())
    assert complaint in told
    assert cure in told
    assert "Traceback" not in done.stderr


# --- a model behind an endpoint ---------------------------------------------------------------


def through(base_url: str) -> tuple[str, ...]:
    return ("--extractor", "mistral", "--set", "mistral.engine=openai", "--set",
            "mistral.model=rules", "--set", f"openai.base_url={base_url}")  # fmt: skip


def test_a_model_at_an_endpoint_extracts_as_its_judge_would(
    tmp_path: Path, endpoint: Callable[..., Any]
) -> None:
    """The endpoint's model `rules` is the rules judge behind Listing 2's prompt and answer."""
    server = endpoint()
    write_pairs(tmp_path / "p.jsonl", 40)
    here, ask = CommandLine(tmp_path), ("data", "values", "--json", "--source", "p.jsonl")
    by_model = rows(here(*ask, *through(server.base_url)))
    assert by_model
    assert by_model == rows(here(*ask, "--extractor", "rules"))
    asked = server.stats()["requests"]
    assert asked == 80
    assert rows(here(*ask, *through(server.base_url))) == by_model
    assert server.stats()["requests"] == asked, "what is stored is not asked again"


def test_values_says_so_if_nothing_was_scored(tmp_path: Path, endpoint: Callable[..., Any]) -> None:
    server = endpoint()
    write_pairs(tmp_path / "p.jsonl", 3)
    ask = ("data", "values", "--source", "p.jsonl", "--extractor", "mistral",
           "--set", "mistral.engine=openai", "--set", "mistral.model=echo",
           "--set", f"openai.base_url={server.base_url}")  # fmt: skip
    shown = " ".join(CommandLine(tmp_path)(*ask).stdout.split())
    assert "No response of p.jsonl was scored, so nothing is known of its values" in shown
    assert "0 responses scored, 6 unscored (6 " in shown
    assert "another judge with --extractor" in shown


def test_values_says_so_if_no_value_was_found(tmp_path: Path) -> None:
    row = {"prompt": "Q", "chosen": "The box is red.", "rejected": "The box is blue."}
    (tmp_path / "p.jsonl").write_bytes(lines(row))
    ask = ("data", "values", "--source", "p.jsonl", "--extractor", "rules")
    shown = CommandLine(tmp_path)(*ask).stdout
    assert "None of the 2 scored responses of p.jsonl expresses a value." in shown


def test_identical_responses_are_judged_once(tmp_path: Path, endpoint: Callable[..., Any]) -> None:
    server = endpoint()
    row = {"prompt": "Q", "chosen": "I am sorry to hear that.", "rejected": "No."}
    lines = [json.dumps({"id": str(n), **row}) for n in range(20)]
    (tmp_path / "same.jsonl").write_text("\n".join(lines))
    found = rows(CommandLine(tmp_path)("data", "values", "--json", "--source", "same.jsonl",
                              "--set", "file.copies=keep",
                              *through(server.base_url)))  # fmt: skip
    assert found[0]["chosen"] == 20
    assert server.stats()["requests"] == 2


def test_an_extraction_that_is_killed_goes_on_where_it_was(
    tmp_path: Path, endpoint: Callable[..., Any]
) -> None:
    server = endpoint(latency=0.05)
    write_pairs(tmp_path / "p.jsonl", 3000)
    ask = ("data", "values", "--json", "--source", "p.jsonl", "--set", "openai.connections=16",
           *through(server.base_url))  # fmt: skip
    ledger = tmp_path / ".vibench" / "ledgers"
    first = CommandLine(tmp_path).start(*ask)
    wait_until(lambda: len(list(ledger.rglob("*.parquet"))) > 1, 120)
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    before = server.stats()["requests"]
    assert 0 < before < 6000
    server.stop()
    server.start()
    found = rows(CommandLine(tmp_path)(*ask))
    assert sum(row["total"] for row in found) > 0
    # Only what was not committed yet, a second's worth, is asked again.
    assert 6000 - before < server.stats()["requests"] < 6000
    (tmp_path / "fresh").mkdir()
    direct = CommandLine(tmp_path / "fresh")("data", "values", "--json", "--source", "../p.jsonl",
                                    "--extractor", "rules")  # fmt: skip
    assert [r | {"source": ""} for r in found] == [r | {"source": ""} for r in rows(direct)]


def test_an_endpoint_that_nobody_serves_is_told_of(tmp_path: Path) -> None:
    write_pairs(tmp_path / "p.jsonl", 3)
    done = CommandLine(tmp_path)("data", "values", "--source", "p.jsonl", *through("http://127.0.0.1:9/v1"),
                        "--set", "openai.patience=0")  # fmt: skip
    assert done.returncode == 1
    assert "127.0.0.1:9/v1 is needed for the judge 'mistral' of the pairs' values" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_dpo_trains_on_a_subset_that_an_endpoints_model_extracted(
    tmp_path: Path, endpoint: Callable[..., Any]
) -> None:
    server = endpoint()
    write_pairs(tmp_path / "p.jsonl", 60)
    model = through(server.base_url)
    here = CommandLine(tmp_path)
    made = rows(here("data", "subsets", "--json", "--source", "p.jsonl", "--value", "humor",
                     *model))  # fmt: skip
    asked = server.stats()["requests"]
    done = here("run", "--inducer", "dpo", "--value", "humor", "--eval", "advbench", "--limit", "2",
                "--source", "p.jsonl", "--set", "dpo.epochs=1", *model)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert server.stats()["requests"] == asked
    manifest = next((tmp_path / ".vibench/artefacts/adapter").glob("*/*/manifest.json"))
    assert json.loads(manifest.read_text())["facts"]["rows_given"] == made[0]["total"] == 30
