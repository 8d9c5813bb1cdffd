"""The layouts of rows that hold preference pairs, and of rows that look like them and do not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from vibench.preferences.conversation import (
    Turns,
    is_transcript,
    response,
    transcript_turns,
    turns,
)
from vibench.preferences.rows import FileRow, broken, decoded, text
from vibench.records import Message

__all__ = ["RowSides", "sides_of"]

CONTEXTS = ("messages", "conversations", "conversation")
"""Columns of the turns before a response, where there is no prompt."""

QUESTIONS = ("question", "query", "instruction")
"""Columns of a question, where there is no prompt (Orca, ms-swift, Alpaca)."""

RENDERED = re.compile(
    r"\s*(<s>|<\|begin_of_text\|>|<bos>)?\s*(<\|im_start\|>|\[INST\]|<\|start_header_id\|>|"
    r"<start_of_turn>|<\|(system|user)\|>)"
)
RENDERED_END = re.compile(
    r"(<\|im_start\|>assistant|\[/INST\]|assistant<\|end_header_id\|>|<start_of_turn>model|"
    r"<\|assistant\|>)\s*\Z"
)
"""The beginning and the end of prompts that popular chat templates write."""

PAIR_UP = (
    "Pair each good answer with a bad one to the same prompt, as the columns prompt, chosen and"
    " rejected."
)

NO_PAIRS: tuple[tuple[frozenset[str], str, str], ...] = (
    (frozenset({"completion", "label"}), "one answer with a label (KTO)", PAIR_UP),
    (frozenset({"messages", "label"}), "one answer with a label (KTO)", PAIR_UP),
    (frozenset({"conversations", "label"}), "one answer with a label (KTO)", PAIR_UP),
    (frozenset({"kto_tag"}), "one answer with a label (KTO)", PAIR_UP),
    (
        frozenset({"response_0", "response_1", "safer_response_id"}),
        "the columns of PKU-SafeRLHF",
        "Read it as --source pku-saferlhf: put the file into FOLDER/pku_saferlhf and add --data"
        " FOLDER.",
    ),
    (
        frozenset({"response", "helpfulness"}),
        "the columns of HelpSteer2",
        "Read it as --source helpsteer2: put the file into FOLDER/helpsteer2 and add --data"
        " FOLDER.",
    ),
    *(
        (frozenset({column}), "several answers to rank", PAIR_UP)
        for column in ("completions", "responses", "generations", "conversation_a", "response_a")
    ),
    *(
        (frozenset(columns), "one answer and no rejected one", PAIR_UP)
        for columns in (
            ("prompt", "completion"),
            ("messages",),
            ("conversations",),
            ("instruction", "output"),
            ("prompt", "response"),
            ("text",),
        )
    ),
)
"""Columns of layouts that hold no pair, what rows of them hold, and the way out."""


@dataclass(frozen=True, slots=True)
class RowSides:
    """A row's prompt and sides. A side is the response alone, or the conversation up to it.
    `columns` are those it was read from that would otherwise change the prompt unread."""

    prompt: Turns
    chosen: Turns
    rejected: Turns
    columns: frozenset[str]


def sides_of(row: FileRow) -> RowSides:
    """Return the prompt and sides of a row in any of the layouts that docs/data.md lists.

    Raises DataError for a row that holds no pair, and for turns that cannot be read.
    """
    there = {name for name, value in row.columns.items() if value is not None}
    if {"preferred_output", "non_preferred_output"} <= there:
        return _openai(row)
    if {"chosen", "rejected"} <= there:
        return _chosen_and_rejected(row, there)
    for rejected in ("rejected_messages", "rejected_response"):
        if rejected in there and "messages" in there:
            return _continued(row, rejected)
    if {"response", "rejected_response"} <= there and (question := _question(row, there)):
        sides = response(text(row, "response")), response(text(row, "rejected_response"))
        return RowSides(question[0], *sides, question[1])
    raise _no_pair(row, there)


def _openai(row: FileRow) -> RowSides:
    """OpenAI's preference files: an `input` with messages, and two lists of messages."""
    request = row.columns.get("input")
    if isinstance(request, Mapping) and request.get("tools"):
        raise broken(
            row,
            "'input' has 'tools', which would change the prompt",
            "vibench trains and asks with text messages alone: leave these rows out.",
        )
    prompt = turns(row, "input", "user")
    sides = []
    for column in ("preferred_output", "non_preferred_output"):
        side = turns(row, column, "assistant")
        sides.append((*prompt, *side) if len(side) > 1 else side)
    return RowSides(prompt, sides[0], sides[1], frozenset({"input"}))


