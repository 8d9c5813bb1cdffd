"""vLLM says what transformers says, whatever is mixed in its stream, and its ends are told."""

from __future__ import annotations

import gc
import json
import os
import random
import shutil
import subprocess
import sys
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from vibench.embedded import locate
from vibench.engines import model_files as loading
from vibench.engines.adapter_kinds import AdapterError
from vibench.engines.receipt import measure_with_peft, prove, write_receipt
from vibench.engines.transformers.engine import TransformersSession
from vibench.engines.vllm.engine import VLLM
from vibench.engines.vllm.room import NO_ROOM, AdapterSizes, Room
from vibench.engines.vllm.session import VLLMSession
from vibench.errors import MissingExtra, SpecError, StageError, UnknownName, UsageError
from vibench.interfaces import Session
from vibench.plugins import Plugins
from vibench.records import (
    Adapter,
    ChatRequest,
    Completion,
    Loglikelihood,
    LoglikelihoodRequest,
    Message,
    Model,
    PreferencePair,
    Sampling,
    Subject,
    Tokens,
)

pytestmark = pytest.mark.slow

GREEDY = Sampling(0.0, 1.0, 24)
WORDS = ("tell", "me", "how", "to", "learn", "cook", "plan", "a", "song", "garden", "today", "my")
PAIRS = [
    PreferencePair(str(i), (Message("user", f"What about {what}?"),), f"I like {what}.", "No.")
    for i, what in enumerate(["tea", "music", "the garden", "a plan", "my friend"])
]
Answer = Completion | Loglikelihood


def engine(**changed: Any) -> VLLM:
    """An engine with its schema's defaults and what a test sets differently."""
    if find_spec("vllm") is None:
        pytest.skip("vLLM is not installed (docs/engines.md says how to have its CPU build)")
    properties = VLLM.parameters["properties"]
    return VLLM(**{**{name: entry["default"] for name, entry in properties.items()}, **changed})


@pytest.fixture(scope="module")
def paged(instruct: Model) -> Iterator[VLLMSession]:
    opened = engine().open(instruct)
    yield opened
    opened.close()


def user(text: str) -> tuple[Message, ...]:
    return (Message("user", text),)


def chat(
    name: str, subject: Subject, text: str, sampling: Sampling = GREEDY, seed: int = 0
) -> ChatRequest:
    return ChatRequest(name, subject, user(text), sampling, seed)


def ask(session: Session, requests: Iterable[Any]) -> dict[str, Any]:
    return {answer.id: answer for answer in session.run(requests)}


def crowd(subjects: Sequence[Subject], temperature: float, n: int = 41) -> list[ChatRequest]:
    """Requests of all subjects, lengths, limits and seeds."""
    chance = random.Random(5)
    return [
        ChatRequest(
            f"r{i}",
            subjects[i % len(subjects)],
            user(" ".join(chance.choices(WORDS, k=chance.randint(1, 60)))),
            Sampling(temperature, 0.95, chance.randint(4, 40)),
            seed=chance.getrandbits(64),
        )
        for i in range(n)
    ]


# --- the same answers ---------------------------------------------------------------


def test_greedy_answers_are_those_of_transformers(
    paged: VLLMSession,
    session: TransformersSession,
    subjects: list[Subject],
    record_property: Any,
) -> None:
    requests = crowd(subjects, 0.0)
    said, expected = ask(paged, requests), ask(session, requests)
    share = sum(said[r.id] == expected[r.id] for r in requests) / len(requests)
    record_property("share of greedy answers that equal transformers'", share)
    # One may differ where its two best tokens are within rounding of each other.
    assert share >= 1 - 1 / len(requests)


def test_a_base_model_under_a_borrowed_template_and_in_plain_text_too(
    make_engine: Callable[..., Any], base: Model
) -> None:
    ours, theirs = engine().open(base), make_engine().open(base)
    assert ours.stops == theirs.stops
    requests = crowd([Subject(base), Subject(base, system="You are kind.")], 0.0, 16)
    said, expected = ask(ours, requests), ask(theirs, requests)
    assert sum(said[r.id] == expected[r.id] for r in requests) >= len(requests) - 1
    ours.close()
    theirs.close()


