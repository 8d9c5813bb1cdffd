"""`vibench judges`, as a person types it, over real verdicts in a store.

Four judges on the same transcripts: the rules, the same rules behind an endpoint that leaves
every fifth reply empty (`mistral@rules`), an endpoint that says the prompt again, whose last
answer block is then its verdict (`mistral@echo`), and one that goes by the answer's length.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from command_line import CommandLine, Done

from vibench.plugins import Plugins

THIRD_PARTY = Path(__file__).parents[1] / "third_party"
BOTH = ("rules", "counting")


def at(folder: Path, plugins: Path | None = None) -> CommandLine:
    return CommandLine(folder, 160, {"PYTHONPATH": str(plugins)} if plugins else {})


@pytest.fixture(scope="module")
def judges(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two packages of judges installed, one of them broken."""
    folder = tmp_path_factory.mktemp("judges")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"),
            *("--no-build-isolation", "--target", str(folder)),
            *(str(THIRD_PARTY / name) for name in ("faults", "broken_import")),
        ],
        check=True,
    )
    return folder


@pytest.fixture(scope="module")
def home(
    tmp_path_factory: pytest.TempPathFactory, judges: Path, endpoint: Callable[..., Any]
) -> Path:
    """A folder whose store holds the verdicts."""
    folder = tmp_path_factory.mktemp("home")
    done = at(folder, judges)(
        *("run", "--inducer", "prompt", "--value", "empathy", "--limit", "24"),
        *("--eval", "advbench,issuebench,anthrobench", "--judge", "rules,mistral,counting"),
        *("--set", "mistral.engine=openai", "--set", "mistral.model=rules,echo"),
        *("--set", f"openai.base_url={endpoint(faults='empty=0.2').base_url}"),
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def vibench(home: Path, judges: Path) -> CommandLine:
    return at(home, judges)


def rows(done: Done) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["rows"]
    return found


def refused(done: Done, *said: str) -> None:
    """Exit code 2, and a sentence with each of these in it."""
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    for part in said:
        assert part in done.stderr


def stored(home: Path, judge: str, model: str = "") -> dict[tuple[str, str, str, int], Any]:
    """A judge's labels in the store, by transcripts, sample, rubric and turn; None: unscored."""
    found = {}
    for path in (home / ".vibench/artefacts/verdicts").glob("*/*/manifest.json"):
        manifest = json.loads(path.read_text())
        spec = manifest["spec"]
        asked = spec.get("judge_model", {}).get("model", {}).get("name", "")
        if (spec["judge"]["name"], asked) == (judge, model):
            table = pq.read_table(path.with_name("verdicts.parquet"), partitioning=None)
            for row in table.to_pylist():
                key = (manifest["needs"][0], row["sample"], row["rubric"], row["turn"])
                found[key] = None if row["unscored"] else set(row["labels"])
    return found


# --- list --------------------------------------------------------------------------------------


def test_every_installed_judge_is_listed_with_whom_it_asks(vibench: CommandLine) -> None:
    found = {row["judge"]: row for row in rows(vibench("judges", "list", "--json"))}
    assert {"rules", "mistral", "mistral-small", "llama-70b", "o4-mini"} < found.keys()
    rules, o4_mini = found["rules"], found["o4-mini"]
    assert (rules["model"], rules["engine"], rules["baseline"]) == (None, None, True)
    asked = Plugins.discover().resolved("judge", "o4-mini", {})["model"]
    assert (o4_mini["model"], o4_mini["engine"]) == (asked, "openai")
    assert found["mistral"]["engine"] == "the run's own"
    assert found["counting"]["purpose"].startswith("Decides by the length")
    shown = vibench("judges", "list").stdout
    assert "no model" in shown
    assert "2026-10-23" in shown
    assert "--set o4-mini.model=" in shown


def test_a_broken_judge_is_listed_with_its_trouble(vibench: CommandLine) -> None:
    done = vibench("judges", "list", "--json")
    broken = [row for row in rows(done) if row["trouble"]]
    assert [row["judge"] for row in broken] == ["sphinx"]
    assert "a_name_that_was_removed" in broken[0]["trouble"]


# --- agree -------------------------------------------------------------------------------------


def test_a_judge_and_itself_behind_an_endpoint_agree_wherever_both_scored(
    vibench: CommandLine, home: Path
) -> None:
    found = rows(vibench("judges", "agree", "rules", "mistral@rules", "--json"))
    assert {row["eval"] for row in found} == {"advbench", "issuebench", "anthrobench"}
    compared = [row for row in found if row["agreement"] is not None]
    assert len([row for row in compared if row["rubric"].startswith("behaviour/")]) == 13
    assert all(row["agreement"] == 1.0 for row in compared)
    assert all(row["kappa"] in (1.0, None) for row in compared)
    assert all(row["kappa"] is not None or row["kappa_reason"] for row in compared)
    assert [row["jaccard"] for row in found if row["label"] == "(label sets)"] == [1.0]
    # What the endpoint left empty is unscored by that judge, and in no other number.
    verdicts = stored(home, "mistral", "rules")
    asked = sum(row["asked"] for row in found if row["rubric"] != "values") + next(
        row["asked"] for row in found if row["label"] == "(label sets)"
    )
    missing = sum(v is None for v in verdicts.values())
    assert asked == len(verdicts)
    assert 0.1 < missing / asked < 0.3
    for row in found:
        assert row["scored"] == round(row["asked"] * (1 - row["second_unscored"]))
        assert row["first_unscored"] == 0.0
        assert row["second_unscored_low"] <= row["second_unscored"] <= row["second_unscored_high"]
    shown = vibench("judges", "agree", "rules", "mistral@rules").stdout
    assert f"Unscored by mistral@rules: {missing:,} of {asked:,} questions" in shown
    assert f"({missing:,} empty)" in shown


def test_the_counts_are_those_of_the_store(vibench: CommandLine, home: Path) -> None:
    found = rows(vibench("judges", "agree", *BOTH, "--json", "--minimum", "1"))
    one, other = (stored(home, name) for name in BOTH)
    by = {(row["rubric"], row["label"]): row for row in found}
    for rubric, label in (("compliance", "refused"), ("behaviour/emotions", "yes"),
                          ("values", "empathy")):  # fmt: skip
        row = by[rubric, label]
        said = [
            (label in one[key], label in other[key])
            for key in one
            if key[2] == rubric and one[key] is not None and other[key] is not None
        ]
        counts = [said.count(pair) for pair in
                  ((True, True), (True, False), (False, True), (False, False))]  # fmt: skip
        assert [row[n] for n in ("both", "only_first", "only_second", "neither")] == counts
        n = len(said)
        observed = (counts[0] + counts[3]) / n
        p, q = (counts[0] + counts[1]) / n, (counts[0] + counts[2]) / n
        expected = p * q + (1 - p) * (1 - q)
        assert row["agreement"] == pytest.approx(observed)
        assert row["kappa"] == pytest.approx((observed - expected) / (1 - expected))
        assert (row["first_share"], row["second_share"]) == (pytest.approx(p), pytest.approx(q))
        assert row["kappa_low"] < row["kappa"] < row["kappa_high"]
    sets = [
        len(one[k] & other[k]) / len(one[k] | other[k]) for k in one if k[2] == "values"
    ]  # the length judge always names a value, so no union is empty
    assert by["values", "(label sets)"]["jaccard"] == pytest.approx(sum(sets) / len(sets))


def test_a_run_narrows_what_is_compared(home: Path, judges: Path, tmp_path: Path) -> None:
    shutil.copytree(home / ".vibench", tmp_path / ".vibench")
    here = at(tmp_path, judges)
    done = here("run", "--inducer", "prompt", "--value", "empathy", "--limit", "3",
                "--eval", "advbench", "--judge", "rules,counting")  # fmt: skip
    assert done.returncode == 0, done.stderr
    newest = max((tmp_path / ".vibench/runs").iterdir(), key=lambda p: p.stat().st_mtime_ns).name
    found = rows(here("judges", "agree", *BOTH, "--json", "--run", newest))
    assert [(row["eval"], row["rubric"]) for row in found] == [("advbench", "compliance")]
    assert found[0]["asked"] <= 6
    whole = rows(here("judges", "agree", *BOTH, "--json"))
    assert len({row["eval"] for row in whole}) == 3
    refused(here("judges", "agree", *BOTH, "--run", "nowhere"), "no run called 'nowhere'")


def test_a_judge_that_never_varies_has_no_kappa_interval(vibench: CommandLine) -> None:
    found = rows(vibench("judges", "agree", "rules", "mistral@echo", "--json"))
    row = next(row for row in found if row["rubric"] == "compliance")
    assert (row["second_share"], row["kappa"], row["kappa_low"]) == (1.0, 0.0, None)
    assert row["kappa_reason"] == "mistral@echo never varies"


def test_csv_has_the_same_columns_and_rows(vibench: CommandLine) -> None:
    as_json = rows(vibench("judges", "agree", *BOTH, "--json"))
    done = vibench("judges", "agree", *BOTH, "--csv")
    as_csv = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["rubric"] for row in as_csv] == [row["rubric"] for row in as_json]
    assert as_csv[0].keys() == as_json[0].keys()


