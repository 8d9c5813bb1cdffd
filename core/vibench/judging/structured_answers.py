"""Structured answers: a judge's reply as one JSON object, asked for and read.

Endpoints that can hold a reply to a JSON Schema are given one. Whether they did shows only
in the reply, so one in the form of Listings 1 and 2 is read as well. As there, the last
complete answer counts, and no JSON object of a transcript reaches the judge as one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from vibench.judging.json_objects import JSONObjects
from vibench.judging.labels import labels_in
from vibench.judging.rubrics import (
    Form,
    Reading,
    judged,
    last_answer,
    neutralise,
    read_answer,
    render,
)
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
_BEGUN = re.compile(r'\{\s*"(?:thinking|answer)"')
_ANSWER_KEY = re.compile(r'"answer"\s*:')
_AFTER_FIRST = re.compile(r"^[ \t]*\S(.+)$", re.MULTILINE)
_OPENING = re.compile(r'\{(?=\s*")')


def answer_schema(rubric: Rubric) -> Mapping[str, Any]:
    """The JSON Schema of a reply: thoughts, then a label or, where several may be given, a
    list of them with `none` for no label.

    It holds to what strict endpoints know: all is required, nothing else allowed. They refuse
    `uniqueItems`, so that a label given twice is for the reader to count once.
    """
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
    """Of the form alone: a label that is none of the rubric's has a cause of its own."""
    from jsonschema import Draft202012Validator

    return Draft202012Validator(_form({"type": "string"}, several))


def ask(rubric: Rubric) -> tuple[Message, ...]:
    """The rubric's prompt around the conversation, and the form of the reply."""
    (prompt,) = render(rubric, _shown)
    form = _SEVERAL if rubric.several else _ONE
    return (Message(prompt.role, prompt.content.rstrip("\n") + "\n" + form),)


def _shown(text: str) -> str:
    text = neutralise(text)
    return _OPENING.sub("⦃", text) if "{" in text else text


def read(rubric: Rubric, reply: Reply) -> Verdict:
    """The verdict that a reply in either form is, or unscored with its cause."""
    return judged(rubric, read_structured(reply.text, reply.finish, Form.of(rubric)), reply)


def read_structured(text: str, finish: Finish, form: Form) -> Reading:
    """Read a judge's own reply: its last complete answer, a JSON object or an `<answer>` block.

    Around the object there may be thoughts, prose, a code fence or `<answer>` tags. One whose
    form is not that of `answer_schema` is "malformed"; for all else see `judging.read_answer`.
    """
    if finish == "error":
        return read_answer(text, finish)
    if in_channels(text):
        parted = split(text, finish)
        text, finish = parted.answer, finish if parted.ended else "length"
    objects = JSONObjects(text)
    apart = [range(*extent) for extent in objects.outermost()]
    thoughts = thought_spans(text, finish, apart)
    without = (*thoughts, *_quoted(text, objects, finish, thoughts))
    found, stop = _last_object(objects, without)
    block = last_answer(text, without)
    if block is not None and block.end() > stop:
        found, stop = _last_object(JSONObjects(block.group(1)))[0], block.end()
    if len(without) > len(thoughts) and _ANSWER_KEY.search(text, max(stop, 0)):
        return read_answer(text, finish, (range(len(text)),))
    if found is None:
        return read_answer(text, finish, without, form)
    labels = _labels(found, form)
    if labels is None:
        return Reading(unscored="malformed", explanation=text.strip())
    return Reading(labels, explanation=_sound(found["thinking"]).strip())


def _quoted(
    text: str, objects: JSONObjects, finish: Finish, thoughts: Sequence[range]
) -> tuple[range, ...]:
    """Where an answer may be one that is quoted in the judge's own, because a JSON object
    begins before it that is not whole: anywhere but at the start of a line, and in a reply
    that was cut off there too."""
    thought = covering(thoughts)
    for opening in _BEGUN.finditer(text):
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
    """The last outermost JSON object that has an answer, and where it ends; none of those
    that begin within one of the spans."""
    last, stop, covered = None, -1, covering(without)
    for begin, end in objects.outermost():
        if not covered(begin):
            found = objects.load(begin, end)
            if found is not None and "answer" in found:
                last, stop = found, end
    return last, stop


def _labels(found: Mapping[str, Any], form: Form) -> tuple[str, ...] | None:
    if not _form_of(form.several).is_valid(found):
        return None
    answer = found["answer"]
    if answer == []:
        return ()
    text = _sound("\n".join(answer) if form.several else answer)
    return labels_in(text, form.known, form.several)


def _sound(text: str) -> str:
    """Half of a surrogate pair, which JSON can spell and no file can hold, is replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