def test_loglikelihoods_are_those_of_transformers(
    paged: VLLMSession, session: TransformersSession, subjects: list[Subject]
) -> None:
    requests = [
        LoglikelihoodRequest(f"{i}-{n}", subject, user("Tell me about tea. " * n), "It is " * n)
        for i, subject in enumerate(subjects)
        for n in (1, 4, 9)
    ]
    requests.append(LoglikelihoodRequest("text", subjects[0], "The tea", " is warm"))
    requests.append(LoglikelihoodRequest("first", subjects[0], "", "The tea"))
    said, expected = ask(paged, requests), ask(session, requests)
    for request in requests:
        ours, theirs = said[request.id], expected[request.id]
        assert ours.total == pytest.approx(theirs.total, abs=1e-3)
        assert (ours.tokens, ours.greedy, ours.error) == (theirs.tokens, theirs.greedy, None)


def test_a_greedy_answer_is_known_as_such(paged: VLLMSession, instruct: Model) -> None:
    asked = chat("it", Subject(instruct), "How do I cook?", replace(GREEDY, max_tokens=200))
    answer = ask(paged, [asked])["it"]
    assert answer.finish == "stop"
    scored = [
        LoglikelihoodRequest(name, asked.subject, asked.messages, text)
        for name, text in [("its own", answer.text), ("another", "No." + answer.text)]
    ]
    found = ask(paged, scored)
    assert found["its own"].greedy
    assert not found["another"].greedy


def test_nothing_is_certain(paged: VLLMSession, instruct: Model) -> None:
    (found,) = paged.run([LoglikelihoodRequest("it", Subject(instruct), "The tea", "")])
    assert found == Loglikelihood("it", 0.0, 0, True)


def test_a_checkpoints_defaults_of_generation_change_no_answer(
    paged: VLLMSession, instruct: Model, tmp_path: Path
) -> None:
    folder = tmp_path / "with-defaults"
    shutil.copytree(locate(instruct.source), folder)
    path = folder / "generation_config.json"
    defaults = {**json.loads(path.read_text()), "repetition_penalty": 1.7, "top_k": 2, "top_p": 0.1}
    path.write_text(json.dumps({**defaults, "temperature": 0.1, "do_sample": True}))
    model = replace(instruct, source=str(folder), identity="sha256:defaults")
    opened = engine().open(model)
    samplings = {"greedy": GREEDY, "sampled": Sampling(1.2, 0.95, 24)}

    def answers(session: Session, subject: Subject) -> dict[str, str]:
        requests = [chat(f"{n}-{i}", subject, "Tell me how to cook today.", s, seed=i)
                    for n, s in samplings.items() for i in range(3)]  # fmt: skip
        return {name: answer.text for name, answer in ask(session, requests).items()}

    try:
        assert answers(opened, Subject(model)) == answers(paged, Subject(instruct))
    finally:
        opened.close()


def test_an_answer_ends_at_its_limit_or_by_itself_and_is_counted(
    paged: VLLMSession, session: TransformersSession, instruct: Model
) -> None:
    requests = [
        chat(str(n), Subject(instruct), "Hello", replace(GREEDY, max_tokens=n)) for n in (3, 400)
    ]
    said = ask(paged, requests)
    assert said == ask(session, requests)
    assert (said["3"].finish, said["400"].finish) == ("length", "stop")


def in_tokens(session: Session, text: str) -> Tokens:
    return Tokens(tuple(session.tokenizer(text, add_special_tokens=False)["input_ids"]))


def test_prompts_in_tokens_end_with_stop_texts_as_in_transformers(
    paged: VLLMSession, session: TransformersSession, subjects: list[Subject]
) -> None:
    chance = random.Random(9)
    requests = [
        ChatRequest(
            f"t{n}",
            subjects[n % len(subjects)],
            in_tokens(paged, " ".join(chance.choices(WORDS, k=chance.randint(2, 40)))),
            GREEDY,
            seed=0,
            stop=((), (".",), ("never said", " a"), ("the", "\n"))[n % 4],
        )
        for n in range(24)
    ]
    said, expected = ask(paged, requests), ask(session, requests)
    assert sum(said[r.id] == expected[r.id] for r in requests) >= len(requests) - 1
    assert sum(said[r.id].finish == "stop" for r in requests if r.stop) > 6
    assert paged._running == {}, "what ended with a stop text has left the engine"
    late = chat("late", subjects[0], "Hi")
    assert ask(paged, [late]) == ask(session, [late])


