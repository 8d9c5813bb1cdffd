"""One measurement: lm-eval's evaluator over a subject, and a transcript for each question."""

from __future__ import annotations

import json
import math
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from lm_eval.defaults import DEFAULT_OTHER_SEED, DEFAULT_RANDOM_SEED
from lm_eval.evaluator import evaluate

from vibench import Measuring, Message, Sample, Transcript, UsageError
from vibench_evals.qa.model import SubjectLM
from vibench_evals.qa.once import once
from vibench_evals.qa.settings import TaskSettings
from vibench_evals.qa.sources import QuestionSource
from vibench_evals.qa.task_files import load, silent
from vibench_evals.qa.tasks import Leaf, refuse

__all__ = ["Question", "ask"]


@dataclass(frozen=True, slots=True)
class Question:
    """One measurement: tasks, the source of their questions, settings, and a limit per task.

    `names` renames metrics by task. Errors are clustered by task if `group` is set.
    """

    label: str
    leaves: Sequence[Leaf]
    source: QuestionSource
    settings: TaskSettings
    limit: int | None
    names: Mapping[str, Mapping[str, str]]
    group: bool


def ask(measuring: Measuring, question: Question) -> Iterator[Transcript]:
    """Measure a subject; the transcripts follow when all requests are answered.

    Raises DataError and UsageError for tasks that are not available or cannot run here.
    """
    settings, subject = question.settings, measuring.subject
    chat = subject.rendering == "chat" and settings.chat_template == "subject"
    with _seeded(), once():
        tasks = load(question.leaves, question.source)
        for name, task in tasks.items():
            refuse(
                name,
                unsafe=getattr(task, "UNSAFE_CODE", False),
                sensed=getattr(task, "MULTIMODAL", False),
                metrics=task.aggregation(),
            )
            _prepare(task, settings)
        lm = SubjectLM(measuring, settings, question.label)
        with silent():
            results = evaluate(
                lm=lm,
                task_dict={"tasks": tasks},
                limit=question.limit,
                bootstrap_iters=0,
                log_samples=True,
                system_instruction=subject.system,
                apply_chat_template=chat,
                fewshot_as_multiturn=chat and settings.fewshot_as_multiturn,
            )
    samples: Mapping[str, Sequence[Mapping[str, Any]]] = results["samples"]
    if not any(_numbers(row) for rows in samples.values() for row in rows):
        raise UsageError(
            f"lm-eval's task '{question.label}' has no metric of single questions.",
            "Choose another task.",
        )
    for name, rows in samples.items():
        by_document: defaultdict[int, list[Mapping[str, Any]]] = defaultdict(list)
        for row in rows:
            by_document[row["doc_id"]].append(row)
        for document, found_rows in by_document.items():
            yield _transcript(question, name, document, found_rows, lm)


@contextmanager
def _seeded() -> Iterator[None]:
    """Set the seeds that `lm_eval` begins with, for tasks that draw; restore them at the end."""
    import numpy as np

    before, numpy_before = random.getstate(), np.random.get_state()
    random.seed(DEFAULT_RANDOM_SEED)
    np.random.seed(DEFAULT_OTHER_SEED)
    try:
        yield
    finally:
        random.setstate(before)
        np.random.set_state(numpy_before)


def _prepare(task: Any, settings: TaskSettings) -> None:
    """Set a task up as lm-eval's `simple_evaluate` does: fixed examples of 0 stay at 0."""
    if task.get_config("output_type") == "generate_until" and settings.generation:
        task.set_config(key="generation_kwargs", value=settings.generation, update=True)
    number = task.get_config("num_fewshot")
    if settings.num_fewshot is not None and number != 0:
        task.set_config(key="num_fewshot", value=settings.num_fewshot)
    elif number is None:
        task.set_config(key="num_fewshot", value=0)
    task.set_fewshot_seed(seed=DEFAULT_OTHER_SEED)
    examples = task.get_config("num_fewshot")
    available = len(task.sampler.fewshot_docs()) if hasattr(task, "sampler") else examples
    if examples > available:
        raise UsageError(
            f"lm-eval's task '{task.task_name}' has {available} worked examples, fewer than "
            f"num_fewshot={examples}.",
            f"Set num_fewshot to at most {available}.",
        )


def _transcript(
    question: Question,
    task: str,
    document: int,
    rows: Sequence[Mapping[str, Any]],
    lm: SubjectLM,
) -> Transcript:
    """Return the transcript of one document; `rows` are lm-eval's records of it, by filter."""
    position = (task, document)
    error = lm.failures.get(position)
    names = question.names.get(task, {})
    metrics: dict[str, float | None] = {}
    for row in rows:
        for metric, value in _numbers(row).items():
            kind = "" if row["filter"] == "none" else f",{row['filter']}"
            usable = error is None and math.isfinite(value)
            metrics[names.get(metric, metric) + kind] = value if usable else None
    prompt, answer, details = _conversation(rows)
    sample_id = f"{task}/{document}"
    data = {
        "task": task,
        "metrics": json.dumps(metrics),
        "target": _text(rows[0]["target"]),
        "document": str(rows[0]["doc_hash"]),
        **details,
    }
    corpus_metrics = sorted(
        {m for row in rows for m in row["metrics"]} - {m for r in rows for m in _numbers(r)}
    )
    if corpus_metrics:
        data["not_of_one_question"] = json.dumps(corpus_metrics)
    completion = lm.completions.get(position)
    prompt_messages = (Message("user", prompt),)
    return Transcript(
        Sample(sample_id, prompt_messages, task if question.group else sample_id, data),
        (*prompt_messages, Message("assistant", answer)) if error is None else prompt_messages,
        finish="error" if error is not None else completion.finish if completion else "stop",
        error=error,
        prompt_tokens=completion.prompt_tokens if completion else 0,
        completion_tokens=completion.completion_tokens if completion else 0,
    )


def _numbers(row: Mapping[str, Any]) -> dict[str, float]:
    """Return the metrics that are a number for this one document."""
    import numpy as np

    kinds = (int, float, np.integer, np.floating, np.bool_)
    return {m: float(row[m]) for m in row["metrics"] if isinstance(row[m], kinds)}


def _conversation(rows: Sequence[Mapping[str, Any]]) -> tuple[str, str, dict[str, str]]:
    """Return the prompt, the answer, and further data of the sample.

    Among options the most likely one is the answer; the data hold the log-likelihoods (nats)
    of all.
    """
    first = rows[0]
    pairs = [
        (arguments, answers[0])
        for arguments, answers in zip(first["arguments"], first["resps"], strict=True)
    ]
    written = next((pair for pair in pairs if isinstance(pair[1], str)), None)
    if written is not None:
        filtered = {row["filter"]: _text(row["filtered_resps"][0]) for row in rows}
        return str(written[0][0]), written[1], {"answers": json.dumps(filtered)}
    options = [
        (str(arguments[0]), str(arguments[1]), float(answer[0]), bool(answer[1]))
        for arguments, answer in pairs
        if isinstance(answer, tuple | list) and len(arguments) > 1
    ]
    if not options:
        return str(pairs[0][0][0]), "", {"loglikelihood": json.dumps(float(pairs[0][1]))}
    # lm-eval also asks for some options without a prompt, to normalize by. They are not answers.
    candidates = [option for option in options if option[0]] or options
    prompt, answer, *_ = max(candidates, key=lambda option: option[2])
    records = [
        {"text": text, "loglikelihood": nats, "greedy": greedy}
        for _, text, nats, greedy in candidates
    ]
    return prompt, answer.strip(), {"options": json.dumps(records, ensure_ascii=False)}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
