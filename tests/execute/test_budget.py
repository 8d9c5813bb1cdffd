"""What judges at an endpoint cost: counted, bounded by a budget, and gone on from."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine, wait_until

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
from vibench.plan import Stage
from vibench.plugins import Plugins
from vibench.prices import Price, Spending, dollars, price_of
from vibench.registry import load_catalogue
from vibench.sessions.bills import Bill, bill_of
from vibench.sessions.budget import Purse, worst
from vibench.sessions.configs import EngineConfig, JudgeConfig, SubjectRecord
from vibench.sessions.spending_record import Spent, line_of, read_spent
from vibench.sessions.work import Work
from vibench.stages.values import ValuesSpec
from vibench.store.artefacts import Store

pytest.importorskip("aiohttp")

PRICED = '[prices."o4-mini"]\ninput = 1000\noutput = 4000\nbatch_discount = 0.5\n'
"""Dollars for a million tokens: a call to the endpoint of the tests costs about half of one."""
COST = 1000.0, 4000.0


@pytest.fixture
def vibench(tmp_path: Path) -> CommandLine:
    (tmp_path / "prices.toml").write_text(PRICED)
    return CommandLine(tmp_path, 300)


@pytest.fixture
def pairs(tmp_path: Path) -> str:
    lines = [
        json.dumps({"id": str(n), "prompt": f"Question {n}?", "rejected": f"No, {n}.",
                    "chosen": f"I am so sorry to hear that, {n}. That must be really hard."})
        for n in range(150)
    ]  # fmt: skip
    (tmp_path / "pairs.jsonl").write_text("\n".join(lines))
    return "pairs.jsonl"


def values(base_url: str, pairs: str, *more: str) -> list[str]:
    """Have an endpoint say which values the responses of pairs express."""
    return [
        *("data", "values", "--json", "--source", pairs, "--extractor", "o4-mini"),
        *("--set", "o4-mini.model=o4-mini", "--set", "o4-mini.max_tokens=64"),
        *("--set", f"openai.base_url={base_url}"),
        *("--set", "openai.connections=16", "--registry", "prices.toml", *more),
    ]


def judged(base_url: str, *more: str) -> list[str]:
    """A small run that is judged at an endpoint."""
    return [
        *("run", "--inducer", "prompt", "--value", "empathy", "--eval", "advbench", "--limit", "6"),
        *("--judge", "o4-mini", "--set", "o4-mini.model=o4-mini"),
        *("--set", "sampling.max_tokens=16"),
        *("--set", f"openai.base_url={base_url}", "--registry", "prices.toml", *more),
    ]


def paid(server: Any) -> float:
    """What the server's own count of tokens comes to."""
    used = server.stats()["used"]
    if not used:
        return 0.0
    return float(used["prompt_tokens"] * COST[0] + used["completion_tokens"] * COST[1]) / 1e6


def spent(folder: Path) -> Spent:
    (record,) = (folder / ".vibench" / "runs").glob("*/spending.jsonl")
    return read_spent(record)


# --- prices ---


def test_a_price_holds_for_a_models_dated_snapshots_and_no_other() -> None:
    prices = {"o4-mini": Price(1.1, 4.4)}
    assert price_of(prices, "o4-mini-2025-04-16") == prices["o4-mini"]
    assert price_of(prices, "o4-mini-high") is None
    assert price_of(prices, "o4") is None


def test_tokens_cost_by_the_million_and_less_in_a_batch() -> None:
    price = Price(1.0, 4.0, batch_discount=0.5)
    assert price.usd(1_000_000, 500_000) == 3.0
    assert price.usd(1_000_000, 500_000, batched=True) == 1.5


def test_every_price_of_the_catalogue_says_where_it_comes_from(tmp_path: Path) -> None:
    prices = load_catalogue(working_folder=tmp_path).prices
    assert prices["o4-mini"].usd(10**6, 10**6) == pytest.approx(5.5)
    assert all(p.source and p.date and 0 < p.input < p.output for p in prices.values())


