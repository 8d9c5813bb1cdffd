"""Prompts and responses as messages, and what keeps them from being a pair."""

from __future__ import annotations

import re
from typing import Any, cast, get_args

from vibench.preferences.rows import FileRow, broken
from vibench.records import Message, Role

__all__ = [
    "EMPTY",
    "IDENTICAL",
    "LAST_TURN",
    "NO_ANSWER",
    "NO_PROMPT",
    "ODD_ROLES",
    "OTHER_PROMPT",
    "PARTED",
    "Turns",
    "cause_of_drop",
    "cut",
    "is_transcript",
    "marked_turns",
    "response",
    "transcript_turns",
    "turns",
]

Turns = tuple[Message, ...]

IDENTICAL = "identical responses"
EMPTY = "empty response"
NO_PROMPT = "empty prompt"
NO_ANSWER = "odd roles: does not end on the assistant"
LAST_TURN = "odd roles: the prompt does not end on the user"
ODD_ROLES = "odd roles: turns do not alternate"
PARTED = "transcripts part before their last turn"
OTHER_PROMPT = "a side does not continue the prompt"

BARE_MARKER = re.compile(r"\s*\n\nHuman:?\s*\Z")
"""The next turn's marker without the turn, as some answers of HH-RLHF end."""
TRANSCRIPT = re.compile(r"(?:\A\s*|\n\n)(Human|Assistant):")
MARKED = re.compile(r"\n?<extra_id_1>(User|Assistant)\n")
ROLES: dict[str, Role] = {"Human": "user", "User": "user", "Assistant": "assistant"}
SHAREGPT: dict[str, Role] = {
    **dict.fromkeys(("human", "user"), "user"),
    **dict.fromkeys(("gpt", "chatgpt", "assistant", "model"), "assistant"),
    "system": "system",
}
"""The names of roles in messages of the form {"from", "value"}."""
KNOWN = get_args(Role)
BEYOND_TEXT = (
    *("tool_calls", "tool_call_id", "function_call", "reasoning_content", "reasoning", "thinking"),
    *("images", "image", "videos", "video", "audio", "documents"),
)
"""Keys of a message, beside role and content, that chat templates render."""
PYTHON_LIST = re.compile(
    r"\s*(array\()?\[?\{'(role|content|from|value|messages)': .*\}\]?(, dtype=object\))?\s*\Z",
    re.DOTALL,
)


def turns(row: FileRow, column: str, role: Role) -> Turns:
    """A column of messages; text is one message of `role`.

    Messages are {"role", "content"} or {"from", "value"}: a list of them, one alone, an object
    with a list of them, or a struct of lists, as Parquet has sequences of structs. Raises
    DataError naming the row: no such column, neither text nor messages with roles that there
    are.
    """
    value = row.columns.get(column)
    if value is None:
        raise broken(row, f"has no '{column}'")
    if isinstance(value, str):
        # What Python and pandas write into a CSV cell; taken for text it would be trained on.
        if PYTHON_LIST.match(value):
            raise broken(row, f"'{column}' is a list of messages that is not written as JSON")
        return (Message(role, value),)
    items = _items(value)
    if items is None:
        raise broken(row, f"'{column}' is neither text nor a list of messages")
    return tuple(_message(row, column, item) for item in items)


def _items(value: Any) -> list[Any] | None:
    """The messages of a list, an object or a struct of lists; None if it is neither."""
    match value:
        case list():
            return value
        case {"messages": list(items)} | {"conversations": list(items)}:
            return items
        case {"role": list(first), "content": list(second)} if len(first) == len(second):
            return [{"role": a, "content": b} for a, b in zip(first, second, strict=True)]
        case {"from": list(first), "value": list(second)} if len(first) == len(second):
            return [{"from": a, "value": b} for a, b in zip(first, second, strict=True)]
        case {"role": str()} | {"from": str()}:
            return [value]
    return None


def response(text: str) -> Turns:
    """A response that is given as text."""
    return (Message("assistant", text),)


def is_transcript(value: Any) -> bool:
    """True if it is text that begins as HH-RLHF's transcripts do."""
    return isinstance(value, str) and value.startswith("\n\nHuman:")


def transcript_turns(transcript: str) -> Turns | None:
    """The turns of an HH-RLHF transcript, or None if it begins with text of nobody's."""
    before, *parts = TRANSCRIPT.split(transcript)
    # Text before the first marker belongs to no speaker, and dropping it would change the prompt.
    if before.strip():
        return None
    turns_of_text = zip(parts[::2], parts[1::2], strict=True)
    return tuple(Message(ROLES[who], _stripped_turn(text)) for who, text in turns_of_text)