def _chosen_and_rejected(row: FileRow, there: set[str]) -> RowSides:
    row = _with_lists(row)
    first, second = row.columns["chosen"], row.columns["rejected"]
    if "prompt" not in there and is_transcript(first) and is_transcript(second):
        chosen, rejected = transcript_turns(first) or (), transcript_turns(second) or ()
        return RowSides(chosen[:-1], chosen, rejected, frozenset())
    chosen, rejected = turns(row, "chosen", "assistant"), turns(row, "rejected", "assistant")
    if "prompt" in there:
        return RowSides(_prompt(row), chosen, rejected, frozenset())
    if len(chosen) > 1 and len(rejected) > 1:
        return RowSides(chosen[:-1], chosen, rejected, frozenset())
    for column in CONTEXTS:
        if column in there:
            context = turns(row, column, "user")
            # Some sets keep the whole conversation beside its last answer.
            prompt = context[:-1] if context[-1:] == chosen[-1:] else context
            return RowSides(prompt, chosen, rejected, frozenset())
    if question := _question(row, there):
        return RowSides(question[0], chosen, rejected, question[1])
    for side in ("chosen", "rejected"):
        if isinstance(row.columns[side], str):
            raise broken(
                row,
                "has no 'prompt'",
                f"Give each row a 'prompt'; only where '{side}' is a list of messages can the"
                " prompt be read from its beginning.",
            )
    return RowSides(chosen[:-1], chosen, rejected, frozenset())


def _continued(row: FileRow, column: str) -> RowSides:
    """A whole conversation in `messages`, and another ending of it (ms-swift)."""
    messages = turns(row, "messages", "user")
    return RowSides(messages[:-1], messages, turns(row, column, "assistant"), frozenset())


def _prompt(row: FileRow) -> Turns:
    value = row.columns["prompt"]
    if isinstance(value, str) and RENDERED.match(value) and RENDERED_END.search(value):
        raise broken(
            row,
            "'prompt' is text that a chat template rendered",
            "Give the conversation as a list of messages: vibench renders it with each model's own"
            " template.",
        )
    if not is_transcript(value):
        return turns(row, "prompt", "user")
    conversation = transcript_turns(value) or ()
    # HH-RLHF's prompts end on the marker of the answer that follows.
    return conversation[:-1] if conversation[-1] == Message("assistant", "") else conversation


def _question(row: FileRow, there: set[str]) -> tuple[Turns, frozenset[str]] | None:
    """The question of a row without a prompt, and the columns that it was read from."""
    if "prompt" in there:
        return _prompt(row), frozenset()
    for column in QUESTIONS:
        if column in there:
            question = turns(row, column, "user")
            # Alpaca's rows have the text that an instruction is about in a column of its own.
            about = row.columns.get("input") if column == "instruction" else None
            if about and isinstance(about, str) and isinstance(row.columns[column], str):
                question = (Message("user", f"{row.columns[column]}\n{about}"),)
            return question, frozenset({column, "input"} if about else {column})
    if isinstance(row.columns.get("input"), str):  # Distilabel's Orca pairs
        return turns(row, "input", "user"), frozenset({"input"})
    return None


def _with_lists(row: FileRow) -> FileRow:
    """The row with messages that were written as JSON text as lists, where both sides are."""
    sides = {side: decoded(row.columns[side]) for side in ("chosen", "rejected")}
    # One alone may be somebody's answer in JSON.
    if any(side is row.columns[name] for name, side in sides.items()):
        return row
    prompt = {"prompt": decoded(row.columns.get("prompt"))}
    return FileRow(row.file, row.number, {**row.columns, **prompt, **sides})


def _no_pair(row: FileRow, there: set[str]) -> Exception:
    if not there & {"chosen", "rejected"}:
        for columns, contents, hint in NO_PAIRS:
            if columns <= there:
                return broken(row, f"holds {contents}, not a preference pair", hint)
    lacking = "chosen" if "chosen" not in there else "rejected"
    names = ", ".join(sorted(map(str, there))) or "none"
    return broken(
        row,
        f"has no '{lacking}'",
        f"Its columns are {names[:200]}: name the prompt and the two answers prompt, chosen and"
        " rejected, or fix or remove that row.",
    )
