"""A row of preference pairs: its columns as a prompt and two responses."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from vibench.preferences.conversation import Turns, cause_of_drop, cut
from vibench.preferences.row_layouts import sides_of
from vibench.preferences.rows import FileRow, broken
from vibench.records import Dropped, Message, PreferencePair

__all__ = ["CUT", "columns_pair", "pair_or_drop", "row_id"]

CUT = "answer cut before a bare 'Human'"

TEXT_ALONE = (
    "vibench trains and asks with text messages alone: remove the column if the pairs mean the"
    " same without it, else leave these rows out."
)
AS_SYSTEM = "Rename the column to 'system': it is then the first message of the prompt."
INTO_PROMPT = (
    "Write what it holds into 'prompt' (a list of messages can have earlier turns), or remove the"
    " column."
)

REFUSED: Mapping[str, str] = {
    # What TRL itself hands to the chat template or the processor.
    **dict.fromkeys(("tools", "chat_template_kwargs", "images", "image"), TEXT_ALONE),
    # What other trainers and templates put into the prompt.
    **dict.fromkeys(("functions", "tool_choice", "chat_template"), TEXT_ALONE),
    **dict.fromkeys(("video", "videos", "audio", "audios"), TEXT_ALONE),
    **dict.fromkeys(("history", "documents"), INTO_PROMPT),
}
"""Columns that would change the prompt, and what to do about each one."""

REFUSED_UNLESS_IN_PROMPT: Mapping[str, str] = {
    **dict.fromkeys(("system_prompt", "system_message"), AS_SYSTEM),
    **dict.fromkeys(("instruction", "instructions", "input", "context"), INTO_PROMPT),
}
"""Columns that change nothing where the prompt holds their text already. Many sets repeat it
there; where it does not, the answers were written to more than the prompt."""


def pair_or_drop(
    row: FileRow, source: str, prompt: Turns, chosen: Turns, rejected: Turns
) -> PreferencePair | Dropped:
    """The pair of a row, or why there is none (`cause_of_drop`).

    Its id is the row's `id` column if there is one, else file and row number. An answer that
    ends in a bare "\\n\\nHuman" is cut there: models would learn to write the user's turn.
    Raises DataError for text that cannot be written, and for an id that is none.
    """
    sides_of_row = chosen, rejected
    chosen, rejected = cut(chosen), cut(rejected)
    repair = CUT if (chosen, rejected) != sides_of_row else ""
    cause = cause_of_drop(prompt, chosen, rejected)
    if cause is not None:
        return Dropped(row.label, cause)
    sides = chosen[-1].content, rejected[-1].content
    try:
        # Half a surrogate pair is valid in Python's text and in JSON, but no tokenizer or Parquet
        # file takes it.
        "".join((*(m.content for m in prompt), *sides)).encode()
    except UnicodeEncodeError as error:
        raise broken(row, "holds half of a surrogate pair, which is not text") from error
    suffix = row_id(row) or f"{row.file}:{row.number}"
    return PreferencePair(f"{source}/{suffix}", prompt, *sides, source, repair)


def row_id(row: FileRow) -> str:
    """The text of the row's `id` column; "" if it has none. Raises DataError for an id that is
    neither text nor a number."""
    match row.columns.get("id"):
        case None:
            return ""
        case str(name):
            return name.strip()
        case int(name):
            return str(name)
        # Pandas turns a column of numbers with gaps into floats, and its gaps into NaN.
        case float(name):
            return "" if math.isnan(name) else f"{name:.17g}"
    raise broken(row, "'id' is neither text nor a number")


def columns_pair(row: FileRow, source: str) -> PreferencePair | Dropped:
    """Return the pair of a row in one of the layouts of `sides_of`, with its system message.

    Raises DataError, also for a column that would change the prompt and is not read.
    """
    sides = sides_of(row)
    prompt, chosen, rejected = sides.prompt, sides.chosen, sides.rejected
    system = _system(row)
    if system is not None:
        prompt = _with_system(row, system, prompt)
        # A side that is the response alone has no beginning.
        chosen, rejected = (
            _with_system(row, system, side) if len(side) > 1 else side
            for side in (chosen, rejected)
        )
    _refuse_others(row, prompt, sides.columns)
    return pair_or_drop(row, source, prompt, chosen, rejected)


def _system(row: FileRow) -> str | None:
    value = row.columns.get("system")
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise broken(row, "'system' is not text")
    return value


def _with_system(row: FileRow, system: str, conversation: Turns) -> Turns:
    """The conversation with the system message before it. Raises DataError if it has another."""
    if not conversation or conversation[0].role != "system":
        return (Message("system", system), *conversation)
    if conversation[0].content != system:
        raise broken(
            row,
            "has a column 'system' and another system message in its conversation",
            "Keep one of the two.",
        )
    return conversation


def _refuse_others(row: FileRow, prompt: Turns, read_columns: frozenset[str]) -> None:
    for column, value in row.columns.items():
        # Parquet fills a column where a row has nothing with null.
        if column in read_columns or value is None or value in ("", [], {}):
            continue
        hint = REFUSED.get(column)
        if column in REFUSED_UNLESS_IN_PROMPT and not _stands_in(value, prompt):
            hint = REFUSED_UNLESS_IN_PROMPT[column]
        if hint is not None:
            raise broken(row, f"has a column '{column}', which would change the prompt", hint)


def _stands_in(value: Any, prompt: Turns) -> bool:
    return isinstance(value, str) and any(value.strip() in turn.content for turn in prompt)
