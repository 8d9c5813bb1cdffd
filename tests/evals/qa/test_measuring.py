"""What comes of a measurement: transcripts, outcomes, and what is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vibench import (
    Adapter,
    ChatRequest,
    Completion,
    DataError,
    Loglikelihood,
    LoglikelihoodRequest,
    Measuring,
    Model,
    Outcome,
    Sampling,
    Session,
    Subject,
    Tokens,
    Transcript,
    UsageError,
)
from vibench.data import Data
from vibench.engines.transformers import TransformersEngine
from vibench_evals.qa.any_task import AnyTask
from vibench_evals.qa.gsm8k import GSM8K
from vibench_evals.qa.mmlu import MMLU, MMLUPro
from vibench_evals.qa.plugin import QA
from vibench_evals.qa.truthfulqa import TruthfulQA

REFUSES = (
    "{% for m in messages %}{% if m['role'] == 'system' %}{{ raise_exception('no system') }}"
    "{% endif %}<|{{ m['role'] }}|>{{ m['content'] }}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
"""A chat template as Gemma's, which takes no system message."""


def build(cls: type[QA], **said: Any) -> QA:
    properties = cls.parameters["properties"]
    defaults = {name: one["default"] for name, one in properties.items() if "default" in one}
    assert said.keys() <= properties.keys()
    return cls(**{**defaults, **said})


def scores(evaluation: QA, transcripts: Sequence[Transcript]) -> dict[tuple[str, str], Outcome]:
    found = [o for t in transcripts for o in evaluation.outcomes(t, ())]
    made = {(o.sample, o.metric): o for o in found}
    assert len(made) == len(found)
    return made


@pytest.fixture
def data(real_data: Path) -> Data:
    return Data(real_data, False, {})


@pytest.fixture
def alone(measure_alone: Callable[[Subject], Any], instruct: Model) -> Any:
    return measure_alone(Subject(instruct))


# --- transcripts and outcomes ---------------------------------------------------------


def test_a_chosen_option_is_the_most_likely_one_and_all_are_told(alone: Any, data: Data) -> None:
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


def test_a_written_answer_has_a_score_for_each_filter(alone: Any, data: Data) -> None:
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


def test_truthfulqa_is_three_measurements_of_the_same_questions(alone: Any, data: Data) -> None:
    truthfulqa = build(TruthfulQA, max_gen_toks=8)
    found = scores(truthfulqa, list(truthfulqa.measure(alone, data, 1)))
    by_part = {
        part: {metric for sample, metric in found if sample == f"truthfulqa_{part}/0"}
        for part in ("mc1", "mc2", "gen")
    }
    assert (by_part["mc1"], by_part["mc2"]) == ({"mc1"}, {"mc2"})
    assert {"bleu_acc", "bleu_diff", "rougeL_max"} <= by_part["gen"]
    assert 0 < (found["truthfulqa_mc2/0", "mc2"].value or 0) < 1
    only = build(TruthfulQA, parts=["mc2"])
    assert set(scores(only, list(only.measure(alone, data, 1)))) == {("truthfulqa_mc2/0", "mc2")}


def test_samples_are_the_same_for_every_subject(
    measure_alone: Callable[[Subject], Any], instruct: Model, adapter: Adapter, data: Data
) -> None:
    gsm8k = build(GSM8K, max_gen_toks=8, num_fewshot=0)
    subjects = [Subject(instruct), Subject(instruct, adapter, "You are kind.")]
    first, second = ([*gsm8k.measure(measure_alone(s), data, 2)] for s in subjects)
    assert [t.sample.id for t in first] == [t.sample.id for t in second]
    documents = [[t.sample.data["document"] for t in found] for found in (first, second)]
    assert documents[0] == documents[1]
    assert first[0].messages[0] != second[0].messages[0]


def test_progress_is_told(alone: Any, data: Data) -> None:
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
    alone: Any, data: Data
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
    alone: Any, data: Data
) -> None:
    gsm8k = build(GSM8K, max_gen_toks=8, num_fewshot=0)
    found = scores(gsm8k, list(gsm8k.measure(Flawed(alone, lambda n: n == 0), data, 2)))
    assert [(o.value, o.unscored) for (s, _), o in found.items() if s == "gsm8k/0"] == [
        (None, "out of memory")
    ] * 2
    assert all(o.value is not None for (s, _), o in found.items() if s == "gsm8k/1")


