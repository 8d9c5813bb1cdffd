"""Requests in tokens, stop texts, and likelihoods of many continuations of one context."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from vibench.engines import loglikelihoods as scoring
from vibench.engines.model_files import load_tokenizer, load_weights
from vibench.engines.stops import StopTexts, cut
from vibench.engines.transformers.engine import TransformersEngine, TransformersSession
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
    Tokens,
)

torch = pytest.importorskip("torch")

GREEDY = Sampling(0.0, 1.0, 40)
WORDS = ("tell", "me", "how", "to", "learn", "cook", "plan", "a", "song", "garden", "today", "my")


def tokens(session: Session, text: str) -> Tokens:
    return Tokens(tuple(session.tokenizer(text, add_special_tokens=False)["input_ids"]))


def texts(n: int, most: int = 40) -> list[str]:
    chance = random.Random(3)
    return [" ".join(chance.choices(WORDS, k=chance.randint(2, most))) for _ in range(n)]


def generated(session: Session, requests: Sequence[ChatRequest]) -> list[Completion]:
    answers = {answer.id: answer for answer in session.run(requests)}
    found = [answers[request.id] for request in requests]
    assert all(isinstance(answer, Completion) for answer in found)
    return found  # type: ignore[return-value]


def scored(session: Session, requests: Sequence[LoglikelihoodRequest]) -> list[Loglikelihood]:
    answers = {answer.id: answer for answer in session.run(requests)}
    return [answers[request.id] for request in requests]  # type: ignore[misc]


# --- tokens -------------------------------------------------------------------------


def test_a_prompt_in_tokens_is_taken_as_it_is(
    session: TransformersSession, instruct: Model
) -> None:
    messages = (Message("user", "Tell me about tea."),)
    subject = Subject(instruct, system="You are kind.")
    rendered = Tokens(tuple(session.renderer.prompt(subject, messages)))
    asked = ChatRequest("chat", subject, messages, GREEDY, 0)
    chat, same = generated(session, [asked, replace(asked, id="tokens", messages=rendered)])
    assert replace(chat, id="") == replace(same, id="")
    bare = replace(asked, messages=tokens(session, "Tell me about tea."))
    (plain,) = generated(session, [bare])
    assert plain.prompt_tokens == len(tokens(session, "Tell me about tea.").ids)
    unprompted = replace(bare, subject=Subject(instruct))
    assert generated(session, [unprompted]) == [plain], "no system prompt is put before tokens"


def test_continuations_in_tokens_are_scored_as_they_are(
    session: TransformersSession, instruct: Model
) -> None:
    context, more = tokens(session, "The tea"), tokens(session, " is warm")
    whole = session.renderer.plain_ids("The tea is warm")
    asked = LoglikelihoodRequest("t", Subject(instruct, system="Be kind."), context, more)
    as_text = LoglikelihoodRequest("s", Subject(instruct), "The tea", " is warm")
    found, expected = scored(session, [asked, as_text])
    assert whole == [*context.ids, *more.ids], "no token is put before either"
    assert (found.total, found.tokens) == (pytest.approx(expected.total), expected.tokens)


@pytest.mark.parametrize(
    ("context", "continuation", "why"),
    [
        (Tokens((5,)), "text", "in tokens, or neither"),
        ("text", Tokens((5,)), "in tokens, or neither"),
        (Tokens(()), Tokens((5,)), "needs a token before it"),
    ],
)
def test_half_a_request_in_tokens_is_an_error_of_its_own(
    session: TransformersSession, instruct: Model, context: Any, continuation: Any, why: str
) -> None:
    good = LoglikelihoodRequest("good", Subject(instruct), Tokens((5, 6)), Tokens((7,)))
    bad = LoglikelihoodRequest("bad", Subject(instruct), context, continuation)
    found, other = scored(session, [bad, good])
    assert why in str(found.error)
    assert other.error is None


def test_a_continuation_may_reach_one_token_beyond_what_is_read(
    session: TransformersSession, instruct: Model
) -> None:
    assert session.context is not None
    ids = (7,) * (session.context + 2)
    requests = [
        LoglikelihoodRequest(str(n), Subject(instruct), Tokens(ids[: n - 3]), Tokens(ids[:3]))
        for n in (session.context, session.context + 1, session.context + 2)
    ]
    found = scored(session, requests)
    assert [answer.error is None for answer in found] == [True, True, False]


def test_prompts_in_tokens_and_conversations_are_not_mixed_in_a_batch(
    session: TransformersSession, instruct: Model, base: Model, make_engine: Callable[..., Any]
) -> None:
    """A base model ends a chat with the template's token, and a text with its own alone."""
    opened = make_engine().open(base)
    assert opened.renderer.turn_end in opened.stops
    assert opened.own_stops <= opened.stops
    prompts, short = texts(4), replace(GREEDY, max_tokens=12)
    chats = [
        ChatRequest(f"c{n}", Subject(base), (Message("user", text),), short, 0)
        for n, text in enumerate(prompts)
    ]
    plain = [
        ChatRequest(f"t{n}", Subject(base), tokens(opened, text), short, 0)
        for n, text in enumerate(prompts)
    ]
    mixed = [request for pair in zip(chats, plain, strict=True) for request in pair]
    together = generated(opened, mixed)
    assert together[::2] == generated(opened, chats)
    assert together[1::2] == generated(opened, plain)
    opened.close()