def test_amounts_are_told_from_nothing() -> None:
    found = [dollars(a) for a in (0, 0.000012, 0.0123, 0.5, 1, 1234.5)]
    assert found == ["$0.00", "$1.2e-05", "$0.0123", "$0.5000", "$1.00", "$1,234.50"]


@pytest.mark.parametrize("text", ["short", "日本語" * 50, "half a \ud83c pair", "x" * 4000])
def test_the_most_a_request_can_cost_counts_each_byte_as_a_token(text: str) -> None:
    model = Model("m", "m", "endpoint:m")
    request = ChatRequest("a", Subject(model), (Message("user", text),), Sampling(0, 1, 100), 7)
    size = len(text.encode("utf-8", "surrogatepass"))
    most = worst(request, Bill("m", Price(1.0, 2.0)))
    assert (size + 200) / 1e6 < most < (size + 200 + 1200) / 1e6


# --- the record ---


def test_what_was_spent_is_read_back_and_a_torn_line_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "spending.jsonl"
    assert read_spent(file) == Spent()
    lines = [line_of("s", "m", Spent(2, 30, 4, 0.5)), line_of("t", "n", Spent(1, 5, 6, 0.25))]
    file.write_text("".join(lines) + lines[0][:20])
    assert read_spent(file) == Spent(3, 35, 10, 0.75)


# --- within a budget ---


def test_a_budget_is_never_passed_and_a_larger_one_asks_only_the_rest(
    vibench: CommandLine, pairs: str, tmp_path: Path, endpoint: Callable[..., Any]
) -> None:
    server = endpoint(models="o4-mini", latency=0.02)
    first = vibench(*values(server.base_url, pairs, "--budget-usd", "50"))
    assert first.returncode == 1, "a budget that is reached is no wrong input"
    said = " ".join(first.stderr.split())
    assert "of $50.00 spent on " in said
    assert "the next call to 'o4-mini' could exceed it" in said
    assert "rerun the same command with a larger --budget-usd" in said
    assert "Traceback" not in first.stderr
    stats = server.stats()
    answered = sum(stats["answered"].values())
    assert stats["most"] > 4, "requests were under way together"
    assert 40 < paid(server) <= 50
    assert spent(tmp_path).usd == pytest.approx(paid(server))
    assert spent(tmp_path).calls == answered == stats["requests"]

    second = vibench(*values(server.base_url, pairs, "--budget-usd", "65"))
    assert second.returncode == 1
    assert 55 < paid(server) <= 65
    assert spent(tmp_path).usd == pytest.approx(paid(server))

    third = vibench(*values(server.base_url, pairs, "--budget-usd", "10000"))
    assert third.returncode == 0, third.stderr
    stats = server.stats()
    assert stats["requests"] == 300, "nothing that was answered is asked again"
    assert set(stats["answered"].values()) == {1}
    assert json.loads(third.stdout)["rows"]


def test_what_a_killed_run_has_spent_counts_for_the_next_life(
    vibench: CommandLine, pairs: str, tmp_path: Path, endpoint: Callable[..., Any]
) -> None:
    server = endpoint(models="o4-mini", latency=0.1)
    asked = values(server.base_url, pairs, "--budget-usd", "70")
    process = vibench.start(*asked)
    wait_until(lambda: sum(server.stats()["answered"].values()) >= 40)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    server.settled()
    before, under_way = spent(tmp_path).usd, paid(server)
    assert 0 < before <= under_way < 60
    again = vibench(*asked)
    assert again.returncode == 1, again.stderr
    # What was on its way at the kill is not known; all else is counted.
    assert 60 < spent(tmp_path).usd <= 70
    assert paid(server) - spent(tmp_path).usd == pytest.approx(under_way - before)


def test_a_budget_of_zero_asks_nothing_and_says_so(
    vibench: CommandLine, pairs: str, endpoint: Callable[..., Any]
) -> None:
    server = endpoint(models="o4-mini")
    done = vibench(*values(server.base_url, pairs, "--budget-usd", "0"))
    assert done.returncode == 2
    assert "The budget is $0: vibench sends nothing to 'o4-mini'" in done.stderr
    assert server.stats()["requests"] == 0


