"""Token ids as text for people: ordinary text, and special tokens as the tokenizer spells them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

__all__ = ["TokenText", "spell"]


@dataclass(frozen=True, slots=True)
class TokenText:
    """A piece of a token sequence: text, or one special token."""

    text: str
    special: bool = False


def spell(tokenizer: Any, ids: Sequence[int]) -> tuple[TokenText, ...]:
    """Return token ids as text and special tokens, in order."""
    added = tokenizer.added_tokens_decoder
    special = {number for number, token in added.items() if token.special}
    # Marks of thoughts and tools are often added tokens that are not called special; runs of
    # spaces, which some tokenizers add too, are text.
    special |= {n for n, token in added.items() if token.content.strip()[:1] in ("<", "[")}
    special |= set(tokenizer.all_special_ids)
    pieces: list[TokenText] = []
    start = 0
    for is_special, group in groupby(ids, special.__contains__):
        numbers = list(group)
        if is_special:
            for number in numbers:
                token = added.get(number) or tokenizer.convert_ids_to_tokens(number)
                pieces.append(TokenText(str(token), True))
        elif text := _text_between(tokenizer, ids, start, start + len(numbers)):
            pieces.append(TokenText(text))
        start += len(numbers)
    return tuple(pieces)


def _text_between(tokenizer: Any, ids: Sequence[int], start: int, end: int) -> str:
    # Some decoders strip the space before the first token that they are given, so the text of a
    # part is the text of all tokens up to its end without the text of those before it.
    before, through = (_decoded(tokenizer, ids[:stop]) for stop in (start, end))
    if through.startswith(before):
        return through[len(before) :]
    return _decoded(tokenizer, ids[start:end])


def _decoded(tokenizer: Any, ids: Sequence[int]) -> str:
    return str(tokenizer.decode(list(ids), clean_up_tokenization_spaces=False))