def test_an_option_longer_than_the_context_is_unscored(alone: Any, data: Data) -> None:
    truthfulqa = build(TruthfulQA, parts=["mc1"], max_length=16)
    (transcript,) = truthfulqa.measure(alone, data, 1)
    assert transcript.error is not None
    assert "the model takes 16" in transcript.error
    assert all(len(c.ids) <= 16 and len(p.ids) + len(c.ids) <= 17 for p, c in alone.asked)


def test_a_number_that_is_none_is_unscored() -> None:
    gsm8k = build(GSM8K)
    told = {"metrics": json.dumps({"exact_match,strict-match": None})}
    from vibench import Sample

    (outcome,) = gsm8k.outcomes(Transcript(Sample("a", (), "a", told), ()), ())
    assert (outcome.value, outcome.unscored) == (None, "not a finite number")


# --- how a subject is asked ----------------------------------------------------------------


def prompt_of(measuring: Any, data: Data, **said: Any) -> str:
    (transcript,) = build(MMLU, subjects=["anatomy"], **said).measure(measuring, data, 1)
    return str(transcript.messages[0].content)


def test_the_subject_decides_on_template_and_system_prompt(
    measure_alone: Callable[[Subject], Any], instruct: Model, base: Model, data: Data
) -> None:
    kind = "You are kind."
    described = "The following are multiple choice questions (with answers) about anatomy."
    chat = prompt_of(measure_alone(Subject(instruct, system=kind)), data)
    assert chat.startswith(f"<|bos|><|system|>{kind}\n\n{described}<|end|><|user|>")
    plain = prompt_of(measure_alone(Subject(base, system=kind)), data)
    assert plain.startswith(f"{kind}\n\n{described}")
    assert plain.endswith("Answer:")
    assert "<|" in prompt_of(measure_alone(Subject(base)), data)
    assert "<|" not in prompt_of(measure_alone(Subject(base)), data, chat_template="never")


def test_a_system_prompt_is_never_lost_to_a_template_without_system_messages(
    measure_alone: Callable[[Subject], Any], instruct: Model, data: Data
) -> None:
    vanilla, prompted = (
        measure_alone(Subject(instruct)),
        measure_alone(Subject(instruct, system="You are kind.")),
    )
    for measuring in (vanilla, prompted):
        measuring.tokenizer.chat_template = REFUSES
    without, given = prompt_of(vanilla, data), prompt_of(prompted, data)
    assert without.startswith("<|user|>A lesion causing")
    assert given == without.replace("<|user|>", "<|user|>You are kind.\n\n")


def test_worked_examples_are_turns_unless_they_are_not_to_be(alone: Any, data: Data) -> None:
    turns = prompt_of(alone, data, num_fewshot=2)
    assert turns.count("<|user|>") == 3
    together = prompt_of(alone, data, num_fewshot=2, fewshot_as_multiturn=False)
    assert together.count("<|user|>") == 1
    assert together.count("Answer: ") == 2


def test_a_model_without_a_chat_template_is_told_the_way_out(alone: Any, data: Data) -> None:
    alone.tokenizer.chat_template = None
    with pytest.raises(UsageError, match="'tiny-instruct' has no chat template") as caught:
        prompt_of(alone, data)
    assert "--set mmlu.chat_template=never" in caught.value.hint


# --- what is refused -------------------------------------------------------------------


def test_answers_that_leave_no_room_for_the_question_are_refused(alone: Any, data: Data) -> None:
    pro = build(MMLUPro, subjects=["math"], num_fewshot=0)
    with pytest.raises(UsageError, match="may write 2048 tokens, which leaves no room") as caught:
        list(pro.measure(alone, data, 1))
    assert "--set mmlu-pro.max_gen_toks=512" in caught.value.hint
    assert alone.asked == []


def test_more_worked_examples_than_there_are_is_refused(alone: Any, data: Data) -> None:
    with pytest.raises(UsageError, match="'mmlu_anatomy' has 5 worked examples, and 6 are asked"):
        prompt_of(alone, data, num_fewshot=6)


def test_an_endpoint_is_refused(alone: Any, data: Data) -> None:
    alone.tokenizer = None
    with pytest.raises(UsageError, match="asks in tokens, which an endpoint does not take"):
        prompt_of(alone, data)


# --- any other task ----------------------------------------------------------------------