# --- what cannot be compared ------------------------------------------------------------------


def test_a_name_of_two_judges_is_told_apart(vibench: CommandLine) -> None:
    done = vibench("judges", "agree", "rules", "mistral")
    refused(done, "2 judges", "mistral@echo, mistral@rules", "--run")


def test_judges_that_differ_in_parameters_alone_have_digits(
    home: Path, judges: Path, tmp_path: Path, endpoint: Callable[..., Any]
) -> None:
    shutil.copytree(home / ".vibench", tmp_path / ".vibench")
    here = at(tmp_path, judges)
    done = here(
        *("run", "--inducer", "prompt", "--value", "empathy", "--limit", "24", "--eval"),
        *("advbench", "--judge", "mistral", "--set", "mistral.temperature=0.9", "--set"),
        *("mistral.engine=openai", "--set", "mistral.model=rules"),
        *("--set", f"openai.base_url={endpoint().base_url}"),
    )
    assert done.returncode == 0, done.stderr
    unclear = here("judges", "agree", "rules", "mistral@rules")
    refused(unclear, "2 judges")
    one, other = unclear.stderr.partition(": mistral@")[2].split(".\n")[0].split(", ")
    one = "mistral@" + one
    assert one.startswith("mistral@rules#")
    found = rows(here("judges", "agree", one, other, "--json"))
    assert [(row["eval"], row["agreement"]) for row in found] == [("advbench", 1.0)]
    # Bridges of both to one judge lie beside each other.
    for name in (one, other):
        assert here("judges", "bridge", name, "rules").returncode == 0
    assert len(list((tmp_path / ".vibench/bridges").iterdir())) == 2
    refused(here("judges", "bridge", "mistral", "rules", "--rate", "compliance=0.3"), "2 stored")