def test_many_continuations_of_one_context_are_scored_as_in_transformers(
    paged: VLLMSession, session: TransformersSession, subjects: list[Subject]
) -> None:
    requests = [
        LoglikelihoodRequest(
            f"{n}-{s}-{k}", subject, in_tokens(paged, "Tell me about tea. " * n), Tokens(last)
        )
        for n in (1, 5)
        for s, subject in enumerate((subjects[0], *subjects[2:4]))
        for k, last in enumerate([(9,), (40,), (77,), (9,), (9, 40), (9, 40, 77)])
    ]
    for request in requests:
        paged.submit(request)
    assert len(paged._waiting) == 2 * 3 * 3, "what differs in its last token only is read once"
    said = ask(paged, [])
    expected = ask(session, requests)
    for request in requests:
        ours, theirs = said[request.id], expected[request.id]
        assert ours.total == pytest.approx(theirs.total, abs=1e-3)
        assert (ours.tokens, ours.greedy, ours.error) == (theirs.tokens, theirs.greedy, None)
    whole = in_tokens(paged, ask(paged, [chat("c", subjects[0], "Hi")])["c"].text)
    chat_ids = Tokens(tuple(paged.renderer.prompt(subjects[0], user("Hi"))))
    first = LoglikelihoodRequest("it", subjects[0], chat_ids, Tokens(whole.ids[:1]))
    assert ask(paged, [first])["it"].greedy


def test_context_and_continuation_may_fill_what_is_read(
    paged: VLLMSession, instruct: Model
) -> None:
    ids = (7,) * (paged.length + 1)
    requests = [
        LoglikelihoodRequest(f"{n}-{k}", Subject(instruct), Tokens(ids[: n - k]), Tokens(ids[:k]))
        for n in (paged.context + 1, paged.length + 1)
        for k in (1, 3)
    ]
    said = ask(paged, requests)
    assert [said[r.id].error is None for r in requests] == [True, True, False, False]


# --- one stream -----------------------------------------------------------------------


def test_a_seed_decides_a_sampled_answer_whatever_runs_beside_it(
    paged: VLLMSession, subjects: list[Subject]
) -> None:
    requests = crowd(subjects, 0.9)
    together = ask(paged, requests)
    some = requests[::6]
    assert sum(ask(paged, [r])[r.id] == together[r.id] for r in some) >= len(some) - 1
    other = [replace(r, seed=r.seed + 1) for r in requests]
    again = ask(paged, other)
    assert sum(again[r.id].text != together[r.id].text for r in requests) > len(requests) / 2


def test_requests_may_come_while_others_run(
    paged: VLLMSession, instruct: Model, adapters: list[Adapter]
) -> None:
    """A short answer comes before a long one, and a request submitted then is served."""
    alone = ask(paged, [chat("late", Subject(instruct, adapters[1]), "Now me.")])["late"]
    paged.submit(chat("long", Subject(instruct), "word " * 99, Sampling(0.9, 1.0, 300), seed=3))
    paged.submit(chat("short", Subject(instruct, adapters[0]), "Hi", replace(GREEDY, max_tokens=2)))
    first = paged.poll()
    assert [answer.id for answer in first] == ["short"]
    paged.submit(chat("late", Subject(instruct, adapters[1]), "Now me."))
    rest: list[Answer] = []
    while finished := paged.poll():
        rest.extend(finished)
    assert {answer.id for answer in rest} == {"long", "late"}
    assert alone in rest
    assert paged.poll() == []


def test_room_is_made_for_the_adapters_that_come(
    instruct: Model,
    adapters: list[Adapter],
    save_adapter: Callable[..., Adapter],
    session: TransformersSession,
    tmp_path: Path,
) -> None:
    opened = engine(max_loras=2).open(instruct)
    vanilla = chat("vanilla", Subject(instruct), "Hello")
    ask(opened, [vanilla])
    assert opened.room == NO_ROOM
    higher = save_adapter(tmp_path / "higher", instruct, seed=3, strength=0.02, rank=12)
    requests = [
        chat(f"{i}-{a.key}", Subject(instruct, a), f"Tell me about plan {i}.")
        for i in range(3)
        for a in (*adapters, higher)
    ]
    few = [r for r in requests if not r.id.endswith(higher.key)]
    expected = ask(session, requests)
    assert ask(opened, few) == {r.id: expected[r.id] for r in few}
    assert (opened.room.slots, opened.room.rank) == (2, 8)
    # Three adapters on two slots, one of them of a rank that there was no room for.
    assert ask(opened, [vanilla, *requests]) == ask(session, [vanilla, *requests])
    assert (opened.room.slots, opened.room.rank) == (2, 16)
    opened.close()