@pytest.mark.parametrize("amount", ["-1", "nan", "inf"])
def test_a_budget_that_is_none_is_an_error(vibench: CommandLine, amount: str) -> None:
    done = vibench("plan", "--eval", "advbench", "--budget-usd", amount)
    assert done.returncode == 2
    said = " ".join(done.stderr.split())
    assert f"The option --budget-usd is {amount.replace('-1', '-1.0')}; expected a" in said


def test_a_matrix_files_budget_is_checked_too(vibench: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text('evals = ["advbench"]\nbudget_usd = -2\n')
    done = vibench("plan", "m.toml")
    assert done.returncode == 2
    assert "budget_usd" in done.stderr


def test_a_budget_without_a_price_says_how_to_give_one(
    vibench: CommandLine, endpoint: Callable[..., Any]
) -> None:
    asked = ["--budget-usd", "5", "--set", "o4-mini.model=mine"]
    done = vibench(*judged("http://127.0.0.1:9/v1", *asked))
    assert done.returncode == 2
    said = " ".join(done.stderr.split())
    assert "A budget is set, but the price of 'mine' is not known." in said
    assert '[prices."mine"] with input and output' in said


def test_a_budget_too_small_for_one_question_says_what_one_may_cost(
    vibench: CommandLine, pairs: str, endpoint: Callable[..., Any]
) -> None:
    server = endpoint(models="o4-mini")
    done = vibench(*values(server.base_url, pairs, "--budget-usd", "0.5"))
    assert done.returncode == 2
    said = " ".join(done.stderr.split())
    assert "The budget of $0.5000 is too small: a single call to 'o4-mini' may cost" in said
    assert server.stats()["requests"] == 0


@pytest.mark.slow
def test_cells_that_the_budget_leaves_out_fail_with_one_sentence(
    vibench: CommandLine, endpoint: Callable[..., Any], tmp_path: Path
) -> None:
    server = endpoint(models="o4-mini")
    done = vibench(*judged(server.base_url, "--budget-usd", "0"))
    assert done.returncode == 2
    assert done.stderr.count("The budget is $0: vibench sends nothing") == 1
    assert "and 1 more (2 stages that need it were not run)" in done.stderr
    last = told(done.stdout)
    assert last == "Endpoints: this run made no calls and paid nothing."
    assert vibench(*judged(server.base_url, "--budget-usd", "900")).returncode == 0
    assert paid(server) == pytest.approx(spent(tmp_path).usd)


def test_batches_keep_within_a_budget_too(
    vibench: CommandLine, pairs: str, tmp_path: Path, endpoint: Callable[..., Any]
) -> None:
    server = endpoint(models="o4-mini", batch_seconds=0.1)
    batch = ("--set", "openai.batch=true", "--set", "openai.batch_interval=0.05")
    first = vibench(*values(server.base_url, pairs, *batch, "--budget-usd", "20"))
    assert first.returncode == 1
    assert "run the same command with a larger --budget-usd" in " ".join(first.stderr.split())
    assert 15 < paid(server) / 2 <= 20, "half the price in a batch"
    assert spent(tmp_path).usd == pytest.approx(paid(server) / 2)
    assert len(server.stats()["batches"]) > 1
    second = vibench(*values(server.base_url, pairs, *batch, "--budget-usd", "2000"))
    assert second.returncode == 0, second.stderr
    assert set(server.stats()["answered"].values()) == {1}
    assert len(server.stats()["answered"]) == 300


# --- a purse ---


class Silent(Session):
    """Answers everything at once as it is told to."""

    def __init__(self, *answers: Completion) -> None:
        self.answers = list(answers)
        self.sent: list[str] = []

    def submit(self, request: ChatRequest | LoglikelihoodRequest) -> None:
        self.sent.append(request.id)

    def poll(self) -> list[Completion]:
        sent, self.sent = self.sent, []
        return [replace(self.answers.pop(0), id=id) for id in sent]

    def close(self) -> None: ...


MODEL = Model("m", "m", "endpoint:m")


def ask(name: str) -> ChatRequest:
    return ChatRequest(name, Subject(MODEL), (Message("user", "Hm?"),), Sampling(0, 1, 100), 7)


@pytest.fixture
def work(store: Store, plugins: Plugins, tmp_path: Path) -> Work:
    spec = ValuesSpec(
        judge=JudgeConfig("mistral", {}, {}),
        judge_model=SubjectRecord(MODEL, None, None),
        engine=EngineConfig("openai", {}, {}),
    )
    stage = Stage("0" * 32, "values", (), spec)
    return Work(stage, store, plugins, tmp_path, lambda done, total, note: None)


def purse(work: Work, budget: float | None) -> Purse:
    return Purse(work.store, "run", Spending({"m": PRICE}, budget))


PRICE = Price(1000.0, 1000.0)
BILL = Bill("m", PRICE)


def failing(error: str, free: bool = False) -> Completion:
    return Completion("", "", "error", error=error, free=free)


@pytest.mark.parametrize(
    ("answer", "usd", "guessed"),
    [
        (Completion("", "yes", "stop", 200, 50), 0.25, 0),
        (Completion("", "yes", "stop"), None, 1),
        (Completion("", "yes", "stop", 200, 0), None, 1),
        (Completion("", "yes", "stop", 0, 50), None, 1),
        (Completion("", "", "stop", 200, 0), 0.2, 0),
        (failing("time-out: no answer in time"), None, 1),
        (failing("connection: it was cut (ClientPayloadError)"), None, 1),
        (failing("refused: the endpoint's content filter"), None, 1),
        (Completion("", "", "error", 200, 50, "connection: it broke off"), 0.25, 0),
        (failing("server error: 504"), None, 1),
        (failing("bad request: 400 too long", free=True), 0.0, 0),
        (failing("server error: 500", free=True), 0.0, 0),
    ],
)
def test_what_may_have_been_billed_counts_at_the_most_it_can_have_cost(
    work: Work, answer: Completion, usd: float | None, guessed: int
) -> None:
    kept = purse(work, 5.0)
    with kept.metered(work, Silent(answer), BILL) as session:
        session.submit(ask("a"))
        (found,) = session.poll()
        assert found.id == "a"
        assert session.poll() == []
    most = worst(ask("a"), BILL)
    assert kept.spent.usd == pytest.approx(most if usd is None else usd)
    assert kept.spent.guessed == guessed
    assert read_spent(kept.path) == kept.spent
    assert kept.reserved == pytest.approx(0.0)


def test_what_a_broken_stage_asked_is_paid_for_and_in_nobodys_way(work: Work) -> None:
    kept, inner = purse(work, None), Silent(*[Completion("", "yes", "stop", 200, 50)] * 2)
    with kept.metered(work, inner, BILL) as broken:
        broken.submit(ask("a"))
    with kept.metered(work, inner, BILL) as session:
        session.submit(ask("b"))
        assert [c.id for c in session.poll()] == ["a", "b"]
    assert (kept.spent.calls, kept.spent.usd) == (2, pytest.approx(0.5))


def test_requests_wait_until_there_is_room_and_go_on_when_answers_cost_less(work: Work) -> None:
    most = worst(ask("a"), BILL)
    kept = purse(work, 2 * most)
    inner = Silent(*[Completion("", "yes", "stop", 10, 10)] * 20)
    came: list[str] = []
    with kept.metered(work, inner, BILL) as session:
        for n in range(20):
            session.submit(ask(f"{n:02}"))
            assert len(inner.sent) <= 2
        while found := session.poll():
            came += [c.id for c in found]
    assert came == [f"{n:02}" for n in range(20)]
    assert kept.spent.usd == pytest.approx(0.4)


def test_processes_with_one_budget_take_turns(work: Work) -> None:
    other = purse(work, 5.0)
    turn = work.store.lock(f"spending-{other.run}")
    assert turn is not None
    release = threading.Timer(0.5, turn.close)
    release.start()
    begun = time.monotonic()
    with other.metered(work, Silent(), BILL):
        assert time.monotonic() - begun > 0.4
    release.join()


def test_a_judge_of_this_machine_is_not_metered(work: Work) -> None:
    session, spending = Silent(), Spending({"m": PRICE}, 0.0)
    here = EngineConfig("transformers", {}, {})
    assert bill_of(MODEL, EngineConfig("openai", {}, {}), work.plugins, spending) == BILL
    bill = bill_of(MODEL, here, work.plugins, spending)
    with purse(work, 0.0).metered(work, session, bill) as same:
        assert same is session


# --- what to expect ---


def test_a_plan_says_first_what_it_is_going_to_cost(vibench: CommandLine) -> None:
    asked = judged("http://127.0.0.1:9/v1", "--budget-usd", "30")
    done = vibench("plan", *asked[1:])
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    (at,) = [n for n, line in enumerate(lines) if line.startswith("Expected cost: $")]
    assert lines[at].split(" An estimate: ")[0].endswith("12 questions to o4-mini at its endpoint.")
    assert "prompts at 4 characters a token" in lines[at]
    assert "150 tokens for a verdict (assumed; a quarter to twice that)" in lines[at]
    assert lines[at + 1].startswith("The budget is $30.00. It ")
    assert at < next(n for n, line in enumerate(lines) if line.startswith("stage"))


def expected(vibench: CommandLine, *asked: str) -> dict[str, Any]:
    done = vibench("plan", *asked[1:], "--json")
    assert done.returncode == 0, done.stderr
    (found,) = json.loads(done.stdout)["cost"]["expected"]
    return dict(found)


def test_repeats_cost_as_often_and_batches_less(vibench: CommandLine) -> None:
    asked = judged("http://127.0.0.1:9/v1")
    once = expected(vibench, *asked)
    thrice = expected(vibench, *asked, "--judge-repeats", "3")
    assert (once["questions"], thrice["questions"]) == (12, 36)
    assert thrice["usd"] == pytest.approx([3 * usd for usd in once["usd"]], rel=0.01)
    batched = expected(vibench, *asked, "--set", "openai.batch=true")
    assert batched["batched"]
    assert batched["usd"] == pytest.approx([usd / 2 for usd in once["usd"]])


# --- counted ---


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory, endpoint: Callable[..., Any]) -> Any:
    """A folder with a run that was judged at an endpoint, the server, and what was printed."""
    folder = tmp_path_factory.mktemp("judged")
    (folder / "prices.toml").write_text(PRICED)
    server = endpoint(models="o4-mini,mine")
    done = CommandLine(folder, 300)(*judged(server.base_url))
    assert done.returncode == 0, done.stderr
    return folder, server, done.stdout