def _stripped_turn(text: str) -> str:
    # Stripping first would turn an answer of nothing but the bare marker into the word "Human".
    return "" if BARE_MARKER.fullmatch(text) else text.strip()


def marked_turns(prompt: str) -> Turns:
    """The turns of a HelpSteer2 prompt: the first is the user's and has no marker."""
    first, *parts = MARKED.split(prompt)
    turns_of_text = zip(parts[::2], parts[1::2], strict=True)
    return (Message("user", first), *(Message(ROLES[who], text) for who, text in turns_of_text))


def cut(side: Turns) -> Turns:
    """The side without a bare "\\n\\nHuman" at the end of its answer; the same object if it has
    none."""
    if not side:
        return side
    # Not by a search for BARE_MARKER, which takes minutes on an answer of 100,000 line breaks.
    text = side[-1].content.rstrip().removesuffix(":")
    if not text.endswith("\n\nHuman"):
        return side
    return (*side[:-1], Message(side[-1].role, text.removesuffix("\n\nHuman").rstrip()))


def cause_of_drop(prompt: Turns, chosen: Turns, rejected: Turns) -> str | None:
    """Why these make no pair, or None if they do.

    A side is the response alone, or a whole conversation that ends on it. A row counts
    under the first cause that holds, in this order: the sides are the same; a last turn is
    blank; there is no prompt; a side does not end on the assistant; the sides' earlier
    turns differ; the prompt does not end on the user; the roles do not alternate (user first,
    after any system message); the earlier turns are not the prompt.
    """
    if chosen == rejected:
        return IDENTICAL
    if _blank(chosen) or _blank(rejected):
        return EMPTY
    if _blank(prompt):
        return NO_PROMPT
    if chosen[-1].role != "assistant" or rejected[-1].role != "assistant":
        return NO_ANSWER
    # A side that is the response alone has no earlier turns, and continues the prompt.
    before = chosen[:-1] or prompt
    if before != (rejected[:-1] or prompt):
        return PARTED
    if prompt[-1].role != "user":
        return LAST_TURN
    if not _alternate((*prompt, chosen[-1])) or not _alternate((*before, chosen[-1])):
        return ODD_ROLES
    # Data sets differ in blanks around the same turns.
    if _stripped(before) != _stripped(prompt):
        return OTHER_PROMPT
    return None


def _blank(turns: Turns) -> bool:
    return not turns or not turns[-1].content.strip()


def _alternate(turns: Turns) -> bool:
    spoken = turns[1:] if turns[0].role == "system" else turns
    return all(m.role == ("user", "assistant")[i % 2] for i, m in enumerate(spoken))


def _stripped(turns: Turns) -> list[tuple[str, str]]:
    return [(m.role, m.content.strip()) for m in turns]


def _message(row: FileRow, column: str, item: Any) -> Message:
    if not isinstance(item, dict):
        raise broken(row, f"'{column}' holds something that is not a message")
    for key in BEYOND_TEXT:
        if item.get(key):
            raise broken(
                row,
                f"'{column}' has a message with '{key}', which would change the prompt",
                "vibench trains and asks with text messages alone: leave such rows out, or write"
                " what it holds into the message's content.",
            )
    role, content = item.get("role"), item.get("content")
    if role is None and content is None:
        role, content = item.get("from"), item.get("value")
        role = SHAREGPT.get(role, role) if isinstance(role, str) else role
    match role, _content(row, column, content):
        case str(role), str(content) if role in KNOWN:
            return Message(cast(Role, role), content)
        case str(role), str(_):
            raise broken(
                row,
                f"'{column}' has a message of the role '{role[:40]}'",
                f"Roles are {', '.join(KNOWN)}.",
            )
    raise broken(row, f"'{column}' holds something that is not a message")


def _content(row: FileRow, column: str, content: Any) -> Any:
    """A message's content; parts that are all text are joined, as chat templates do."""
    if not isinstance(content, list):
        return content
    for part in content:
        kind = part.get("type") if isinstance(part, dict) else None
        if kind is None or (kind == "text" and not isinstance(part.get("text"), str)):
            return None
        if kind != "text":
            raise broken(
                row,
                f"'{column}' has a message with a part of the type '{str(kind)[:40]}'",
                "vibench trains and asks with text alone: leave such rows out.",
            )
    return "".join(part["text"] for part in content) if content else None