def test_unknown_judges_and_judges_that_judged_nothing(vibench: CommandLine) -> None:
    refused(vibench("judges", "agree", "rules", "nobody"), "no judge called 'nobody'")
    done = vibench("judges", "agree", "rules", "llama-70b")
    refused(done, "'llama-70b' has judged nothing", "vibench run ... --judge", "llama-70b")


def test_judges_without_common_transcripts_are_told_what_to_run(
    tmp_path: Path, judges: Path
) -> None:
    here = at(tmp_path, judges)
    for judge, limit in (("rules", "2"), ("counting", "3")):
        done = here("run", "--inducer", "prompt", "--value", "humor", "--eval", "advbench",
                    "--judge", judge, "--limit", limit)  # fmt: skip
        assert done.returncode == 0, done.stderr
    done = here("judges", "agree", "rules", "counting")
    refused(done, "no transcripts in common", "vibench run ... --judge counting,rules")


def test_what_is_asked_wrongly_is_said(vibench: CommandLine, tmp_path: Path) -> None:
    refused(vibench("judges", "agree", "rules"), "names 1 judge", "--labels")
    refused(vibench("judges", "agree", "rules", "rules"), "the same judge")
    refused(vibench("judges", "agree", *BOTH, "--store", str(tmp_path / "none")),
            "There is no run in the store", "vibench run")  # fmt: skip
    refused(vibench("judges", "agree", *BOTH, "--json", "--csv"), "--json and --csv")


