"""Checks of the values that plugins return, at each call of a plugin's code.

A broken contract while planning is a PluginError that names the plugin. In a stage it is a
`Breach`, which makes one sample unscored, as an exception of the plugin does.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, get_args

from vibench.breach import Breach, all_texts, check_text, items_of, kind_of, options_of
from vibench.errors import PluginError, VibenchError
from vibench.hooks import cause
from vibench.plugin_errors import title
from vibench.records import (
    Adapter,
    Ask,
    Dropped,
    Message,
    Outcome,
    PreferencePair,
    Role,
    Rubric,
    Sample,
    Subject,
    Transcript,
    Verdict,
)

if TYPE_CHECKING:
    from vibench.entry_points import PluginEntry
    from vibench.interfaces import Eval, Inducer

__all__ = [
    "Breach",
    "checked_ask",
    "checked_conversation",
    "checked_outcomes",
    "checked_pair",
    "checked_rubrics",
    "checked_samples",
    "checked_subject",
    "checked_transcript",
    "checked_verdict",
    "planning",
]

ROLES = get_args(Role)
ADVICE = "Fix the plugin or tell its author; vibench --debug shows the traceback."


@contextmanager
def planning(entry: PluginEntry, call: str) -> Iterator[None]:
    """Call a plugin's code while planning. Its exceptions become a PluginError of one sentence,
    except for errors that the user can correct."""
    try:
        yield
    except VibenchError:
        raise
    except Breach as breach:
        raise PluginError(f"{title(entry)} breaks its contract: {breach}.", ADVICE) from breach
    except Exception as error:
        raise PluginError(f"{title(entry)} failed in {call}: {cause(error)}.", ADVICE) from error


def checked_samples(samples: object) -> list[Sample]:
    """Return an eval's samples. Raises Breach for a repeated id, or for anything malformed."""
    seen: dict[str, int] = {}
    listed = items_of(samples, Sample, "samples(data)")
    for n, sample in enumerate(listed):
        _check_sample(sample, f"sample {n + 1} of samples(data)")
        if sample.id in seen:
            raise Breach(
                f"samples {seen[sample.id] + 1} and {n + 1} of samples(data) have the same id "
                f"'{sample.id}'"
            )
        seen[sample.id] = n
    return [
        s if isinstance(s.messages, tuple) else replace(s, messages=tuple(s.messages))
        for s in listed
    ]


def _check_sample(sample: Sample, where: str) -> None:
    for name in ("id", "cluster"):
        text = getattr(sample, name)
        if not isinstance(text, str) or not text:
            raise Breach(f"the {name} of {where} is {text!r:.60}, not a non-empty text")
        check_text(text, f"the {name} of {where}")
    checked_conversation(sample.messages, f"the messages of '{sample.id}'")
    data = sample.data
    if not isinstance(data, Mapping):
        raise Breach(f"the data of '{sample.id}' is {type(data).__name__}, not a mapping")
    for key, value in data.items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise Breach(f"the data of '{sample.id}' holds {key!r:.60}: {value!r:.60}; both texts")


def checked_conversation(messages: object, where: str) -> tuple[Message, ...]:
    """Return messages with known roles and text that can be encoded. Raises Breach."""
    if not isinstance(messages, tuple | list):
        raise Breach(f"{where} are {kind_of(messages)}, not a tuple of messages")
    for message in messages:
        if not isinstance(message, Message):
            raise Breach(f"{where} hold {kind_of(message)}, not a vibench.Message")
        if message.role not in ROLES:
            raise Breach(f"{where} hold the role {message.role!r:.40}, not {options_of(ROLES)}")
        check_text(message.content, f"a message among {where}")
    return tuple(messages)


