"""Subjects and user simulators at endpoints: what they cost is counted and kept to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine, Done, submitted_batches, wait_until

from vibench import (
    ChatRequest,
    Completion,
    LoglikelihoodRequest,
    Message,
    Model,
    Sampling,
    Session,
    Subject,
)
from vibench.errors import EndpointError
from vibench.plan import Stage
from vibench.plugins import Plugins
from vibench.prices import Price, Spending
from vibench.sessions.bills import Bill
from vibench.sessions.budget import Purse, worst
from vibench.sessions.configs import EvalConfig
from vibench.sessions.replies import Replies
from vibench.sessions.spending_record import read_spent
from vibench.sessions.work import Work
from vibench.stages.outcomes import OutcomesSpec
from vibench.store.artefacts import Store

pytest.importorskip("aiohttp")

PRICED = "".join(f'[prices."{name}"]\ninput = 1000\noutput = 4000\n' for name in ("echo", "sim"))
ASKED = ("--profile", "embedded", "--eval", "anthrobench", "--set", "sampling.max_tokens=16",
         "--judge", "rules", "--registry", "prices.toml")  # fmt: skip

Start = Callable[..., Any]


@dataclass(frozen=True)
class Conversations:
    """Commands that ask conversations at an endpoint."""

    command_line: CommandLine

    def words(self, base_url: str, *more: str, do: str = "run") -> list[str]:
        return [do, *ASKED, "--set", f"openai.base_url={base_url}", *more]

    def __call__(self, base_url: str, *more: str, do: str = "run") -> Done:
        return self.command_line(*self.words(base_url, *more, do=do))

    def start(self, base_url: str, *more: str) -> subprocess.Popen[str]:
        return self.command_line.start(*self.words(base_url, *more))


@pytest.fixture
def vibench(tmp_path: Path) -> Conversations:
    (tmp_path / "prices.toml").write_text(PRICED)
    return Conversations(CommandLine(tmp_path, 300))


def paid(server: Any) -> float:
    used = server.stats()["used"]
    return float(used["prompt_tokens"] * 1000 + used["completion_tokens"] * 4000) / 1e6


def spent(folder: Path) -> float:
    (record,) = (folder / ".vibench" / "runs").glob("*/spending.jsonl")
    return read_spent(record).usd


BOTH = ("--engine", "openai", "--model", "echo", "--simulator", "openai:sim", "--limit", "4",
        "--set", "anthrobench.turns=3", "--inducer", "prompt", "--value", "empathy")  # fmt: skip


@pytest.mark.slow
def test_a_budget_holds_for_subjects_and_simulators_and_nothing_is_paid_for_twice(
    vibench: Conversations, tmp_path: Path, endpoint: Start
) -> None:
    server = endpoint(models="echo,sim", latency=0.02)
    # What is paid for a part of a run is paid for the run.
    part = ("--until", "transcripts", "--budget-usd", "1.5")
    first = vibench(server.base_url, *BOTH, *part)
    assert first.returncode == 1
    said = " ".join(first.stderr.split())
    assert "of $1.50 spent on " in said
    assert "could exceed it" in said
    assert "rerun the same command with a larger --budget-usd" in said
    assert 0.5 < paid(server) <= 1.5
    assert spent(tmp_path) == pytest.approx(paid(server))

    second = vibench(server.base_url, *BOTH, "--budget-usd", "100")
    assert second.returncode == 0, second.stderr
    # Two subjects, four samples; each conversation has three answers and two of the user's.
    assert server.stats()["requests"] == 2 * 4 * (3 + 2)
    assert spent(tmp_path) == pytest.approx(paid(server))
    (record,) = (tmp_path / ".vibench" / "runs").glob("*/run.json")
    cost = json.loads(record.read_text())["cost"]
    assert cost["transcripts"]["asked"] == 40
    assert cost["transcripts"]["usd"] == pytest.approx(paid(server))
    assert [cell["asked"] for cell in cost["cells"].values()] == [20, 20]
    assert sum(cell["usd"] for cell in cost["cells"].values()) == pytest.approx(paid(server))
    assert not list((tmp_path / ".vibench" / "ledgers").iterdir())


@pytest.mark.slow
def test_a_kill_in_the_middle_of_conversations_loses_no_reply_that_was_kept(
    vibench: Conversations, tmp_path: Path, endpoint: Start
) -> None:
    server = endpoint(models="echo,sim", latency=0.4)
    alone = ("--engine", "openai", "--model", "echo", "--simulator", "openai:sim", "--limit", "4",
             "--set", "anthrobench.turns=5", "--inducer", "none")  # fmt: skip
    life = vibench.start(server.base_url, *alone)
    ledgers = tmp_path / ".vibench" / "ledgers"
    stored = wait_until(lambda: list(ledgers.glob("*/replies/*.parquet")), 120)
    os.killpg(life.pid, signal.SIGKILL)
    life.communicate()
    before = server.settled()["requests"]
    folder = stored[0].parent.relative_to(ledgers)
    kept = len(Store(tmp_path / ".vibench").ledger(str(folder)).texts())
    assert 0 < kept <= before < 4 * 9

    again = vibench(server.base_url, *alone)
    assert again.returncode == 0, again.stderr
    assert server.stats()["requests"] - before == 4 * 9 - kept
    (manifest,) = (tmp_path / ".vibench/artefacts/transcripts").glob("*/*/manifest.json")
    assert json.loads(manifest.read_text())["facts"]["endpoints"]["asked"] == 4 * 9


@pytest.mark.slow
@pytest.mark.parametrize("inducer", ["none", "prompt"])  # one stage, and two in one stream
def test_conversations_that_failed_are_asked_again_by_the_next_life(
    vibench: Conversations, tmp_path: Path, endpoint: Start, inducer: str
) -> None:
    asked = ("--engine", "openai", "--model", "echo", "--limit", "2", "--inducer", inducer,
             "--value", "empathy", "--set", "anthrobench.turns=1")  # fmt: skip
    broken = endpoint(models="echo", refuses="messages")
    failed = vibench(broken.base_url, *asked)
    assert failed.returncode == 1
    assert "Every request failed; the first: bad request: 400" in " ".join(failed.stderr.split())
    mended = endpoint(models="echo")
    again = vibench(mended.base_url, *asked)
    assert again.returncode == 0, again.stderr
    assert mended.stats()["requests"] == (2 if inducer == "none" else 4)


@pytest.mark.slow
def test_a_batch_of_subjects_is_found_again_after_a_kill(
    vibench: Conversations, tmp_path: Path, endpoint: Start
) -> None:
    server = endpoint(models="echo", batch_seconds=3)
    batched = ("--engine", "openai", "--model", "echo", "--limit", "8", "--inducer", "none",
               "--set", "openai.batch=true", "--set", "openai.batch_interval=0.05",
               "--set", "openai.batch_requests=16", "--set", "anthrobench.turns=1")  # fmt: skip
    life = vibench.start(server.base_url, *batched)
    # The first four conversations have been answered, and the others are in a second batch.
    store = tmp_path / ".vibench"
    wait_until(lambda: len(submitted_batches(store)) > 1 and server.stats()["batches"][1:], 120)
    os.killpg(life.pid, signal.SIGKILL)
    life.communicate()
    again = vibench(server.base_url, *batched)
    assert again.returncode == 0, again.stderr
    assert [len(batch["requests"]) for batch in server.stats()["batches"]] == [4, 4]


def test_a_plan_says_what_subjects_and_simulators_are_going_to_cost(
    vibench: Conversations, tmp_path: Path
) -> None:
    planned = vibench("http://127.0.0.1:9/v1", *BOTH, "--json", do="plan")
    assert planned.returncode == 0, planned.stderr
    subject, simulator = json.loads(planned.stdout)["cost"]["expected"]
    assert (subject["model"], subject["questions"]) == ("echo", 2 * 4 * 3)
    assert (simulator["model"], simulator["questions"]) == ("sim", 2 * 4 * 2)
    assert subject["completion_tokens"] == [24 * 4, 24 * 16]
    assert simulator["completion_tokens"] == [16 * 4, 16 * 16]
    for one in (subject, simulator):
        low, high = one["prompt_tokens"]
        assert 0 < low < high
        tokens = zip(one["prompt_tokens"], one["completion_tokens"], strict=True)
        assert one["usd"] == pytest.approx([(p * 1000 + a * 4000) / 1e6 for p, a in tokens])


@pytest.mark.parametrize("who", ["subject", "simulator"])
def test_a_budget_needs_the_price_of_whoever_is_asked_at_an_endpoint(
    vibench: Conversations, tmp_path: Path, who: str
) -> None:
    asked = {"subject": ("--engine", "openai", "--model", "mine", "--simulator", "openai:sim"),
             "simulator": ("--simulator", "openai:mine")}[who]  # fmt: skip
    more = ("--set", "anthrobench.turns=2", "--budget-usd", "5")
    refused = vibench("http://127.0.0.1:9/v1", *asked, *more)
    assert refused.returncode == 2
    assert "A budget is set, but the price of 'mine' is not known." in refused.stderr
    assert '[prices."mine"]' in refused.stderr


# --- a purse for two sessions, and what is kept ---


class Slow(Session):
    """Answers one request at each poll."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def submit(self, request: ChatRequest | LoglikelihoodRequest) -> None:
        self.sent.append(request.id)

    def poll(self) -> list[Completion]:
        return [Completion(self.sent.pop(0), "yes", "stop", 10, 10)] if self.sent else []

    def close(self) -> None: ...