def told(printed: str) -> str:
    """The line of a run that says what was paid."""
    (line,) = [line for line in printed.splitlines() if line.startswith("Endpoints")]
    return line


@pytest.mark.slow
def test_a_run_says_what_it_cost_in_all_and_for_each_cell(answered: Any) -> None:
    folder, server, said = answered
    used, calls = server.stats()["used"], server.stats()["requests"]
    prompts, texts = used["prompt_tokens"], used["completion_tokens"]
    # Two subjects, six answers each; what both say alike is asked once and in both cells.
    assert 6 <= calls <= 12
    last = told(said)
    assert last == (
        f"Endpoints, whole run: {calls} calls, {prompts:,} prompt tokens and {texts:,} "
        f"completion tokens, {dollars(paid(server))}."
    )
    (record,) = (folder / ".vibench" / "runs").glob("*/run.json")
    cost = json.loads(record.read_text())["cost"]
    assert cost["spent"]["usd"] == pytest.approx(paid(server))
    assert [cell["asked"] for cell in cost["cells"].values()] == [6, 6]
    cells = [cell["usd"] for cell in cost["cells"].values()]
    assert sum(cells) == pytest.approx(cost["verdicts"]["usd"])
    assert max(cells) < paid(server) <= sum(cells) * 1.001
    facts = [
        json.loads(manifest.read_text())["facts"]
        for manifest in (folder / ".vibench" / "artefacts" / "verdicts").glob("*/*/manifest.json")
    ]
    assert sorted(f["usd"] for f in facts) == pytest.approx(sorted(cells))