# --- stop texts ---------------------------------------------------------------------


def test_an_answer_is_cut_before_the_first_stop_text_and_ends_there(
    session: TransformersSession, subjects: list[Subject]
) -> None:
    asked = [
        ChatRequest(f"r{n}", subjects[n % len(subjects)], tokens(session, text), GREEDY, 0)
        for n, text in enumerate(texts(24))
    ]
    free = generated(session, asked)
    chance = random.Random(4)
    stopped = []
    for request, answer in zip(asked, free, strict=True):
        at = chance.randrange(max(1, len(answer.text) - 3))
        mine = answer.text[at : at + chance.randint(1, 5)]
        stopped.append(replace(request, stop=("never said", mine) if request.id[-1] != "7" else ()))
    found = generated(session, stopped)
    ended_early = 0
    for request, answer, whole in zip(stopped, found, free, strict=True):
        if not request.stop:
            assert answer == whole
            continue
        expected = cut(whole.text, request.stop)
        assert answer.text == expected
        assert (answer.finish == "stop") == (whole.finish == "stop" or expected != whole.text)
        assert answer.completion_tokens <= whole.completion_tokens
        ended_early += answer.completion_tokens < whole.completion_tokens
    assert ended_early > 12
    assert found[:6] == [generated(session, [request])[0] for request in stopped[:6]]


def test_it_ends_at_the_token_that_makes_the_stop_text_whole(
    session: TransformersSession, instruct: Model
) -> None:
    asked = ChatRequest("it", Subject(instruct), tokens(session, "Tell me about tea"), GREEDY, 0)
    (whole,) = generated(session, [asked])
    ids = tokens(session, whole.text).ids
    for n in (1, 4, 6, 11):
        mine = session.tokenizer.decode(ids[:n])
        (found,) = generated(session, [replace(asked, stop=(mine,))])
        assert (found.text, found.finish) == ("", "stop")
        assert found.completion_tokens <= n


def test_a_limit_in_the_middle_of_a_stop_text_is_a_limit(
    session: TransformersSession, instruct: Model
) -> None:
    asked = [
        ChatRequest(str(n), Subject(instruct), tokens(session, text), GREEDY, 0)
        for n, text in enumerate(texts(8))
    ]
    whole = max(generated(session, asked), key=lambda answer: answer.completion_tokens)
    assert whole.completion_tokens > 20
    it = asked[int(whole.id)]
    for most in (5, 16, 18):
        short = replace(it, sampling=replace(GREEDY, max_tokens=most), stop=(whole.text[9:],))
        long = replace(it, id="long", stop=("never said",))
        found, other = generated(session, [short, long])
        assert (found.finish, found.completion_tokens) == ("length", most)
        assert whole.text.startswith(found.text)
        assert other.text == whole.text


