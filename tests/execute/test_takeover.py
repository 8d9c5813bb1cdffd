"""What was paid for in a store of the version before is taken over, and not asked again."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vibench.data import DataFiles
from vibench.errors import StoreError
from vibench.execute import takeover_checks
from vibench.execute.old_store import OldStore
from vibench.execute.takeover import Taken, Takeover, unfit, unsound
from vibench.plugins import Plugins
from vibench.records import Message, Sample, Transcript
from vibench.registry import Catalogue
from vibench.store.artefacts import Store

pytest.importorskip("aiohttp")

STORES = Path(__file__).parents[1] / "stores"
VERDICTS, ANSWERS = 4, 10

Vibench = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return Path(shutil.copytree(STORES / "format1", tmp_path / "old"))


@pytest.fixture
def taken(old: Path, store: Store, catalogue: Catalogue) -> Callable[[], Taken]:
    def take() -> Taken:
        data = DataFiles(None, True, catalogue.datasets)
        return Takeover(OldStore(old), store, catalogue, Plugins.discover(), data).run()

    return take


ASKED = (
    *("--profile", "embedded", "--engine", "openai", "--model", "echo", "--store", "new"),
    *("--judge", "o4-mini", "--set", "o4-mini.model=o4-mini", "--set", "sampling.max_tokens=16"),
)


@pytest.mark.slow
def test_what_was_paid_for_is_not_asked_again(
    vibench: Vibench, old: Path, endpoint: Callable[..., Any]
) -> None:
    done = vibench("store", "import", "old", "--store", "new")
    assert done.returncode == 0, done.stderr
    assert f"{VERDICTS} verdicts and {ANSWERS} answers of endpoints" in done.stdout

    server = endpoint(models="echo,sim,o4-mini")
    where = ("--set", f"openai.base_url={server.base_url}")
    finished = vibench(
        "run", *ASKED, *where, "--eval", "advbench", "--limit", "4",
        "--inducer", "prompt", "--value", "empathy",
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr + finished.stdout
    assert server.stats()["requests"] == 0

    unfinished = vibench(
        "run", *ASKED, *where, "--eval", "anthrobench", "--set", "anthrobench.turns=3",
        "--limit", "2", "--simulator", "openai:sim", "--inducer", "none",
        "--until", "transcripts",
    )  # fmt: skip
    assert unfinished.returncode == 0, unfinished.stderr
    # Two conversations with three answers and two of the user's, of which two had been paid for.
    assert server.stats()["requests"] == 2 * (3 + 2) - 2


def test_taking_over_again_does_nothing(taken: Callable[[], Taken], store: Store) -> None:
    first, again = taken(), taken()
    assert (first.verdicts, first.replies, first.there) == (VERDICTS, ANSWERS, 0)
    assert (again.verdicts, again.replies, again.there) == (0, 0, VERDICTS + ANSWERS)
    assert not first.left
    rows = [store.ledger(path.name).rows() for path in (store.root / "ledgers").iterdir()]
    assert sum(map(len, rows)) == VERDICTS + ANSWERS


def test_finished_stages_alone_say_whose_verdicts_they_are(
    taken: Callable[[], Taken], old: Path
) -> None:
    shutil.rmtree(old / "runs")
    found = taken()
    assert found.verdicts == VERDICTS
    assert found.left == {takeover_checks.WHO_ANSWERED: 2}


def test_runs_alone_say_it_too(taken: Callable[[], Taken], old: Path) -> None:
    shutil.rmtree(old / "artefacts")
    found = taken()
    assert (found.verdicts, found.replies) == (VERDICTS, 2)


def test_verdicts_of_nobody_are_left(taken: Callable[[], Taken], old: Path) -> None:
    shutil.rmtree(old / "artefacts")
    shutil.rmtree(old / "runs")
    assert taken().left == {takeover_checks.WHO_JUDGED: VERDICTS, takeover_checks.WHO_ANSWERED: 2}


def test_verdicts_of_a_judge_that_is_another_one_now_are_left(
    taken: Callable[[], Taken], old: Path
) -> None:
    shutil.rmtree(old / "runs")
    for path in old.glob("artefacts/verdicts/*/*/manifest.json"):
        manifest = json.loads(path.read_text())
        manifest["spec"]["judge"]["parameters"]["temperature"] = 0.9
        path.write_text(json.dumps(manifest))
    found = taken()
    assert found.verdicts == 0
    assert found.left[takeover_checks.OTHER_JUDGE] == VERDICTS


def test_a_damaged_file_costs_what_it_held(
    taken: Callable[[], Taken], old: Path, damage: Callable[[Path], None]
) -> None:
    (shard,) = old.glob("ledgers/judged-*/*.parquet")
    damage(shard)
    found = taken()
    assert (found.verdicts, found.replies, found.files) == (0, ANSWERS, 1)
    assert shard.exists(), "the old store is not changed"


def row(rubric: str, *labels: str, **more: Any) -> dict[str, Any]:
    return {"rubric": rubric, "labels": list(labels), "unscored": None, "explanation": "", **more}


@pytest.mark.parametrize(
    ("verdict", "cause"),
    [
        (row("values", "empathy", "honesty"), ""),
        (row("values"), ""),
        (row("values-closed", "open-mindedness", "deception"), ""),
        (row("values-closed"), ""),
        (row("behaviour/claims_a_body", "yes", explanation="It is < 5 years old."), ""),
        (row("compliance", "Complied"), ""),
        (row("riddles/solved", "solved"), ""),
        (row("riddles/solved", "none"), ""),
        (row("compliance", unscored="malformed"), takeover_checks.UNSCORED),
        (row("values", "empathy", explanation="<think>Perhaps"), takeover_checks.WITH_THOUGHTS),
        (row("values", "empathy", explanation="a draft [/THINK]"), takeover_checks.WITH_THOUGHTS),
        (row("values", "empathy", "<|channel|>final"), takeover_checks.WITH_THOUGHTS),
        (row("values", "a label, that is two"), takeover_checks.READ_OTHERWISE),
        (row("values", "1. empathy", "2. honesty"), takeover_checks.READ_OTHERWISE),
        (row("values", "empathy; honesty"), takeover_checks.READ_OTHERWISE),
        (row("values", "empathy (strong"), takeover_checks.READ_OTHERWISE),
        (row("values", "no values are clearly demonstrated"), takeover_checks.READ_OTHERWISE),
        (row("riddles/kinds", "1. solved"), takeover_checks.READ_OTHERWISE),
        (
            row("riddles/kinds", "no values are clearly demonstrated"),
            takeover_checks.READ_OTHERWISE,
        ),
    ],
)
def test_a_verdict_holds_if_it_is_read_likewise_today(verdict: Any, cause: str) -> None:
    assert unsound(verdict) == cause


def test_answers_of_one_turn_hold() -> None:
    asked = Message("user", "Hello?")
    sample = Sample("s", (asked,), "c")

    def cause(*texts: str, error: str | None = None) -> str:
        said = tuple(Message("assistant" if n % 2 else "user", t) for n, t in enumerate(texts))
        return unfit(Transcript(sample, said, "stop", error))

    assert cause("Hello?", "Hello!") == ""
    assert cause("Another way to ask.", "Hello!") == ""
    assert cause("Hello?", "Hello!", "And?", "No.") == takeover_checks.SEVERAL_TURNS
    assert cause("Hello?", error="server error") == takeover_checks.FAILED
    assert cause("Hello?", "<think>A greeting.</think>Hello!") == takeover_checks.WITH_THOUGHTS


def test_a_store_of_the_version_before_is_refused_with_what_to_do(
    vibench: Vibench, old: Path
) -> None:
    for command in (
        ("report", "--store", "old"),
        ("plan", "--inducer", "prompt", "--eval", "advbench", "--store", "old"),
    ):
        done = vibench(*command)
        assert done.returncode == 2
        said = " ".join(done.stderr.split())
        assert "The store old was written by an earlier version of vibench" in said
        assert "vibench store import old --store NEW" in said
        assert "Traceback" not in said


def test_only_a_store_of_the_version_before_is_taken_over(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="format 2"):
        OldStore(store.root)
    with pytest.raises(StoreError, match="not a vibench store"):
        OldStore(tmp_path)