MODEL = Model("m", "m", "endpoint:m")
BILL = Bill("m", Price(1000.0, 1000.0))


def ask(name: str, seed: int = 7) -> ChatRequest:
    return ChatRequest(name, Subject(MODEL), (Message("user", "Hm?"),), Sampling(0, 1, 100), seed)


@pytest.fixture
def work(store: Store, plugins: Plugins, tmp_path: Path) -> Work:
    stage = Stage("0" * 32, "said", (), OutcomesSpec(eval=EvalConfig("e", {}, {})))
    return Work(stage, store, plugins, tmp_path, lambda done, total, note: None)


def test_sessions_of_one_purse_wait_for_what_the_other_sets_free(work: Work) -> None:
    most = worst(ask("a"), BILL)
    purse = Purse(work.store, "run", Spending({}, most + 0.03))
    with purse.turn(work):
        one, other = (purse.meter(Slow(), BILL, work) for _ in range(2))
        one.submit(ask("a"))
        other.submit(ask("b"))
        assert other.poll() == [], "it waits, and is not refused, while the other is asked"
        assert [c.id for c in one.poll()] == ["a"]
        assert [c.id for c in other.poll()] == ["b"]
        one.submit(ask("c"))
        with pytest.raises(EndpointError, match=r"Budget reached: .* could exceed it"):
            one.poll()
    assert purse.spent.calls == 2


