"""Structured answers: a judge's reply as one JSON object, requested and read.

Endpoints that can enforce a JSON Schema get one. Only the reply shows whether they did, so a
reply in the form of Listings 1 and 2 is read as well. As there, the last complete answer counts,
and no JSON object of a transcript reaches the judge as one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from vibench.judging.json_objects import JSONObjects
from vibench.judging.judge_prompts import neutralise, render
from vibench.judging.judge_replies import Form, Reading, last_answer, read_answer, verdict_of
from vibench.judging.labels import labels_in
from vibench.records import Finish, Message, Reply, Rubric, Verdict
from vibench.thoughts import covering, in_channels, split, thought_spans

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

__all__ = ["answer_schema", "ask", "read", "read_structured"]

_SEVERAL: Final = """
Write your reply as one JSON object in place of the tags: \
{"thinking": "your thinking", "answer": ["x", "y"]}, where "answer" lists what would stand \
within the <answer> tags, or is ["none"].
"""
_ONE: Final = """
Write your reply as one JSON object in place of the tags: \
{"thinking": "your thinking", "answer": "x"}, where "answer" is what would stand within the \
<answer> tags.
"""
# The beginning of an answer's object, and the key that shows that an answer was meant.
_ANSWER_OBJECT = re.compile(r'\{\s*"(?:thinking|answer)"')
_ANSWER_KEY = re.compile(r'"answer"\s*:')
# A line without its first character: an object at the start of a line is the judge's own, one
# further in may be quoted.
_AFTER_FIRST = re.compile(r"^[ \t]*\S(.+)$", re.MULTILINE)
_OPENING = re.compile(r'\{(?=\s*")')


def answer_schema(rubric: Rubric) -> Mapping[str, Any]:
    """Return the JSON Schema of a reply: thoughts, then a label or, where several are allowed, a
    list of labels with `none` for no label.
    """
    # Only what strict endpoints support: all properties required, no others allowed. They refuse
    # `uniqueItems`, so a label that comes twice is counted once when the reply is read.
    label: dict[str, Any] = {"type": "string"}
    if rubric.labels is not None:
        none = ("none",) if rubric.several else ()
        label["enum"] = list(dict.fromkeys((*rubric.labels, *none)))
    return _form(label, rubric.several)


def _form(label: Mapping[str, Any], several: bool) -> Mapping[str, Any]:
    return {
        "type": "object",
        "properties": {
            "thinking": {"type": "string"},
            "answer": {"type": "array", "items": label} if several else label,
        },
        "required": ["thinking", "answer"],
        "additionalProperties": False,
    }


@cache
def _form_of(several: bool) -> Draft202012Validator:
    """Return a validator of the form alone."""
    # Without the rubric's labels: a label outside them is "off-list", and not "malformed".
    from jsonschema import Draft202012Validator

    return Draft202012Validator(_form({"type": "string"}, several))


def ask(rubric: Rubric) -> tuple[Message, ...]:
    """Return the rubric's prompt around the conversation, and the form of the reply."""
    (prompt,) = render(rubric, _safe)
    form = _SEVERAL if rubric.several else _ONE
    return (Message(prompt.role, prompt.content.rstrip("\n") + "\n" + form),)


def _safe(text: str) -> str:
    """Neutralise a transcript's text, and in it everything that could begin a JSON object."""
    text = neutralise(text)
    return _OPENING.sub("⦃", text) if "{" in text else text


def read(rubric: Rubric, reply: Reply) -> Verdict:
    """Return the verdict in a reply of either form, or unscored with its cause."""
    return verdict_of(rubric, read_structured(reply.text, reply.finish, Form.of(rubric)), reply)


def read_structured(text: str, finish: Finish, form: Form) -> Reading:
    """Read a judge's own reply: its last complete answer, a JSON object or an `<answer>` block.

    Around the object there may be thoughts, prose, a code fence or `<answer>` tags. An object
    that does not have the form of `answer_schema` is "malformed"; for the other causes see
    `judge_replies.read_answer`.
    """
    if finish == "error":
        return read_answer(text, finish)
    if in_channels(text):
        channels = split(text, finish)
        text, finish = channels.answer, finish if channels.ended else "length"
    # Marks of thoughts inside a JSON string are part of that string.
    objects = JSONObjects(text)
    apart = [range(*extent) for extent in objects.outermost()]
    thoughts = thought_spans(text, finish, apart)
    without = (*thoughts, *_quoted(text, objects, finish, thoughts))
    answer, stop = _last_object(objects, without)
    block = last_answer(text, without)
    # The later of the two forms counts; the tags may also be around an object.
    if block is not None and block.end() > stop:
        answer, stop = _last_object(JSONObjects(block.group(1)))[0], block.end()
    # After a broken object, what is found may be a quotation inside it; and behind the last answer
    # another one was begun. Neither is read: the reply is unscored.
    if len(without) > len(thoughts) and _ANSWER_KEY.search(text, max(stop, 0)):
        return read_answer(text, finish, (range(len(text)),))
    if answer is None:
        return read_answer(text, finish, without, form)
    labels = _labels(answer, form)
    if labels is None:
        return Reading(unscored="malformed", explanation=text.strip())
    return Reading(labels, explanation=_without_surrogates(answer["thinking"]).strip())


def _quoted(
    text: str, objects: JSONObjects, finish: Finish, thoughts: Sequence[range]
) -> tuple[range, ...]:
    """Return the spans in which an answer may only be quoted within the judge's own.

    They begin at a JSON object that is not complete: all of the text behind it but the starts of
    lines, and these too in a reply that was cut off.
    """
    thought = covering(thoughts)
    for opening in _ANSWER_OBJECT.finditer(text):
        begin = opening.start()
        if thought(begin) or objects.end(begin) is not None:
            continue
        if finish == "length":
            return (range(begin, len(text)),)
        lines = _AFTER_FIRST.finditer(text[begin:])
        return tuple(range(begin + line.start(1), begin + line.end(1)) for line in lines)
    return ()


def _last_object(
    objects: JSONObjects, without: Sequence[range] = ()
) -> tuple[dict[str, Any] | None, int]:
    """Return the last outermost JSON object with an answer, and the position of its end.

    Objects that begin within one of the spans are passed over; (None, -1) if there is no other.
    """
    last, stop, covered = None, -1, covering(without)
    for begin, end in objects.outermost():
        if not covered(begin):
            loaded = objects.load(begin, end)
            if loaded is not None and "answer" in loaded:
                last, stop = loaded, end
    return last, stop


def _labels(reply: Mapping[str, Any], form: Form) -> tuple[str, ...] | None:
    """Return the labels in a reply's object, None if it does not have the form."""
    if not _form_of(form.several).is_valid(reply):
        return None
    answer = reply["answer"]
    if answer == []:
        return ()
    # By the same reader as an `<answer>` block, so that both forms give the same verdicts.
    text = _without_surrogates("\n".join(answer) if form.several else answer)
    return labels_in(text, form.labels, form.several)


def _without_surrogates(text: str) -> str:
    """Return the text with each half of a surrogate pair replaced."""
    # JSON can spell half of a pair, and no file can hold one.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