def checked_ask(ask: object, roles: Sequence[str]) -> Ask:
    """Return an `Ask` addressed to one of the eval's roles. Raises Breach."""
    if not isinstance(ask, Ask):
        raise Breach(f"dialogue yielded {kind_of(ask)}, not a vibench.Ask")
    if ask.role not in roles:
        raise Breach(
            f"dialogue asked the role {ask.role!r:.40}; roles declares {options_of(roles)}"
        )
    if not checked_conversation(ask.messages, "the messages that dialogue asks"):
        raise Breach("dialogue asked without a message")
    if ask.system is not None:
        check_text(ask.system, "the system prompt that dialogue asks with")
    return ask if isinstance(ask.messages, tuple) else replace(ask, messages=tuple(ask.messages))


def checked_transcript(transcript: object) -> Transcript:
    """Return a transcript that an eval measured. Raises Breach."""
    if not isinstance(transcript, Transcript):
        raise Breach(f"measure yielded {kind_of(transcript)}, not a vibench.Transcript")
    _check_sample(transcript.sample, "a sample of measure")
    checked_conversation(transcript.messages, f"the messages of '{transcript.sample.id}'")
    return transcript


def checked_rubrics(rubrics: object, evaluation: Eval) -> list[Rubric]:
    """Return the rubrics of one transcript, all of them declared. Raises Breach."""
    listed = items_of(rubrics, Rubric, "rubrics(transcript)")
    for rubric in listed:
        if rubric.name not in evaluation.rubric_names:
            raise Breach(
                f"rubrics yielded the rubric {rubric.name!r:.60}; rubric_names declares "
                f"{options_of(evaluation.rubric_names)}"
            )
        check_text(rubric.prompt, f"the prompt of the rubric '{rubric.name}'")
        checked_conversation(rubric.messages, f"the messages of the rubric '{rubric.name}'")
        labels = rubric.labels
        if labels is not None and not (
            isinstance(labels, tuple | list) and labels and all_texts(labels)
        ):
            raise Breach(
                f"the labels of the rubric '{rubric.name}' are {labels!r:.60}; texts, or None"
            )
        if not isinstance(rubric.turn, int) or rubric.turn < 0:
            raise Breach(f"the turn of the rubric '{rubric.name}' is {rubric.turn!r:.60}")
    return listed


def checked_verdict(verdict: object, rubric: Rubric, call: str) -> Verdict:
    """Return a judge's verdict, unscored if a label is not one of the rubric's or their number
    is not what it allows. Raises Breach for anything but a verdict."""
    if not isinstance(verdict, Verdict):
        raise Breach(f"{call} returned {kind_of(verdict)}, not a vibench.Verdict")
    if not isinstance(verdict.labels, tuple | list) or not all_texts(verdict.labels):
        raise Breach(f"the labels of {call} are {verdict.labels!r:.60}, not a tuple of texts")
    if verdict.unscored is not None and not (verdict.unscored and all_texts([verdict.unscored])):
        raise Breach(f"{call} left a verdict unscored for {verdict.unscored!r:.60}, and no cause")
    if not isinstance(verdict.explanation, str):
        raise Breach(f"the explanation of {call} is {kind_of(verdict.explanation)}, not a text")
    labels = tuple(dict.fromkeys(verdict.labels))
    reason = verdict.unscored
    # An off-list label cannot be mapped to a listed one without guessing, so it is unscored, and
    # counted as such.
    if reason is None and rubric.labels is not None and not {*labels} <= {*rubric.labels}:
        reason = "off-list"
    elif reason is None and not rubric.several and len(labels) != 1:
        reason = "malformed"
    if reason is None:
        return replace(verdict, labels=labels)
    if verdict.unscored is None:
        labelled = f"{call} gave {options_of(labels)}" if labels else f"{call} gave no label"
        verdict = replace(verdict, explanation=f"{labelled}. {verdict.explanation}".strip())
    return replace(verdict, labels=(), unscored=reason)