def test_a_turn_within_a_turn_is_the_same_one(work: Work) -> None:
    purse, session = Purse(work.store, "run", Spending({}, 5.0)), Slow()
    with purse.turn(work):
        outer = purse.meter(session, BILL, work)
        with purse.turn(work):
            assert purse.meter(session, BILL, work) is outer
        assert purse.meters
    assert not purse.meters


def test_a_reply_is_found_by_what_was_asked_and_by_whom(store: Store) -> None:
    bills = {"simulator": BILL}
    kept = Replies(store.ledger("k/replies"), bills)  # type: ignore[arg-type]
    kept.add("subject", ask("a"), Completion("a", "Hm.", "stop", 5, 6))
    kept.add("simulator", ask("b", 8), Completion("b", "Why?", "length", 10, 20))
    kept.commit()
    again = Replies(store.ledger("k/replies"), bills)  # type: ignore[arg-type]
    assert again.find("subject", ask("x")) == Completion("x", "Hm.", "stop", 5, 6)
    assert again.find("simulator", ask("y", 8)) == Completion("y", "Why?", "length", 10, 20)
    assert again.find("simulator", ask("y")) is None
    assert again.find("subject", ask("y", 8)) is None
    # What a model of this machine said is kept and costs nothing.
    assert again.facts() == kept.facts() == {
        "asked": 1, "prompt_tokens": 10, "completion_tokens": 20, "usd": 0.03,
    }  # fmt: skip