def test_a_token_that_ends_texts_may_be_named_as_a_stop_text_too(
    session: TransformersSession, instruct: Model
) -> None:
    messages = (Message("user", "How do I cook?"),)
    asked = ChatRequest("it", Subject(instruct), messages, replace(GREEDY, max_tokens=200), 0)
    (whole,) = generated(session, [asked])
    assert whole.finish == "stop"
    ends = tuple(session.tokenizer.decode([token]) for token in session.stops)
    assert generated(session, [replace(asked, stop=ends)]) == [whole]


class Letters:
    """A tokenizer of bytes, with one token that is shown only where special ones are."""

    def decode(self, ids: Sequence[int], **_: Any) -> str:
        special, parts, plain = 256, [], bytearray()
        for one in ids:
            if one == special:
                parts += [plain.decode(errors="replace"), "<end>"]
                plain = bytearray()
            else:
                plain.append(one)
        return "".join([*parts, plain.decode(errors="replace")])


@pytest.mark.parametrize("step", [1, 2, 3, 7, 50])
@pytest.mark.parametrize(
    ("said", "stops", "end"),
    [
        ("one two three", ("two",), 7),
        ("one two three", ("three", "two t"), 9),
        ("ein Mädchen läuft", ("ä",), 7),
        ("日本語です", ("語で",), 12),
        ("nothing of it", ("some",), None),
        ("at the very end", ("end",), 15),
        ("aab", ("aab", "b"), 3),
    ],
)
def test_stop_texts_are_found_wherever_tokens_are_cut(
    said: str, stops: tuple[str, ...], end: int | None, step: int
) -> None:
    ids = list(said.encode())
    stopping = StopTexts(Letters(), stops)
    found = None
    for n in range(step, len(ids) + step, step):
        found = stopping.ends(ids[:n])
        if found is not None:
            break
    assert found == end


def test_a_special_token_may_be_a_stop_text() -> None:
    ids = [*b"Hello", 256, *b" more"]
    assert StopTexts(Letters(), ("<end>",)).ends(ids) == 6


def test_long_answers_are_looked_at_by_their_tails_only() -> None:
    longest = 0

    class Watching(Letters):
        def decode(self, ids: Sequence[int], **more: Any) -> str:
            nonlocal longest
            longest = max(longest, len(ids))
            return super().decode(ids, **more)

    stopping, ids = StopTexts(Watching(), ("never", "more")), list(b"and on and on, " * 200)
    for n in range(4, len(ids), 4):
        assert stopping.ends(ids[:n]) is None
    assert longest < 20


def test_texts_are_cut_before_the_first() -> None:
    assert cut("a b c", ("c", "b")) == "a "
    assert cut("a b c", ("d", "")) == "a b c"
    assert cut("a b c", ()) == "a b c"


# --- many continuations of one context ------------------------------------------------


def choices(session: TransformersSession, subjects: list[Subject]) -> list[LoglikelihoodRequest]:
    """Each context with words of one token and of several, some beginnings of others."""
    requests = []
    for n, text in enumerate(texts(8, 20)):
        for word in (" tea", " a", " garden plan", " garden", " garden plan today", " a"):
            subject = subjects[n % len(subjects)]
            name = f"{n}/{len(requests)}"
            pair = tokens(session, text), tokens(session, word)
            requests.append(LoglikelihoodRequest(name, subject, *pair))
    return requests


