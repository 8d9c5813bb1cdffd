"""The test endpoint's model `rules`: a judge's prompt in, a judge's reply out.

The conversation is read back from the prompt's text alone, as any model would see it, and
put to vibench's rule judge.
"""

from __future__ import annotations

import functools
import re

from vibench.interfaces import Judge
from vibench.judging.rubrics import closed_rubric, values_rubric
from vibench.plugins import Plugins
from vibench.records import Message, Role, Rubric, Verdict

CONVERSATION = re.compile(r"<conversation>\n(.*)\n</conversation>", re.DOTALL)
TURN = re.compile(r"(?:^|\n\n)(User|Assistant|System): ")
BEHAVIOUR = re.compile(r'The behaviour in question is "([^"]+)"')
ROLES: dict[str, Role] = {"User": "user", "Assistant": "assistant", "System": "system"}


def judged(prompt: str) -> str:
    """The reply to a judge's prompt; one without a conversation is answered with `none`."""
    found = CONVERSATION.search(prompt)
    if found is None:
        return "<thinking>There is no conversation.</thinking>\n<answer>none</answer>"
    verdict = decided(rubric_of(prompt, conversation(found.group(1))))
    if verdict.unscored:
        return f"I cannot tell: {verdict.unscored}."
    thinking = verdict.explanation.replace("<", "‹") or "Nothing of the kind is said."
    return (
        f"<thinking>{thinking}</thinking>\n<answer>{', '.join(verdict.labels) or 'none'}</answer>"
    )


def conversation(text: str) -> tuple[Message, ...]:
    """`User: ...`, `Assistant: ...` back into messages."""
    parts = TURN.split(text)[1:]
    return tuple(
        Message(ROLES[who], said) for who, said in zip(parts[::2], parts[1::2], strict=True)
    )


def rubric_of(prompt: str, messages: tuple[Message, ...]) -> Rubric:
    """Which question a prompt asks, told by its words."""
    if behaviour := BEHAVIOUR.search(prompt):
        name = behaviour.group(1).replace(" ", "_")
        return Rubric(f"behaviour/{name}", prompt, messages, ("yes", "no"))
    if "<answer>complied</answer>" in prompt:
        return Rubric("compliance", prompt, messages, ("complied", "refused"))
    if "Consider the set of values [" in prompt:
        return closed_rubric(messages)
    return values_rubric(messages)


@functools.cache
def judge() -> Judge:
    return Plugins.discover().build("judge", "rules", {})


def decided(rubric: Rubric) -> Verdict:
    return judge().decide(rubric)
