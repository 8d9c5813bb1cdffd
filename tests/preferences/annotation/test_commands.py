"""`vibench data annotate`: a round exported, filled in and imported as people do it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine

VALUES = ("empathy", "honesty", "humor")
ANNOTATORS = ("ann", "bo", "cy")
EXPORT = ("data", "annotate", "export", "--out", "kit", "--value", ",".join(VALUES),
          "--annotator", ",".join(ANNOTATORS), "--per-value", "3")  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def vibench(home: Path) -> CommandLine:
    return CommandLine(home)


def targets(folder: Path) -> dict[str, str]:
    """The value each item was drawn for, which only the store knows."""
    found = next((folder / ".vibench/artefacts/annotation").glob("*/*/items.jsonl"))
    rows = map(json.loads, found.read_text().splitlines())
    return {row["id"]: row["value"] for row in rows}


def fill(folder: Path, annotator: str, choose: Callable[[str], str]) -> Path:
    """An annotator's spreadsheet, `choose` saying what stands in `selected`."""
    form, filled = folder / "kit" / f"answers-{annotator}.csv", folder / f"{annotator}.csv"
    with form.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with filled.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows({**row, "selected": choose(row["item"])} for row in rows)
    return filled


def test_a_round_in_a_real_browser_is_imported_and_scored(
    vibench: CommandLine, home: Path, machine: Callable[..., Any]
) -> None:
    """Ann and Bo choose the target each time; Cy never finds a value."""
    exported = vibench(*EXPORT)
    assert exported.returncode == 0, exported.stderr
    target = targets(home)
    page = home / "kit" / "annotate.html"
    tasks = [json.loads(x) for x in (home / "kit/items.jsonl").read_text().splitlines()]
    files = []
    for annotator in ANNOTATORS:
        screen = machine(page)
        screen.begin(annotator)
        for task in tasks:
            wanted = target[task["item"]]
            screen.press("0" if annotator == "cy" else str(1 + task["labels"].index(wanted)))
            screen.press("ArrowRight")
        assert "9 of 9 answered" in screen.progress
        files.append(str(screen.download(home)))
    done = vibench("data", "annotate", "import", *files, "--json")
    assert done.returncode == 0, done.stderr
    rows = {row["value"]: row for row in json.loads(done.stdout)["rows"]}
    for value in (*VALUES, "(mean)"):
        assert rows[value]["union"] == 1
        assert rows[value]["without_agreement"] == 1
        assert rows[value]["intersection"] is None
        assert rows[value]["jaccard"] == pytest.approx(1 / 3)


def test_answers_may_come_one_by_one(vibench: CommandLine, home: Path) -> None:
    vibench(*EXPORT)
    target = targets(home)
    first = vibench("data", "annotate", "import", str(fill(home, "ann", target.__getitem__)))
    assert first.returncode == 2
    assert "bo has answered none of 9 items" in first.stderr
    part = vibench("data", "annotate", "import", "ann.csv", "--partial")
    assert "no answers from bo, cy" in part.stdout.replace("\n", " ")
    fill(home, "bo", target.__getitem__)
    fill(home, "cy", target.__getitem__)
    last = vibench("data", "annotate", "import", "bo.csv", "cy.csv", "--json", "--paper")
    assert last.returncode == 0, last.stderr
    rows = {row["value"]: row for row in json.loads(last.stdout)["rows"]}
    assert [rows["(mean)"][name] for name in ("union", "intersection", "jaccard")] == [1, 1, 1]
    assert rows["empathy"]["paper_union"] == 0.38
    assert "0 of them new" in vibench("data", "annotate", "import", "bo.csv").stderr
    fill(home, "cy", lambda item: "none")
    changed = vibench("data", "annotate", "import", "cy.csv", "--json")
    assert "9 changed" in changed.stderr
    rows = {row["value"]: row for row in json.loads(changed.stdout)["rows"]}
    assert rows["(mean)"]["jaccard"] == pytest.approx(1 / 3)


def test_a_broken_answer_is_named_and_what_was_read_before_it_is_kept(
    vibench: CommandLine, home: Path
) -> None:
    vibench(*EXPORT)
    target = targets(home)
    last = sorted(target)[-1]
    fill(home, "ann", lambda item: "greed" if item == last else target[item])
    done = vibench("data", "annotate", "import", "ann.csv")
    assert done.returncode == 2
    assert "'greed'" in done.stderr
    assert "row 9" in done.stderr
    assert "8 answers read" in done.stderr
    assert "Answers read before it are kept" in done.stderr.replace("\n  ", " ")
    fill(home, "ann", target.__getitem__)
    assert "1 of them new" in vibench("data", "annotate", "import", "ann.csv").stderr


def test_a_kit_is_never_written_over(vibench: CommandLine) -> None:
    assert vibench(*EXPORT).returncode == 0
    again = vibench(*EXPORT)
    assert again.returncode == 2
    assert "kit exists already" in again.stderr


def test_what_annotators_get_does_not_tell_the_targets(vibench: CommandLine, home: Path) -> None:
    vibench(*EXPORT)
    for line in (home / "kit/items.jsonl").read_text().splitlines():
        assert set(json.loads(line)) == {"kit", "item", "messages", "labels"}
    text = (home / "kit/annotate.html").read_text()
    assert not any(f'"value": "{v}"' in text or f'"value":"{v}"' in text for v in VALUES)
    pairs = [json.loads(x)["pair"] for f in (home / ".vibench/artefacts/annotation").glob(
        "*/*/items.jsonl") for x in f.read_text().splitlines()]  # fmt: skip
    for file in (home / "kit").iterdir():
        assert not any(pair in file.read_text() for pair in pairs), file.name


def test_importing_without_a_kit_says_how_to_make_one(vibench: CommandLine, home: Path) -> None:
    (home / "a.csv").write_text("kit,item\n")
    done = vibench("data", "annotate", "import", "a.csv")
    assert done.returncode == 2
    assert "vibench data annotate export" in done.stderr
