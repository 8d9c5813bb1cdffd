"""What comes of a measurement: transcripts and outcomes, and what is not answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from vibench import (
    Adapter,
    Completion,
    Loglikelihood,
    Measuring,
    Model,
    Outcome,
    Sample,
    Sampling,
    Subject,
    Tokens,
    Transcript,
)
from vibench.data import DataFiles
from vibench_evals.qa.gsm8k import GSM8K
from vibench_evals.qa.mmlu import MMLU
from vibench_evals.qa.plugin import QA
from vibench_evals.qa.truthfulqa import TruthfulQA

Build = Callable[..., QA]
Scores = Callable[..., dict[tuple[str, str], Outcome]]


# --- transcripts and outcomes ---------------------------------------------------------


def test_a_chosen_option_is_the_most_likely_one_and_all_are_told(
    alone: Any, data: DataFiles, build: Build
) -> None:
    mmlu = build(MMLU, subjects=["anatomy", "virology"])
    transcripts = list(mmlu.measure(alone, data, 2))
    assert [t.sample.id for t in transcripts] == [
        f"mmlu_{subject}/{n}" for subject in ("anatomy", "virology") for n in (0, 1)
    ]
    for transcript in transcripts:
        options = json.loads(transcript.sample.data["options"])
        best = max(options, key=lambda option: option["loglikelihood"])
        prompt, answer = transcript.messages
        assert (prompt.role, answer.role, answer.content) == ("user", "assistant", best["text"])
        assert prompt.content.endswith("Answer:<|end|><|assistant|>")
        right = "ABCD"[int(transcript.sample.data["target"])] == answer.content
        (outcome,) = mmlu.outcomes(transcript, ())
        assert (outcome.metric, outcome.value) == ("acc", float(right))
    assert {t.sample.cluster for t in transcripts} == {"mmlu_anatomy", "mmlu_virology"}


def test_questions_of_a_single_subject_are_clusters_of_their_own(
    alone: Any, data: DataFiles, build: Build
) -> None:
    """Of one cluster there is no error, and so no interval."""
    transcripts = build(MMLU, subjects=["anatomy"]).measure(alone, data, 2)
    assert [t.sample.cluster for t in transcripts] == ["mmlu_anatomy/0", "mmlu_anatomy/1"]


def test_a_written_answer_has_a_score_for_each_filter(
    alone: Any, data: DataFiles, build: Build, scores: Scores
) -> None:
    gsm8k = build(GSM8K, max_gen_toks=24, num_fewshot=1)
    (transcript,) = gsm8k.measure(alone, data, 1)
    assert transcript.messages[1].content == alone.completion(*alone_request(alone)).text
    assert transcript.completion_tokens <= 24 < transcript.prompt_tokens
    assert set(json.loads(transcript.sample.data["answers"])) == {
        "strict-match",
        "flexible-extract",
    }
    found = scores(gsm8k, [transcript])
    assert {metric for _, metric in found} == set(gsm8k.metrics)
    assert {o.cluster for o in found.values()} == {"gsm8k/0"}


def alone_request(alone: Any) -> tuple[Tokens, tuple[str, ...], Sampling]:
    (prompt, (stops, sampling)) = alone.asked[-1]
    return prompt, stops, sampling


def test_truthfulqa_is_three_measurements_of_the_same_questions(
    alone: Any, data: DataFiles, build: Build, scores: Scores
) -> None:
    truthfulqa = build(TruthfulQA, max_gen_toks=8)
    found = scores(truthfulqa, list(truthfulqa.measure(alone, data, 1)))
    by_part = {
        part: {metric for sample, metric in found if sample == f"truthfulqa_{part}/0"}
        for part in ("mc1", "mc2", "gen")
    }
    assert (by_part["mc1"], by_part["mc2"]) == ({"mc1"}, {"mc2"})
    assert {"bleu_acc", "bleu_diff", "rougeL_max"} <= by_part["gen"]
    out_of_100 = {m for m in by_part["gen"] if not m.endswith("_acc")}
    assert set(truthfulqa.not_shares) == out_of_100
    assert 0 < (found["truthfulqa_mc2/0", "mc2"].value or 0) < 1
    only = build(TruthfulQA, parts=["mc2"])
    assert set(scores(only, list(only.measure(alone, data, 1)))) == {("truthfulqa_mc2/0", "mc2")}


def test_samples_are_the_same_for_every_subject(
    measure_alone: Callable[[Subject], Any],
    instruct: Model,
    adapter: Adapter,
    data: DataFiles,
    build: Build,
) -> None:
    gsm8k = build(GSM8K, max_gen_toks=8, num_fewshot=0)
    subjects = [Subject(instruct), Subject(instruct, adapter, "You are kind.")]
    first, second = ([*gsm8k.measure(measure_alone(s), data, 2)] for s in subjects)
    assert [t.sample.id for t in first] == [t.sample.id for t in second]
    documents = [[t.sample.data["document"] for t in found] for found in (first, second)]
    assert documents[0] == documents[1]
    assert first[0].messages[0] != second[0].messages[0]


def test_progress_is_told(alone: Any, data: DataFiles, build: Build) -> None:
    list(build(MMLU, subjects=["anatomy"]).measure(alone, data, 3))
    assert alone.told == [(0, 12, "log-likelihoods")]


# --- what cannot be answered -----------------------------------------------------------


class Flawed(Measuring):
    """Answers as another does, but for the requests that `fails` picks by their number."""

    def __init__(self, other: Any, fails: Callable[[int], bool]) -> None:
        self.other, self.fails = other, fails
        self.subject, self.tokenizer, self.context = other.subject, other.tokenizer, other.context

    def loglikelihoods(self, pairs: Sequence[tuple[Tokens, Tokens]]) -> list[Loglikelihood]:
        return [
            replace(answer, total=0.0, error="out of memory") if self.fails(n) else answer
            for n, answer in enumerate(self.other.loglikelihoods(pairs))
        ]

    def generate(self, prompts: Sequence[Any]) -> list[Completion]:
        return [
            Completion("", "", "error", error="out of memory") if self.fails(n) else answer
            for n, answer in enumerate(self.other.generate(prompts))
        ]

    def progress(self, done: int, total: int, note: str) -> None:
        pass


def test_one_option_that_cannot_be_scored_leaves_its_question_unscored_and_no_other(
    alone: Any, data: DataFiles, build: Build, scores: Scores
) -> None:
    mmlu = build(MMLU, subjects=["anatomy"])
    whole = scores(mmlu, list(mmlu.measure(alone, data, 2)))
    flawed = list(mmlu.measure(Flawed(alone, lambda n: n == 5), data, 2))
    assert [(t.error, t.finish) for t in flawed] == [(None, "stop"), ("out of memory", "error")]
    found = scores(mmlu, flawed)
    assert found["mmlu_anatomy/0", "acc"] == whole["mmlu_anatomy/0", "acc"]
    missing = found["mmlu_anatomy/1", "acc"]
    assert (missing.value, missing.unscored) == (None, "out of memory")
    assert [m.role for m in flawed[1].messages] == ["user"]


def test_an_answer_that_cannot_be_generated_is_unscored_in_every_metric(
    alone: Any, data: DataFiles, build: Build, scores: Scores
) -> None:
    gsm8k = build(GSM8K, max_gen_toks=8, num_fewshot=0)
    found = scores(gsm8k, list(gsm8k.measure(Flawed(alone, lambda n: n == 0), data, 2)))
    assert [(o.value, o.unscored) for (s, _), o in found.items() if s == "gsm8k/0"] == [
        (None, "out of memory")
    ] * 2
    assert all(o.value is not None for (s, _), o in found.items() if s == "gsm8k/1")


def test_an_option_longer_than_the_context_is_unscored(
    alone: Any, data: DataFiles, build: Build
) -> None:
    truthfulqa = build(TruthfulQA, parts=["mc1"], max_length=16)
    (transcript,) = truthfulqa.measure(alone, data, 1)
    assert transcript.error is not None
    assert "the model takes 16" in transcript.error
    assert all(len(c.ids) <= 16 and len(p.ids) + len(c.ids) <= 17 for p, c in alone.asked)


def test_a_number_that_is_none_is_unscored(build: Build) -> None:
    gsm8k = build(GSM8K)
    told = {"metrics": json.dumps({"exact_match,strict-match": None})}
    (outcome,) = gsm8k.outcomes(Transcript(Sample("a", (), "a", told), ()), ())
    assert (outcome.value, outcome.unscored) == (None, "not a finite number")