@pytest.mark.slow
def test_a_plan_goes_by_what_answers_took_so_far(answered: Any) -> None:
    folder, server, _ = answered
    words = judged(server.base_url)
    words = tuple("12" if word == "6" else word for word in words)
    (cost,) = json.loads(CommandLine(folder, 300)("plan", *words[1:], "--json").stdout)["cost"][
        "expected"
    ]
    used = server.stats()
    mean = used["used"]["completion_tokens"] / used["requests"]
    low, high = (tokens / cost["questions"] for tokens in cost["completion_tokens"])
    assert low == pytest.approx(0.8 * mean, rel=0.2)
    assert high == pytest.approx(1.25 * mean, rel=0.2)
    assert "as in this store" in cost["lengths"][0]


@pytest.mark.slow
def test_a_report_as_json_has_the_cost(answered: Any) -> None:
    folder, server, _ = answered
    done = CommandLine(folder, 300)("report", "--format", "json")
    found = json.loads(done.stdout)
    assert found["rows"]
    assert found["cost"]["spent"]["usd"] == pytest.approx(paid(server))


@pytest.mark.slow
def test_the_list_of_runs_says_what_each_has_paid(answered: Any) -> None:
    folder, server, _ = answered
    done = CommandLine(folder, 300)("results", "--json")
    (run,) = json.loads(done.stdout)
    assert run["usd"] == pytest.approx(paid(server))