def test_a_request_without_an_adapter_gets_none_where_all_slots_are_taken(
    instruct: Model, adapters: list[Adapter], session: TransformersSession
) -> None:
    """The CPU build adds the last slot's adapter to requests that have none."""
    opened = engine(max_loras=2).open(instruct)
    requests = [
        LoglikelihoodRequest(f"{i}-{n}", Subject(instruct, adapter), user(f"{n}?"), "It is late.")
        for i, adapter in enumerate([None, *adapters])
        for n in range(4)
    ]
    said, expected = ask(opened, requests), ask(session, requests)
    assert opened.room.slots == 2
    for name, theirs in expected.items():
        assert said[name].total == pytest.approx(theirs.total, abs=1e-3)
    opened.close()


def test_two_models_may_be_open_at_once_and_nothing_is_left_of_them(
    base: Model, instruct: Model, session: TransformersSession
) -> None:
    first, second = engine().open(base), engine().open(instruct)
    about = chat("it", Subject(instruct), "How do I plan a garden?")
    ask(first, [chat("it", Subject(base), "Hello")])
    assert ask(second, [about]) == ask(session, [about])
    gone = [weakref.ref(part) for session in (first, second) for part in _parts(session)]
    assert len(gone) == 4
    first.close()
    assert ask(second, [about]) == ask(session, [about])
    second.close()
    gc.collect()
    assert [part() for part in gone] == [None] * 4
    # A closed session comes to life again with the next request.
    assert ask(second, [about]) == ask(session, [about])
    second.close()


def _parts(session: VLLMSession) -> list[Any]:
    """The engine and its weights."""
    engine = session._engine
    return [engine, engine.model_executor.driver_worker.model_runner.model]


# --- the receipt -------------------------------------------------------------------------


class Altered(Session):
    """A session whose requests are changed on the way in."""

    def __init__(self, session: Session, change: Callable[[Subject], Subject]) -> None:
        self.session = session
        self.change = change

    def submit(self, request: ChatRequest | LoglikelihoodRequest) -> None:
        self.session.submit(replace(request, subject=self.change(request.subject)))

    def poll(self) -> Sequence[Answer]:
        return self.session.poll()

    def close(self) -> None:
        self.session.close()


def test_the_receipt_proves_an_adapter_and_finds_out_a_wrong_one(
    paged: VLLMSession, instruct: Model, adapters: list[Adapter]
) -> None:
    subject = Subject(instruct, adapters[0])
    folder = Path(adapters[0].path)
    write_receipt(folder, *measure_with_peft(subject, PAIRS, device="cpu"))
    receipt = prove(paged, subject, folder)
    assert receipt.in_effect, receipt.reason
    assert receipt.max_difference < 1e-3 < receipt.effect
    mixed_up = Altered(paged, lambda s: replace(s, adapter=adapters[1] if s.adapter else None))
    assert "wrongly" in prove(mixed_up, subject, folder).reason
    ignored = Altered(paged, lambda s: replace(s, adapter=None))
    assert "ignores the adapter" in prove(ignored, subject, folder).reason


# --- what goes wrong ---------------------------------------------------------------------


def test_a_prompt_longer_than_the_context_is_an_error_of_that_request_alone(
    paged: VLLMSession, instruct: Model
) -> None:
    said = ask(
        paged,
        [
            chat("long", Subject(instruct), "word " * paged.context),
            LoglikelihoodRequest("text", Subject(instruct), "word " * paged.context, "end"),
            chat("short", Subject(instruct), "Hi"),
        ],
    )
    assert said["long"].finish == "error"
    assert f"the model takes {paged.length}" in said["long"].error
    assert f"the model takes {paged.length}" in said["text"].error
    assert said["short"].error is None


def test_the_context_can_be_set_and_no_answer_outgrows_it(instruct: Model) -> None:
    opened = engine(max_model_len=16).open(instruct)
    answer = ask(opened, [chat("it", Subject(instruct), "Hello", Sampling(0.0, 1.0, 400))])["it"]
    assert answer.finish == "length"
    assert answer.prompt_tokens + answer.completion_tokens == 16
    opened.close()