@pytest.fixture
def hub_folder(tmp_path: Path) -> Data:
    """Data sets in the hub's own form: Parquet files, and a README that says what they are."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    def write(dataset: str, config: str, splits: Sequence[str], rows: list[dict[str, Any]]) -> None:
        folder = tmp_path / dataset
        (folder / config).mkdir(parents=True)
        listed = "".join(f"  - split: {s}\n    path: {config}/{s}-*\n" for s in splits)
        head = f"---\nconfigs:\n- config_name: {config}\n  data_files:\n{listed}---\n"
        (folder / "README.md").write_text(head)
        for split in splits:
            name = f"{split}-00000-of-00001.parquet"
            pq.write_table(pa.Table.from_pylist(rows), folder / config / name)

    arc = [
        {
            "id": str(n),
            "question": f"What is {n} and 1?",
            "choices": {"text": [str(n), str(n + 1)], "label": ["A", "B"]},
            "answerKey": "B",
        }
        for n in range(3)
    ]
    three = ("train", "validation", "test")
    write("allenai/ai2_arc", "ARC-Easy", three, arc)
    pages = [{"page": "Rain falls. It is wet. " * n} for n in (1, 200)]
    write(
        "EleutherAI/wikitext_document_level",
        "wikitext-2-raw-v1",
        ("train", "validation", "test"),
        pages,
    )
    return Data(tmp_path, False, {})


def test_a_task_by_name_has_lm_evals_metrics(alone: Any, hub_folder: Data) -> None:
    arc = build(AnyTask, task="arc_easy")
    transcripts = list(arc.measure(alone, hub_folder, 2))
    found = scores(arc, transcripts)
    assert {metric for _, metric in found} == {"acc", "acc_norm"}
    assert {o.cluster for o in found.values()} == {"arc_easy/0", "arc_easy/1"}
    assert (
        transcripts[1].messages[0].content.startswith("<|bos|><|user|>Question: What is 1 and 1?")
    )
    assert [o["text"] for o in json.loads(transcripts[1].sample.data["options"])] == ["1", "2"]


def test_a_task_without_a_metric_of_single_questions_is_refused(
    alone: Any, hub_folder: Data
) -> None:
    with pytest.raises(UsageError, match="'wikitext' has no metric of single texts"):
        list(build(AnyTask, task="wikitext").measure(alone, hub_folder, 1))
    assert alone.asked == []


def test_a_data_set_without_a_split_that_is_read_is_told_of(
    alone: Any, hub_folder: Data, tmp_path: Path
) -> None:
    (tmp_path / "allenai/ai2_arc/ARC-Easy/train-00000-of-00001.parquet").unlink()
    readme = tmp_path / "allenai/ai2_arc/README.md"
    lines = readme.read_text().split("\n")
    readme.write_text("\n".join(line for line in lines if "train" not in line))
    with pytest.raises(DataError, match="allenai/ai2_arc has no 'train'"):
        list(build(AnyTask, task="arc_easy").measure(alone, hub_folder, 1))


def test_rolling_log_likelihoods_are_those_of_the_whole_text(alone: Any) -> None:
    """A text longer than the context is read in windows, each token once."""
    from lm_eval.api.instance import Instance

    from vibench_evals.qa.model import SubjectLM
    from vibench_evals.qa.settings import Settings

    lm = SubjectLM(alone, Settings(max_length=32), "lm-eval:wikitext")
    text = "Rain falls on the roof and the cat sleeps. " * 8
    request = Instance("loglikelihood_rolling", {}, (text,), 0, ("wikitext", 0, 1))
    (total,) = lm.loglikelihood_rolling([request])
    ids = alone.tokenizer.encode(text)
    assert [t for _, continuation in alone.asked for t in continuation.ids] == ids
    assert all(len(p.ids) + len(c.ids) <= 33 for p, c in alone.asked)
    assert total == pytest.approx(sum(alone.loglikelihood(*pair).total for pair in alone.asked))


@pytest.mark.parametrize(
    ("kwargs", "repeats", "what"),
    [
        ({"num_beams": 10}, 1, "generates with num_beams=10"),
        ({"do_sample": True, "temperature": 0.5, "top_k": 5}, 1, "generates with top_k=5"),
        ({"do_sample": True, "temperature": 0.2}, 64, "draws 64 answers to each question"),
    ],
)
def test_ways_to_generate_that_engines_do_not_have_are_refused(
    alone: Any, kwargs: dict[str, Any], repeats: int, what: str
) -> None:
    from lm_eval.api.instance import Instance

    from vibench_evals.qa.model import SubjectLM
    from vibench_evals.qa.settings import Settings

    lm = SubjectLM(alone, Settings(), "lm-eval:some")
    request = Instance("generate_until", {}, ("Hello", kwargs), 0, ("some", 0, repeats))
    with pytest.raises(UsageError, match=what):
        lm.generate_until([request])


# --- without a network --------------------------------------------------------------------


@pytest.mark.parametrize("offline", [True, False])
def test_without_a_network_and_a_folder_both_ways_are_told_and_soon(
    offline: bool, tmp_path: Path
) -> None:
    """In a process of its own: the hub's client reads its settings when it is imported."""
    code = (
        "from vibench.data import Data; from vibench import DataError\n"
        "from vibench_evals.qa.gsm8k import GSM8K\n"
        "from vibench_evals.qa.loading import load\n"
        "e = GSM8K(); found = e.leaves()\n"
        "try: load(found, e.source(Data(None, False, {}), found))\n"
        "except DataError as error: print(error.message, '|', error.hint)\n"
    )
    alone = {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HOME": str(tmp_path)}
    if offline:
        alone["HF_HUB_OFFLINE"] = "1"
    before = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **alone},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert "openai/gsm8k can neither be had from the hub" in done.stdout, done.stderr
    assert ("HF_HUB_OFFLINE is set" in done.stdout) == offline
    assert "--data FOLDER" in done.stdout
    assert "Retrying" not in done.stderr
    assert time.monotonic() - before < 120, "imports take seconds; the hub's client half a minute"


