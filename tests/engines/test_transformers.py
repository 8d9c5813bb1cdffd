"""The engine answers each request as if it were alone, and no request brings down another."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vibench.embedded import locate
from vibench.engines import memory
from vibench.engines.chat_template import Renderer
from vibench.engines.transformers.engine import TransformersEngine, TransformersSession
from vibench.errors import MissingExtra, UsageError
from vibench.interfaces import Session
from vibench.records import (
    Adapter,
    ChatRequest,
    Completion,
    Loglikelihood,
    LoglikelihoodRequest,
    Message,
    Model,
    Sampling,
    Subject,
)

torch = pytest.importorskip("torch")

MakeEngine = Callable[..., TransformersEngine]
GREEDY = Sampling(0.0, 1.0, 24)
WORDS = ("tell", "me", "how", "to", "learn", "cook", "plan", "a", "song", "garden", "today", "my")


def user(text: str) -> tuple[Message, ...]:
    return (Message("user", text),)


def chat(
    name: str, subject: Subject, text: str, sampling: Sampling = GREEDY, seed: int = 0
) -> ChatRequest:
    return ChatRequest(name, subject, user(text), sampling, seed)


def ask(session: Session, requests: Iterable[ChatRequest]) -> dict[str, Completion]:
    answers = {answer.id: answer for answer in session.run(requests)}
    assert all(isinstance(answer, Completion) for answer in answers.values())
    return answers  # type: ignore[return-value]


def likelihood(
    session: Session, subject: Subject, messages: Any, continuation: str
) -> Loglikelihood:
    (answer,) = session.run([LoglikelihoodRequest("it", subject, messages, continuation)])
    assert isinstance(answer, Loglikelihood)
    return answer


def crowd(subjects: list[Subject], temperature: float, n: int = 41) -> list[ChatRequest]:
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


def test_at_temperature_0_a_request_gives_the_same_alone_and_in_a_crowd(
    session: TransformersSession, subjects: list[Subject]
) -> None:
    requests = crowd(subjects, 0.0)
    together = ask(session, requests)
    for request in requests[::4]:
        assert ask(session, [request])[request.id] == together[request.id]


def test_when_sampling_too_but_for_draws_within_rounding_of_a_boundary(
    session: TransformersSession, subjects: list[Subject], record_property: Any
) -> None:
    requests = crowd(subjects, 0.7)
    together = ask(session, requests)
    alone = [ask(session, [request])[request.id] for request in requests]
    share = sum(answer == together[answer.id] for answer in alone) / len(alone)
    record_property("share of sampled answers that are the same alone", share)
    # About 900 tokens with a chance of some 1e-5 each: one answer may differ, hardly two.
    assert share >= 1 - 1 / len(alone)


def test_the_same_batch_gives_the_same_bits(
    session: TransformersSession, subjects: list[Subject]
) -> None:
    assert ask(session, crowd(subjects, 0.9)) == ask(session, crowd(subjects, 0.9))


def test_a_seed_decides_a_sampled_answer(session: TransformersSession, instruct: Model) -> None:
    wild = Sampling(1.5, 1.0, 24)
    requests = [chat(str(s), Subject(instruct), "Tell me a story.", wild, s) for s in (1, 2, 3)]
    answers = ask(session, requests)
    assert len({answer.text for answer in answers.values()}) == 3


def test_an_adapter_in_a_mixed_batch_answers_as_peft_does_alone(
    session: TransformersSession, subjects: list[Subject], instruct: Model, adapters: list[Adapter]
) -> None:
    from peft import PeftModel

    from vibench.engines.model_files import load_weights

    requests = crowd(subjects, 0.0)
    mixed = ask(session, requests)
    for adapter in adapters:
        model = PeftModel.from_pretrained(load_weights(instruct, device="cpu"), adapter.path)
        for request in [r for r in requests if r.subject.adapter == adapter][:3]:
            ids = torch.tensor([session.renderer.prompt(request.subject, request.messages)])
            out = model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                max_new_tokens=request.sampling.max_tokens,
                do_sample=False,
            )
            text = session.renderer.tokenizer.decode(
                out[0, ids.shape[1] :], skip_special_tokens=True
            )
            assert mixed[request.id].text == text


def test_base_adapters_and_system_prompts_are_all_in_effect(
    session: TransformersSession, subjects: list[Subject]
) -> None:
    asked = user("How do I learn to cook?")
    requests = [
        LoglikelihoodRequest(str(i), s, asked, "You can start with a soup.")
        for i, s in enumerate(subjects)
    ]
    totals = [answer.total for answer in session.run(requests)]
    assert len(set(totals)) == len(subjects)


def test_an_answer_ends_at_its_limit_or_by_itself_and_is_counted(
    session: TransformersSession, instruct: Model
) -> None:
    short = replace(GREEDY, max_tokens=3)
    long = replace(GREEDY, max_tokens=400)
    said = ask(
        session, [chat(n, Subject(instruct), "Hello", s) for n, s in [("3", short), ("400", long)]]
    )
    prompt = session.renderer.prompt(Subject(instruct), user("Hello"))
    assert (said["3"].finish, said["3"].completion_tokens) == ("length", 3)
    assert said["400"].finish == "stop"
    assert 3 < said["400"].completion_tokens < 400
    assert said["400"].prompt_tokens == len(prompt)
    assert said["400"].text.startswith(said["3"].text)
    assert not any(t in said["400"].text for t in session.renderer.tokenizer.all_special_tokens)


def test_answers_longer_than_a_segment_are_what_one_uncut_generation_gives(
    session: TransformersSession, instruct: Model
) -> None:
    from vibench.engines.model_files import load_weights

    requests = [
        chat(str(n), Subject(instruct), f"Tell me about plan {n}.", replace(GREEDY, max_tokens=n))
        for n in (5, 16, 17, 70, 130)
    ]
    said = ask(session, requests)
    model = load_weights(instruct, device="cpu")
    for request in requests:
        ids = torch.tensor([session.renderer.prompt(request.subject, request.messages)])
        out = model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=request.sampling.max_tokens,
            do_sample=False,
        )
        text = session.renderer.tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True)
        assert said[request.id].text == text


def test_a_model_whose_cache_cannot_be_cut_by_rows_says_the_same(
    session: TransformersSession, subjects: list[Subject], monkeypatch: pytest.MonkeyPatch
) -> None:
    from vibench.engines.transformers import generation

    requests = crowd(subjects, 0.7, 12)
    expected = ask(session, requests)
    monkeypatch.setattr(generation, "_rows_of_cache", lambda cache, rows, before: None)
    assert ask(session, requests) == expected


def test_a_base_model_stops_where_its_borrowed_template_ends_a_turn(
    make_engine: MakeEngine, base: Model, instruct: Model, adapters: list[Adapter]
) -> None:
    opened = make_engine().open(base)
    end = Renderer(opened.renderer.tokenizer).turn_end
    assert end in opened.stops
    opened.close()


def test_a_prompt_longer_than_the_context_is_an_error_of_that_request_alone(
    session: TransformersSession, instruct: Model
) -> None:
    assert session.context is not None
    said = ask(
        session,
        [
            chat("long", Subject(instruct), "word " * session.context),
            chat("short", Subject(instruct), "Hi"),
        ],
    )
    assert said["long"].finish == "error"
    assert f"the model takes {session.context}" in str(said["long"].error)
    assert said["short"].error is None


def test_an_answer_never_outgrows_the_context(
    session: TransformersSession, instruct: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompt = session.renderer.prompt(Subject(instruct), user("Hello"))
    monkeypatch.setattr(session, "context", len(prompt) + 2)
    answer = ask(session, [chat("it", Subject(instruct), "Hello")])["it"]
    assert (answer.finish, answer.completion_tokens) == ("length", 2)


def test_more_adapters_than_fit_are_taken_in_turns(
    make_engine: MakeEngine, instruct: Model, subjects: list[Subject], session: TransformersSession
) -> None:
    narrow = make_engine(max_adapters=1).open(instruct)
    requests = crowd(subjects, 0.0, 15)
    expected = ask(session, requests)
    for request in requests:
        narrow.submit(request)
    said = []
    while finished := narrow.poll():
        said.extend(finished)
        assert len(narrow.shelf.held) <= 1
    assert {answer.id: answer for answer in said} == expected
    narrow.close()


def test_an_adapter_that_cannot_be_loaded_is_an_error_of_its_requests_alone(
    session: TransformersSession,
    instruct: Model,
    adapters: list[Adapter],
    save_adapter: Callable[..., Adapter],
    tmp_path: Path,
) -> None:
    good = ask(session, [chat("good", Subject(instruct, adapters[0]), "Hi")])["good"]
    halved = tmp_path / "halved"
    shutil.copytree(adapters[0].path, halved)
    config = json.loads((halved / "adapter_config.json").read_text())
    (halved / "adapter_config.json").write_text(json.dumps({**config, "r": config["r"] * 2}))
    fewer = tmp_path / "fewer"
    shutil.copytree(adapters[0].path, fewer)
    _drop_half_of_the_weights(fewer / "adapter_model.safetensors")
    said = ask(
        session,
        [
            chat("gone", Subject(instruct, Adapter("g" * 32, "", str(tmp_path / "no"))), "Hi"),
            chat("shape", Subject(instruct, Adapter("e" * 32, "", str(halved))), "Hi"),
            chat("fewer", Subject(instruct, Adapter("f" * 32, "", str(fewer))), "Hi"),
            chat("good", Subject(instruct, adapters[0]), "Hi"),
        ],
    )
    assert "there is no adapter in the folder" in str(said["gone"].error)
    assert "cannot be loaded" in str(said["shape"].error)
    assert "weights are missing" in str(said["fewer"].error)
    assert said["good"].text == good.text


def _drop_half_of_the_weights(path: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(path)
    save_file({name: weights[name] for name in sorted(weights)[: len(weights) // 2]}, path)


def test_a_broken_first_adapter_leaves_the_base_as_it_was(
    make_engine: MakeEngine,
    instruct: Model,
    adapters: list[Adapter],
    session: TransformersSession,
    tmp_path: Path,
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(adapters[0].path, broken)
    _drop_half_of_the_weights(broken / "adapter_model.safetensors")
    fresh = make_engine().open(instruct)
    bad, good = Adapter("b" * 32, "", str(broken)), adapters[1]
    assert ask(fresh, [chat("bad", Subject(instruct, bad), "Hi")])["bad"].error
    wanted = [chat("base", Subject(instruct), "Hi"), chat("good", Subject(instruct, good), "Hi")]
    assert ask(fresh, wanted) == ask(session, wanted)
    fresh.close()


def test_a_batch_that_does_not_fit_is_halved_until_it_does(
    session: TransformersSession, instruct: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vibench.engines.transformers import session as sessions

    sizes: list[int] = []
    real = sessions.generate

    def tight(model: Any, prompts: Any, *rest: Any) -> Any:
        sizes.append(len(prompts))
        if len(prompts) > 2 or any(len(p.ids) > 100 for p in prompts):
            raise torch.OutOfMemoryError("no more memory")
        return real(model, prompts, *rest)

    requests = [chat(str(i), Subject(instruct), "Hello " * (i + 1)) for i in range(6)]
    expected = ask(session, requests)
    monkeypatch.setattr(sessions, "generate", tight)
    too_long = chat("long", Subject(instruct), "word " * 150)
    said = ask(session, [*requests, too_long])
    assert {name: said[name] for name in expected} == expected
    assert "out of memory" in str(said["long"].error)
    assert sizes[:3] == [7, 4, 2]


def test_other_failures_are_not_taken_for_a_lack_of_memory() -> None:
    with pytest.raises(RuntimeError, match="shapes"):
        memory.in_halves([1, 2], lambda items: _raise(RuntimeError("shapes")), lambda i, e: 0)
    assert memory.out_of_memory(RuntimeError("DefaultCPUAllocator: can't allocate memory: x"))


def _raise(error: Exception) -> Any:
    raise error


def test_batches_follow_from_the_order_of_submission(
    make_engine: MakeEngine, instruct: Model
) -> None:
    small = make_engine(batch_size=3).open(instruct)
    texts = ["a " * n for n in (9, 1, 30, 2, 5, 7)]
    for i, text in enumerate(texts):
        small.submit(chat(str(i), Subject(instruct), text))
    small.submit(LoglikelihoodRequest("l", Subject(instruct), "one", " two"))
    small.submit(chat("6", Subject(instruct), "b"))
    polled = [{answer.id for answer in small.poll()} for _ in range(5)]
    assert polled == [{"0", "1", "2"}, {"3", "4", "5"}, {"l"}, {"6"}, set()]
    small.close()


def test_a_request_for_another_model_is_refused(session: TransformersSession, base: Model) -> None:
    with pytest.raises(ValueError, match="tiny-base"):
        session.submit(chat("it", Subject(base), "Hello"))


def test_a_checkpoints_own_generation_defaults_do_not_apply(
    make_engine: MakeEngine, instruct: Model, session: TransformersSession, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(locate(instruct.source), folder)
    config = json.loads((folder / "generation_config.json").read_text())
    penalty = {"repetition_penalty": 5.0, "do_sample": True, "temperature": 3.0, "max_length": 20}
    (folder / "generation_config.json").write_text(json.dumps({**config, **penalty}))
    opened = make_engine().open(replace(instruct, source=str(folder)))
    requests = [chat("it", Subject(instruct), "How do I plan a garden?")]
    assert ask(opened, requests) == ask(session, requests)
    opened.close()


# --- log-likelihoods ----------------------------------------------------------


def test_a_loglikelihood_is_the_sum_of_the_tokens_log_probabilities(
    session: TransformersSession, instruct: Model
) -> None:
    from vibench.engines.model_files import load_weights

    subject, answer = Subject(instruct), "Start with a small pot."
    ids, start = session.renderer.continued(subject, user("How do I cook?"), answer)
    with torch.no_grad():
        logits = load_weights(instruct, device="cpu")(input_ids=torch.tensor([ids])).logits[0]
    logs = torch.log_softmax(logits.float(), -1)
    expected = sum(float(logs[k - 1, ids[k]]) for k in range(start, len(ids)))
    found = likelihood(session, subject, user("How do I cook?"), answer)
    assert found.total == pytest.approx(expected, abs=1e-3)
    assert found.tokens == len(ids) - start


def test_a_greedy_answer_is_known_as_such(session: TransformersSession, instruct: Model) -> None:
    request = chat("it", Subject(instruct), "How do I cook?", replace(GREEDY, max_tokens=200))
    answer = ask(session, [request])["it"]
    assert answer.finish == "stop"
    assert likelihood(session, request.subject, request.messages, answer.text).greedy
    assert not likelihood(session, request.subject, request.messages, "No." + answer.text).greedy


def test_loglikelihoods_of_mixed_subjects_are_those_of_each_alone(
    session: TransformersSession, subjects: list[Subject]
) -> None:
    requests = [
        LoglikelihoodRequest(f"{i}-{n}", subject, user("Tell me about tea. " * n), "It is " * n)
        for i, subject in enumerate(subjects)
        for n in (1, 4, 9)
    ]
    together = {answer.id: answer for answer in session.run(requests)}
    for request in requests:
        (alone,) = session.run([request])
        mixed = together[request.id]
        assert isinstance(alone, Loglikelihood)
        assert isinstance(mixed, Loglikelihood)
        assert mixed.total == pytest.approx(alone.total, abs=1e-3)
        assert (mixed.tokens, mixed.greedy) == (alone.tokens, alone.greedy)


def test_plain_text_adds_up_over_its_parts(session: TransformersSession, instruct: Model) -> None:
    first = likelihood(session, Subject(instruct), "The", " tea")
    second = likelihood(session, Subject(instruct), "The tea", " is warm")
    whole = likelihood(session, Subject(instruct), "The", " tea is warm")
    assert whole.total == pytest.approx(first.total + second.total, abs=1e-3)
    assert whole.tokens == first.tokens + second.tokens


def test_the_first_token_of_a_text_counts_too(
    session: TransformersSession, instruct: Model
) -> None:
    found = likelihood(session, Subject(instruct), "", "The tea")
    assert found.tokens == len(session.renderer.plain_ids("The tea"))
    assert found.total < 0


def test_nothing_is_certain(session: TransformersSession, instruct: Model) -> None:
    found = likelihood(session, Subject(instruct), "The tea", "")
    assert (found.total, found.tokens, found.greedy) == (0.0, 0, True)


def test_a_text_longer_than_the_context_has_no_likelihood(
    session: TransformersSession, instruct: Model
) -> None:
    found = likelihood(session, Subject(instruct), "word " * 3000, "end")
    assert "the model takes" in str(found.error)


# --- models that cannot be had -------------------------------------------------


def spoiled(folder: Path, model: Model, *patterns: str) -> Model:
    """A copy of the model without some of its files."""
    shutil.copytree(locate(model.source), folder)
    for pattern in patterns:
        for path in folder.glob(pattern):
            path.unlink()
    return replace(model, source=str(folder))


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        (["tokenizer*"], "no tokenizer"),
        (["*.safetensors"], "no weights"),
        (["config.json"], "config"),
    ],
)
def test_an_incomplete_model_folder_is_named_with_what_it_lacks(
    make_engine: MakeEngine, instruct: Model, tmp_path: Path, gone: list[str], said: str
) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        make_engine().open(spoiled(tmp_path / "model", instruct, *gone))
    assert str(tmp_path / "model") in caught.value.message
    assert caught.value.hint


def test_broken_weights_are_the_users_to_mend(
    make_engine: MakeEngine, instruct: Model, tmp_path: Path
) -> None:
    model = spoiled(tmp_path / "model", instruct)
    (tmp_path / "model" / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(UsageError, match="cannot be loaded"):
        make_engine().open(model)


def test_a_folder_that_is_not_there_is_not_looked_for_on_the_hub(
    make_engine: MakeEngine, instruct: Model
) -> None:
    with pytest.raises(UsageError, match="There is no model folder"):
        make_engine().open(replace(instruct, source="./no/such/model"))


def test_a_hub_that_cannot_be_reached_is_named_with_both_ways_out(
    make_engine: MakeEngine, instruct: Model, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(UsageError, match="cannot be loaded from the hub") as caught:
        make_engine().open(replace(instruct, source="nobody/no-such-model"))
    assert "local folder" in caught.value.hint
    with pytest.raises(UsageError, match="GGUF files are not read"):
        make_engine().open(replace(instruct, source="nobody/no-such-model-GGUF"))


def test_a_gpu_that_is_not_there_is_said_so(make_engine: MakeEngine, instruct: Model) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(UsageError, match="sees no GPU"):
        make_engine(device="cuda:0").open(instruct)


def test_without_torch_the_install_command_is_named(
    make_engine: MakeEngine, instruct: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vibench.engines import model_files as loading

    monkeypatch.setattr(loading, "find_spec", lambda module: None)
    with pytest.raises(MissingExtra, match=r"pip install 'vibench\[transformers\]'"):
        make_engine().open(instruct)


def test_a_model_without_a_template_says_where_to_name_one(
    make_engine: MakeEngine, base: Model, instruct: Model, tmp_path: Path
) -> None:
    bare = replace(base, chat_template=None)
    opened = make_engine().open(bare)
    with pytest.raises(UsageError, match="no chat template"):
        opened.submit(chat("it", Subject(bare), "Hello"))
    # Plain text needs none: base models under `prompt` alone.
    assert ask(opened, [chat("it", Subject(bare, system="Be kind."), "Hello")])["it"].error is None
    opened.close()
    for source in ("embedded:tiny-instruct", _jinja(tmp_path)):
        opened = make_engine(chat_template=source).open(bare)
        assert ask(opened, [chat("it", Subject(bare), "Hello")])["it"].error is None
        opened.close()


def _jinja(folder: Path) -> str:
    path = folder / "template.jinja"
    path.write_text("{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant:")
    return str(path)