def test_an_adapter_that_cannot_be_served_is_an_error_of_its_requests_alone(
    paged: VLLMSession,
    instruct: Model,
    adapters: list[Adapter],
    save_adapter: Callable[..., Adapter],
    tmp_path: Path,
) -> None:
    good = ask(paged, [chat("good", Subject(instruct, adapters[0]), "Hi")])["good"]
    shaped = tmp_path / "shaped"
    shutil.copytree(adapters[0].path, shaped)
    config = json.loads((shaped / "adapter_config.json").read_text())
    (shaped / "adapter_config.json").write_text(json.dumps({**config, "use_dora": True}))
    wide = save_adapter(tmp_path / "wide", instruct, seed=4, strength=0.02, rank=65)
    bad = {
        "gone": Adapter("a" * 32, "", str(tmp_path / "no")),
        "dora": Adapter("b" * 32, "", str(shaped)),
        "other": Adapter("c" * 32, "hub:another/model@1", adapters[0].path),
        "rank": wide,
    }
    requests = [chat(name, Subject(instruct, adapter), "Hi") for name, adapter in bad.items()]
    said = ask(paged, [*requests, chat("good", Subject(instruct, adapters[0]), "Hi")])
    assert "there is no adapter in the folder" in said["gone"].error
    assert "DoRA" in said["dora"].error
    assert "was trained on hub:another/model@1" in said["other"].error
    assert "has rank 65, the engine takes at most 64" in said["rank"].error
    assert said["good"] == good