def test_a_broken_row_is_named(alone: Any, tmp_path: Path) -> None:
    (tmp_path / "gsm8k").mkdir()
    row = json.dumps({"question": "1 + 1?", "answer": "#### 2"})
    (tmp_path / "gsm8k" / "train.jsonl").write_text(f"{row}\n" * 6)
    gsm8k = build(GSM8K)
    for bad, what in (
        (f'{row}\n{{"question": "2', "row 2: not JSON"),
        ('{"question": ""}', "row 1: has no 'answer'"),
    ):
        (tmp_path / "gsm8k" / "test.jsonl").write_text(bad)
        with pytest.raises(DataError, match=what):
            list(gsm8k.measure(alone, Data(tmp_path, False, {}), 1))


# --- an engine ----------------------------------------------------------------------------


class OnSession(Measuring):
    """A subject on an engine's session, in batches."""

    def __init__(self, session: Session, subject: Subject) -> None:
        assert session.context is not None
        self.session, self.subject = session, subject
        self.tokenizer, self.context = session.tokenizer, session.context

    def loglikelihoods(self, pairs: Sequence[tuple[Tokens, Tokens]]) -> list[Loglikelihood]:
        asked = [LoglikelihoodRequest(str(n), self.subject, *p) for n, p in enumerate(pairs)]
        return [a for a in self.answers(asked) if isinstance(a, Loglikelihood)]

    def generate(self, prompts: Sequence[Any]) -> list[Completion]:
        asked = [
            ChatRequest(str(n), self.subject, prompt, sampling, 0, None, stops)
            for n, (prompt, stops, sampling) in enumerate(prompts)
        ]
        return [a for a in self.answers(asked) if isinstance(a, Completion)]

    def answers(self, asked: Sequence[Any]) -> list[Completion | Loglikelihood]:
        return sorted(self.session.run(asked), key=lambda answer: int(answer.id))

    def progress(self, done: int, total: int, note: str) -> None:
        pass


@pytest.fixture(scope="module")
def session(instruct: Model) -> Iterator[Session]:
    properties = TransformersEngine.parameters["properties"]
    defaults = {name: entry["default"] for name, entry in properties.items()}
    opened = TransformersEngine(**{**defaults, "device": "cpu", "batch_size": 8}).open(instruct)
    yield opened
    opened.close()


@pytest.mark.slow
@pytest.mark.parametrize("adapted", [False, True])
def test_the_engine_in_batches_scores_as_one_request_at_a_time_does(
    adapted: bool,
    session: Session,
    measure_alone: Callable[[Subject], Any],
    instruct: Model,
    adapter: Adapter,
    data: Data,
) -> None:
    """The comparison with lm-eval's command line is made one request at a time; this closes
    the gap to what runs are made with."""
    subject = Subject(instruct, adapter if adapted else None)
    one, other = measure_alone(subject), OnSession(session, subject)
    evals = [
        build(MMLU, subjects=["anatomy"], num_fewshot=3, max_length=256),
        build(TruthfulQA, parts=["mc2"], max_length=256),
        build(GSM8K, max_gen_toks=24, max_length=256),
    ]
    for evaluation in evals:
        expected = scores(evaluation, list(evaluation.measure(one, data, 4)))
        found = scores(evaluation, list(evaluation.measure(other, data, 4)))
        assert found.keys() == expected.keys()
        for at, outcome in found.items():
            assert outcome.value == pytest.approx(expected[at].value, abs=1e-4), at