def checked_outcomes(outcomes: object, evaluation: Eval, sample: Sample) -> list[Outcome]:
    """Return the outcomes of one sample. A number that is not finite is unscored, because a
    single one would spoil every mean. Raises Breach."""
    listed = items_of(outcomes, Outcome, "outcomes(transcript, verdicts)")
    exact = {metric for metric in evaluation.metrics if not metric.endswith("*")}
    open_ended = tuple(metric[:-1] for metric in evaluation.metrics if metric.endswith("*"))
    seen: set[tuple[str, object]] = set()
    scored = []
    for outcome in listed:
        metric = outcome.metric
        if outcome.sample != sample.id:
            raise Breach(f"outcomes yielded an outcome of another sample, {outcome.sample!r:.60}")
        if not isinstance(metric, str) or not (metric in exact or metric.startswith(open_ended)):
            raise Breach(
                f"outcomes yielded the metric {metric!r:.60}; metrics declares "
                f"{options_of(evaluation.metrics)}"
            )
        if not isinstance(outcome.cluster, str) or not outcome.cluster:
            raise Breach(f"the cluster of an outcome of '{metric}' is {outcome.cluster!r:.60}")
        if not isinstance(outcome.turn, int) or outcome.turn < 0:
            raise Breach(f"the turn of an outcome of '{metric}' is {outcome.turn!r:.60}")
        if (metric, outcome.turn) in seen:
            turn = f" in turn {outcome.turn}" if outcome.turn else ""
            raise Breach(f"outcomes yielded '{metric}' twice{turn}")
        seen.add((metric, outcome.turn))
        scored.append(_scored(outcome))
    return scored


def _scored(outcome: Outcome) -> Outcome:
    value: object = outcome.value
    reason = outcome.unscored
    if reason is not None and not (isinstance(reason, str) and reason):
        raise Breach(f"the cause of the unscored '{outcome.metric}' is {reason!r:.60}")
    if (value is None) == (reason is None):
        raise Breach(
            f"'{outcome.metric}' is neither a number nor unscored with a cause, or is both"
        )
    if value is None:
        return outcome
    if not hasattr(value, "__float__"):
        raise Breach(f"the value of '{outcome.metric}' is {value!r:.60}, not a number")
    number = float(value)
    # One NaN would make a mean over thousands of samples NaN.
    if math.isfinite(number):
        return outcome if type(value) is float else replace(outcome, value=number)
    return replace(outcome, value=None, unscored=f"not a finite number: {number}")


def checked_subject(
    induced: object, start: Subject, inducer: Inducer, trained: Adapter | None
) -> Subject:
    """Return an induced subject: the same model, with the changes that the inducer declares.
    `trained` is the adapter of its training, if it trains. Raises Breach."""
    if not isinstance(induced, Subject):
        raise Breach(f"induce returned {kind_of(induced)}, not a vibench.Subject")
    if induced.model != start.model:
        name = getattr(induced.model, "name", induced.model)
        raise Breach(
            f"induce returned the model '{name}' for '{start.model.name}', but an inducer must "
            "not change a subject's model"
        )
    if induced.system is not None:
        check_text(induced.system, "the system prompt of induce")
    if inducer.trains and induced.adapter != trained:
        raise Breach("it trains, but induce does not put materials.adapter on the subject")
    if not inducer.trains and induced.adapter not in (start.adapter, None):
        raise Breach("induce put an adapter on the subject, but the inducer trains none")
    return induced


def checked_pair(item: object) -> PreferencePair | Dropped:
    """Return a pair or a dropped row of a source. Raises Breach."""
    if isinstance(item, Dropped):
        return item
    if not isinstance(item, PreferencePair):
        raise Breach(f"pairs yielded {kind_of(item)}, not a PreferencePair or a Dropped")
    if not isinstance(item.id, str) or not item.id:
        raise Breach(f"the id of a pair is {item.id!r:.60}, not a non-empty text")
    checked_conversation(item.prompt, f"the prompt of the pair '{item.id}'")
    for side in (item.chosen, item.rejected):
        check_text(side, f"a side of the pair '{item.id}'")
    return item