def test_damaged_verdicts_are_told_of(
    home: Path, judges: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    shutil.copytree(home / ".vibench", tmp_path / ".vibench")
    for path in (tmp_path / ".vibench/artefacts/verdicts").rglob("verdicts.parquet"):
        damage(path)
    done = at(tmp_path, judges)("judges", "agree", *BOTH)
    refused(done, "The stored verdicts", "Run the command that made them again")
    for path in (tmp_path / ".vibench/artefacts/verdicts").rglob("manifest.json"):
        path.write_text(path.read_text()[:90])
    done = at(tmp_path, judges)("judges", "agree", *BOTH)
    refused(done, "manifest.json is damaged", "Rerun the command that made these verdicts")


# --- against people's labels --------------------------------------------------------------------


def write_labels(path: Path, lines: list[dict[str, Any]]) -> str:
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    else:
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, lines[0].keys())
            writer.writeheader()
            writer.writerows(lines)
    return str(path)


def compliance(home: Path) -> list[tuple[str, str, str]]:
    """(transcripts, sample, label) of what the rules say of compliance."""
    return sorted(
        (key[0], key[1], next(iter(labels)))
        for key, labels in stored(home, "rules").items()
        if key[2] == "compliance"
    )


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_sensitivity_and_specificity_against_people(
    vibench: CommandLine, home: Path, tmp_path: Path, kind: str
) -> None:
    """People who see one refusal more and, of what the judge calls one, all but one."""
    said = compliance(home)
    refusals = [s for s in said if s[2] == "refused"]
    others = [s for s in said if s[2] == "complied"]
    assert len(refusals) > 1
    people = {s[:2]: s[2] for s in said}
    people[refusals[0][:2]], people[others[0][:2]] = "complied", "Refused"
    lines = [
        {"transcripts": t[:12], "sample": s, "rubric": "compliance", "label": label}
        for (t, s), label in people.items()
    ]
    lines.append({"transcripts": "", "sample": "nobody", "rubric": "compliance", "label": "x"})
    file = write_labels(tmp_path / f"people.{kind}", lines)
    (row,) = rows(vibench("judges", "agree", "rules", "--labels", file, "--json"))
    hits, passed = len(refusals) - 1, len(others) - 1
    counts = [row[f"{a}_{b}"] for a in ("true", "false") for b in ("positive", "negative")]
    assert counts == [hits, passed, 1, 1]
    assert row["sensitivity"] == pytest.approx(hits / (hits + 1))
    assert row["specificity"] == pytest.approx(passed / (passed + 1))
    assert 0 < row["sensitivity_low"] < row["sensitivity"] < row["sensitivity_high"] < 1
    assert row["specificity_high"] < 1
    shown = vibench("judges", "agree", "rules", "--labels", file).stdout
    assert "1 rows of" in shown
    assert "1 no such sample" in shown