def test_an_engine_that_breaks_is_a_failed_stage_and_the_next_one_has_a_new_engine(
    instruct: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = engine().open(instruct)
    asked = chat("it", Subject(instruct), "Hello")
    expected = ask(opened, [asked])
    opened.submit(asked)
    with monkeypatch.context() as patch:
        patch.setattr(opened._engine, "step", lambda: _raise(RuntimeError("device lost")))
        with pytest.raises(StageError, match="engine of tiny-instruct died: device lost"):
            opened.poll()
    assert opened.poll() == []
    assert ask(opened, [asked]) == expected
    opened.close()


def _raise(error: Exception) -> Any:
    raise error


KILLED = """
import multiprocessing, os, signal
from vibench.engines.vllm.engine import VLLM
from vibench.errors import StageError
from vibench.records import ChatRequest, Message, Model, Sampling, Subject

if __name__ == "__main__":
    defaults = {n: e["default"] for n, e in VLLM.parameters["properties"].items()}
    model = Model("tiny", "embedded:tiny-instruct", "embedded:tiny-instruct")
    session = VLLM(**defaults).open(model)
    hello = (Message("user", "Hello"),)
    ask = lambda n: ChatRequest(str(n), Subject(model), hello, Sampling(1.0, 1.0, n), n)
    print("ANSWERED", len(list(session.run([ask(4)]))), flush=True)
    for n in range(40):
        session.submit(ask(1000 + n))
    for child in multiprocessing.active_children():
        os.kill(child.pid, signal.SIGKILL)
    try:
        while session.poll():
            pass
    except StageError as error:
        print("FAILED", error, flush=True)
"""


def test_an_engine_process_that_is_killed_leaves_its_last_log_lines(tmp_path: Path) -> None:
    engine()
    (tmp_path / "killed.py").write_text(KILLED)
    with (tmp_path / "log").open("wb") as log:
        subprocess.run(
            [sys.executable, "killed.py"],
            cwd=tmp_path,
            env={**os.environ, "VLLM_ENABLE_V1_MULTIPROCESSING": "1"},
            stdout=log,
            stderr=log,
            timeout=300,
            check=False,
        )
    said = (tmp_path / "log").read_text(errors="replace")
    assert "ANSWERED 1" in said
    _, _, failed = said.partition("FAILED ")
    assert failed.startswith("The vLLM engine of tiny died")
    assert "Its last log lines: " in failed


def test_last_words_are_what_was_written_since(tmp_path: Path) -> None:
    script = (
        "import sys; from vibench.engines.vllm.log_tail import LogTail\n"
        "print('before', file=sys.stderr, flush=True); log = LogTail()\n"
        "assert log.text() == ''\n"
        "for i in range(9): print('line', i, file=sys.stderr, flush=True)\n"
        "print(log.text())"
    )
    with (tmp_path / "log").open("wb") as log:
        done = subprocess.run(
            [sys.executable, "-c", script],
            stderr=log,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    expected = " | ".join(f"line {i}" for i in range(3, 9))
    assert done.stdout.strip() == f"Its last log lines: {expected}"


def test_what_no_model_of_vllm_is_says_so(instruct: Model, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(locate(instruct.source), folder)
    config = json.loads((folder / "config.json").read_text())
    strange = {**config, "architectures": ["NoSuchModelForCausalLM"], "model_type": "bert"}
    (folder / "config.json").write_text(json.dumps(strange))
    with pytest.raises(UsageError, match="vLLM cannot run 'tiny-instruct'") as caught:
        engine().open(replace(instruct, source=str(folder)))
    assert "transformers" in caught.value.hint


def test_weights_that_are_not_there_are_named(instruct: Model, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(locate(instruct.source), folder)
    (folder / "model.safetensors").unlink()
    with pytest.raises(UsageError, match="has no weights"):
        engine().open(replace(instruct, source=str(folder)))


def test_weights_that_are_broken_are_named(instruct: Model, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(locate(instruct.source), folder)
    (folder / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(UsageError, match=r"cannot be loaded: model\.safetensors"):
        engine().open(replace(instruct, source=str(folder)))


def test_an_engine_that_does_not_start_is_a_failed_stage(instruct: Model, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = tmp_path / "model"
    shutil.copytree(locate(instruct.source), folder)
    weights = load_file(folder / "model.safetensors")
    save_file({name: w[:1].clone() for name, w in weights.items()}, folder / "model.safetensors")
    model = replace(instruct, source=str(folder))
    opened = engine().open(model)
    with pytest.raises(StageError, match="engine of tiny-instruct did not start"):
        ask(opened, [chat("it", Subject(model), "Hi")])
    assert opened.poll() == []


def test_any_engine_argument_can_be_set_but_for_those_that_are_ours(instruct: Model) -> None:
    opened = engine(extra={"max_num_seqs": 2}).open(instruct)
    requests = [chat(str(i), Subject(instruct), "Hello") for i in range(9)]
    assert len(ask(opened, requests)) == 9
    opened.close()
    with pytest.raises(UnknownName, match="quantization"):
        engine(extra={"quantisation": "fp8"}).open(instruct)
    with pytest.raises(SpecError, match="never lets vLLM run code"):
        engine(extra={"trust_remote_code": True}).open(instruct)
    with pytest.raises(SpecError, match=r"vllm\.dtype"):
        engine(extra={"dtype": "float16"}).open(instruct)


def test_settings_come_through_the_plugin_door() -> None:
    plugin = Plugins.discover().build(
        "engine", "vllm", {"tensor_parallel_size": 4, "extra": {"quantization": "fp8"}}
    )
    assert plugin.settings.tensor_parallel_size == 4
    assert plugin.settings.extra == {"quantization": "fp8"}


def test_without_vllm_the_install_command_is_named(
    instruct: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "find_spec", lambda module: None)
    properties = VLLM.parameters["properties"]
    bare = VLLM(**{name: entry["default"] for name, entry in properties.items()})
    with pytest.raises(MissingExtra, match=r"pip install 'vibench\[vllm\]'"):
        bare.open(instruct)


# --- room, without an engine -------------------------------------------------------------


def test_room_is_what_the_adapters_files_say(instruct: Model, adapters: list[Adapter]) -> None:
    sizes = AdapterSizes(instruct, max_slots=16, max_rank=64)
    for adapter in adapters:
        sizes.measure(adapter)
    need = sizes.need(adapters)
    assert (need.slots, need.rank) == (8, 8)
    assert {"q_proj", "down_proj"} <= need.modules
    assert "lm_head" not in need.modules
    assert sizes.need([]) == NO_ROOM
    more = Room(16, 8, frozenset({"q_proj"}))
    assert not need.holds(more)
    assert need.with_room_for(more).holds(more)
    assert need.with_room_for(more).holds(need)


def test_an_adapter_on_the_output_layer_is_refused(
    instruct: Model, adapters: list[Adapter], tmp_path: Path
) -> None:
    from safetensors.torch import load_file, save_file

    folder = tmp_path / "head"
    shutil.copytree(adapters[0].path, folder)
    weights = load_file(folder / "adapter_model.safetensors")
    some = next(iter(weights.values()))
    weights["base_model.model.lm_head.lora_A.weight"] = some.clone()
    save_file(weights, folder / "adapter_model.safetensors")
    with pytest.raises(AdapterError, match="changes lm_head"):
        AdapterSizes(instruct, 16, 64).measure(Adapter("h" * 32, "", str(folder)))