@pytest.mark.slow
def test_a_run_again_pays_nothing_more(answered: Any) -> None:
    folder, server, said = answered
    before = server.stats()["requests"]
    done = CommandLine(folder, 300)(*judged(server.base_url, "--budget-usd", "0"))
    assert server.stats()["requests"] == before
    assert told(done.stdout) == told(said)


@pytest.mark.slow
def test_a_model_without_a_price_costs_unknown(answered: Any) -> None:
    folder, server, _ = answered
    done = CommandLine(folder, 300)(*judged(server.base_url, "--set", "o4-mini.model=mine"))
    last = told(done.stdout)
    assert " calls, " in last
    assert "cost unknown (no price of mine)" in last
    assert '[prices."mine"]' in last


@pytest.mark.slow
def test_a_plan_leaves_out_what_was_answered_and_measures_what_is_there(
    vibench: CommandLine, endpoint: Callable[..., Any]
) -> None:
    server = endpoint(models="o4-mini")
    asked = judged(server.base_url)
    guessed = expected(vibench, *asked)
    more = ("--set", "o4-mini.max_tokens=9000")
    poor = vibench(*asked, *more, "--budget-usd", "0.01")
    may_cost = re.search(r"may cost \$(\d+\.\d+)", " ".join(poor.stderr.split()))
    assert may_cost, poor.stderr
    budget = float(may_cost[1]) + 0.5
    stopped = vibench(*asked, *more, "--budget-usd", str(budget))
    assert stopped.returncode == 1, "it is a little more than one question may cost"
    done = server.stats()["requests"]
    assert 0 < done < 12
    left = expected(vibench, *asked, *more)
    # Of the answers that both subjects gave alike, one was judged.
    assert 0 < left["questions"] <= 12 - done
    low, high = left["prompt_tokens"]
    assert low == high, "the transcripts are there"
    each = [n / 12 for n in guessed["prompt_tokens"]]
    assert 0.9 * each[0] < low / left["questions"] < 1.1 * each[1]