def test_people_may_name_sets_of_values(vibench: CommandLine, home: Path, tmp_path: Path) -> None:
    said = {k: v for k, v in stored(home, "rules").items() if k[2] == "values"}
    lines = [
        {"transcripts": k[0], "sample": k[1], "rubric": "values", "turn": 0,
         "labels": [*sorted(v), "Made Up"] if v else []}
        for k, v in said.items()
    ]  # fmt: skip
    file = write_labels(tmp_path / "people.jsonl", lines)
    found = {
        row["label"]: row
        for row in rows(vibench("judges", "agree", "rules", "--labels", file, "--json",
                                "--minimum", "1"))
    }  # fmt: skip
    named = sum(bool(v) for v in said.values())
    assert (found["made-up"]["false_negative"], found["made-up"]["sensitivity"]) == (named, 0.0)
    others = [row for label, row in found.items() if label != "made-up"]
    assert others
    assert all((row["sensitivity"], row["specificity"]) == (1.0, 1.0) for row in others)


def test_labels_of_answers_that_the_judge_left_unscored_are_counted(
    vibench: CommandLine, home: Path, tmp_path: Path
) -> None:
    verdicts = {k: v for k, v in stored(home, "mistral", "rules").items() if k[2] == "compliance"}
    lines = [
        {"transcripts": k[0], "sample": k[1], "rubric": "compliance", "label": "refused"}
        for k in verdicts
    ]
    file = write_labels(tmp_path / "people.csv", lines)
    (row,) = rows(vibench("judges", "agree", "mistral@rules", "--labels", file, "--json"))
    missing = sum(v is None for v in verdicts.values())
    assert missing > 0
    assert (row["labelled"], row["scored"]) == (len(verdicts), len(verdicts) - missing)
    assert row["unscored"] == pytest.approx(missing / len(verdicts))
    assert row["specificity"] is None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"sample": "S"}, "has no 'rubric'"),
        ({"sample": "S", "rubric": "compliance"}, "has no 'label'"),
        ({"sample": "S", "rubric": "compliance", "label": " "}, "has an empty label"),
        ({"sample": "S", "rubric": "compliance", "label": "a", "labels": "b"}, "both 'label' and"),
        (
            {"sample": "S", "rubric": "compliance", "label": "a", "turn": "x"},
            "'turn' is not a number",
        ),
        ({"sample": "S", "rubric": "compliance", "label": "a", "turn": "-1"}, "'turn' is not 0"),
        ({"sample": "S", "rubric": "compliance", "label": "refused"}, "2 sets of transcripts"),
    ],
)
def test_a_broken_row_of_labels_is_named(
    vibench: CommandLine, home: Path, tmp_path: Path, line: dict[str, str], said: str
) -> None:
    key, sample, label = compliance(home)[0]
    both = sample if any(s == sample and t != key for t, s, _ in compliance(home)) else None
    assert both, "the first sample was judged in one set of transcripts only"
    good = {"transcripts": key, "sample": sample, "rubric": "compliance", "label": label}
    bad = {k: both if v == "S" else v for k, v in line.items()}
    file = write_labels(tmp_path / "people.jsonl", [good, bad])
    refused(vibench("judges", "agree", "rules", "--labels", file), "people.jsonl, row 2", said)


def test_two_answers_to_one_question_are_told_of(
    vibench: CommandLine, home: Path, tmp_path: Path
) -> None:
    key, sample, label = compliance(home)[0]
    good = {"transcripts": key, "sample": sample, "rubric": "compliance", "label": label}
    other = {**good, "label": "complied" if label == "refused" else "refused"}
    file = write_labels(tmp_path / "people.csv", [good, good, other])
    refused(vibench("judges", "agree", "rules", "--labels", file), "row 3", "differently")


def test_labels_of_nothing_in_the_store_are_refused(vibench: CommandLine, tmp_path: Path) -> None:
    lines = [{"sample": "nobody", "rubric": "compliance", "label": "refused"}]
    file = write_labels(tmp_path / "people.csv", lines)
    refused(vibench("judges", "agree", "rules", "--labels", file), "No row of", "nobody")
    refused(vibench("judges", "agree", "rules", "--labels", "gone.csv"), "gone.csv")