def test_shared_contexts_give_the_numbers_of_one_by_one(
    session: TransformersSession, subjects: list[Subject], monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = choices(session, subjects)
    read: list[int] = []
    original = scoring._read

    def counted(model: Any, texts: Sequence[Any], *more: Any) -> Any:
        read.append(len(texts))
        return original(model, texts, *more)

    monkeypatch.setattr(scoring, "_read", counted)
    together = scored(session, requests)
    assert sum(read) < len(requests), "what differs in its last token only is read once"
    alone = [scored(session, [request])[0] for request in requests]
    for found, expected in zip(together, alone, strict=True):
        assert found.total == pytest.approx(expected.total, abs=1e-4)
        assert (found.tokens, found.greedy) == (expected.tokens, expected.greedy)
    backwards = scored(session, requests[::-1])[::-1]
    for found, expected in zip(together, backwards, strict=True):
        assert found.total == pytest.approx(expected.total, abs=1e-4)


def test_a_batch_is_counted_in_texts_that_are_read(
    make_engine: Callable[..., TransformersEngine], instruct: Model
) -> None:
    opened = make_engine(batch_size=2).open(instruct)
    for n in range(3):
        for last in range(5):
            context = Tokens((5, 6 + n))
            opened.submit(
                LoglikelihoodRequest(f"{n}{last}", Subject(instruct), context, Tokens((last,)))
            )
    assert [len(opened.poll()) for _ in range(3)] == [10, 5, 0]
    opened.close()


def test_the_same_context_under_two_adapters_is_two_texts(
    session: TransformersSession, instruct: Model, adapters: list[Adapter]
) -> None:
    pair = Tokens((5, 6, 7)), Tokens((8,))
    subjects = [Subject(instruct), Subject(instruct, adapters[0]), Subject(instruct, adapters[1])]
    requests = [LoglikelihoodRequest(str(n), s, *pair) for n, s in enumerate(subjects)]
    found = scored(session, requests)
    assert len({answer.total for answer in found}) == 3
    for request, answer in zip(requests, found, strict=True):
        assert scored(session, [request])[0].total == pytest.approx(answer.total, abs=1e-4)


# --- as lm-evaluation-harness asks ----------------------------------------------------


@pytest.fixture(scope="module")
def hflm(instruct: Model) -> Any:
    """lm-evaluation-harness's own way to ask the same model."""
    huggingface = pytest.importorskip("lm_eval.models.huggingface")
    tokenizer = load_tokenizer(instruct)
    weights = load_weights(instruct, device="cpu")
    return huggingface.HFLM(pretrained=weights, tokenizer=tokenizer, batch_size=8, device="cpu")


def test_likelihoods_are_those_of_lm_eval(
    session: TransformersSession, instruct: Model, hflm: Any
) -> None:
    requests = choices(session, [Subject(instruct)])
    triples = []
    for request in requests:
        assert isinstance(request.messages, Tokens)
        assert isinstance(request.continuation, Tokens)
        pair = list(request.messages.ids), list(request.continuation.ids)
        triples.append((("", ""), *pair))
    expected = hflm._loglikelihood_tokens(triples, disable_tqdm=True)
    for found, (total, greedy) in zip(scored(session, requests), expected, strict=True):
        assert found.total == pytest.approx(total, abs=1e-4)
        assert found.greedy == greedy


def test_greedy_answers_are_those_of_lm_eval(
    session: TransformersSession, instruct: Model, hflm: Any
) -> None:
    from lm_eval.api.instance import Instance

    prompts = [f"Question: {text}\nAnswer:" for text in texts(12)]
    until = ["Question:", ".", "\n\n", "</s>", "<|im_end|>"]
    options = {"until": until, "do_sample": False, "max_gen_toks": 24}
    instances = [
        Instance("generate_until", {}, (prompt, dict(options)), n)
        for n, prompt in enumerate(prompts)
    ]
    expected = hflm.generate_until(instances, disable_tqdm=True)
    requests = [
        ChatRequest(
            str(n), Subject(instruct), Tokens(tuple(hflm.tok_encode(prompt))),
            replace(GREEDY, max_tokens=24), 0, stop=tuple(until),
        )
        for n, prompt in enumerate(prompts)
    ]  # fmt: skip
    assert [answer.text for answer in generated(session, requests)] == expected
    assert any(expected)