# --- bridges ------------------------------------------------------------------------------------


def test_a_bridge_is_stored_and_carries_a_published_rate(vibench: CommandLine, home: Path) -> None:
    made = {
        row["rubric"]: row
        for row in rows(vibench("judges", "bridge", "counting", "rules", "--json"))
        if row["rubric"] != "values"
    }
    row = made["compliance"]
    one, other = stored(home, "counting"), stored(home, "rules")
    of_yes = ["refused" in other[k] for k in one if k[2] == "compliance" and "refused" in one[k]]
    of_no = ["refused" in other[k] for k in one if k[2] == "compliance" and "complied" in one[k]]
    a, b = sum(of_yes) / len(of_yes), sum(of_no) / len(of_no)
    assert (row["of_yes"], row["of_no"]) == (pytest.approx(a), pytest.approx(b))
    assert (row["of_yes_answers"], row["of_no_answers"]) == (len(of_yes), len(of_no))
    kept = json.loads((home / ".vibench/bridges/counting--rules.json").read_text())
    assert (kept["source"]["name"], kept["target"]["name"]) == ("counting", "rules")
    there, many = rows(vibench("judges", "bridge", "counting", "rules", "--json", "--rate",
                               "compliance=0.31,refused=0.31/40"))  # fmt: skip
    assert there["question"] == many["question"] == "advbench:compliance/refused"
    assert there["to_rate"] == pytest.approx(0.31 * a + 0.69 * b)
    assert there["to_low"] < there["to_rate"] < there["to_high"]
    assert many["from_low"] < 0.31 < many["from_high"]
    assert many["to_low"] <= there["to_low"]
    assert many["to_high"] >= there["to_high"]
    shown = vibench("judges", "bridge", "counting", "rules", "--rate", "compliance=0.31").stdout
    assert "31.00" in shown
    assert f"{100 * (0.31 * a + 0.69 * b):.2f}" in shown
    assert "Limits:" in shown


def test_a_bridge_from_what_was_never_said_gives_no_number(vibench: CommandLine) -> None:
    """The echo says refused of everything: what the rules say otherwise it cannot show."""
    done = vibench("judges", "bridge", "mistral@echo", "rules")
    assert done.returncode == 0, done.stderr
    row, = rows(vibench("judges", "bridge", "mistral", "rules", "--rate", "compliance=0.3",
                        "--json"))  # fmt: skip
    assert row["to_rate"] is None
    assert row["to_high"] - row["to_low"] > 0.7
    assert "0 answers without it" in row["thin"]
    shown = vibench("judges", "bridge", "mistral", "rules", "--rate", "compliance=0.3").stdout
    assert "there is no number" in shown


def test_a_rate_that_cannot_be_carried_is_told_of(vibench: CommandLine, home: Path) -> None:
    assert vibench("judges", "bridge", "counting", "rules").returncode == 0
    ask = ("judges", "bridge", "counting", "rules", "--rate")
    refused(vibench(*ask, "compliance=31"), "compliance=31", "0 to 1")
    refused(vibench(*ask, "compliance"), "0 to 1")
    refused(vibench(*ask, "complaisance=0.3"), "no question with a bridge", "compliance")
    refused(vibench(*ask, "yes=0.3"), "fits 13 questions")
    none = vibench("judges", "bridge", "rules", "counting", "--rate", "compliance=0.3")
    refused(none, "No bridge from 'rules' to 'counting'", "vibench judges bridge rules counting")
    file = home / ".vibench/bridges/rules--mistral@rules.json"
    assert vibench("judges", "bridge", "rules", "mistral@rules").returncode == 0
    file.write_text(file.read_text()[:200])
    broken = vibench("judges", "bridge", "rules", "mistral@rules", "--rate", "compliance=0.3")
    file.unlink()
    refused(broken, "cannot be read", "make it again")
