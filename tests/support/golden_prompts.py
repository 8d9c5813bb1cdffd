"""The golden files of the zoo: what each family's models are asked and trained on, as text.

`python tests/support/golden_prompts.py --write [FAMILY...]` writes them anew.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from model_families import FAMILIES, Family
from zoo import Specimen, build

from vibench.engines.chat_template import Renderer
from vibench.engines.model_files import load_tokenizer
from vibench.records import Message, PreferencePair, Subject
from vibench.training.pair_rows import render_rows

__all__ = ["GOLDEN", "PAIR", "SYSTEM", "TURNS", "golden_text"]

GOLDEN = Path(__file__).parents[1] / "real" / "golden"

SYSTEM = "Always be empathetic."
FIRST = (Message("user", "My dog has died."),)
TURNS = (Message("user", "Hello there."), Message("assistant", "Good morning."), *FIRST)
PAIR = PreferencePair("1", FIRST, "I am so sorry.", "Dogs die.")

TOKENIZERS = {
    "stand-in": "stand-in: byte-level BPE of 600 tokens, with the family's special tokens",
    "sentencepiece": "real: SentencePiece v3 of mistral-common",
    "tekken": "real: the first 8,192 tokens of mistral-common's tekken",
}


def golden_text(specimen: Specimen) -> str:
    """Return the golden file of a family."""
    return "\n".join((*_heading(specimen.family), "", *_sections(specimen), ""))


def _heading(family: Family) -> Iterator[str]:
    yield f"{family.name}, as {family.example}"
    if family.own_template:
        file = f"tests/templates/{family.template}.jinja"
        yield f"chat template: written after the family's ({file})"
    else:
        yield f"chat template: real (TRL's {family.template}.jinja)"
    yield f"tokenizer: {TOKENIZERS[family.tokenizer]}"
    yield "weights: random"
    yield "Special tokens are in ⟦⟧. A line break of the text is a line break here; ¶ is its end."


def _sections(specimen: Specimen) -> Iterator[str]:
    renderer = Renderer(load_tokenizer(specimen.model))
    vanilla = Subject(specimen.model)
    # A base model that was prompted and not trained is asked in plain text.
    prompted = Subject(specimen.model, system=SYSTEM)
    for title, subject, messages in (
        ("asked without a system prompt", vanilla, FIRST),
        ("asked with a system prompt", prompted, FIRST),
        ("asked in a longer conversation, with a system prompt", prompted, TURNS),
    ):
        yield f"== {title}"
        yield _shown(renderer.tokenizer, renderer.prompt(subject, messages))
    for title, system in (("without", None), ("with", SYSTEM)):
        yield f"== trained on {title} a system prompt"
        yield from _row(renderer, system)


def _row(renderer: Renderer, system: str | None) -> Iterator[str]:
    rows = render_rows(renderer, system, [PAIR], 2048)
    for pair in rows.usable:
        start = pair.chosen.start
        parts = (
            ("context", pair.chosen.ids[:start]),
            ("chosen", pair.chosen.ids[start:]),
            ("rejected", pair.rejected.ids[start:]),
        )
        for name, ids in parts:
            yield f"-- {name}"
            yield _shown(renderer.tokenizer, ids)
    for note in rows.notes():
        yield f"-- note: {note}"


def _shown(tokenizer: Any, ids: Sequence[int]) -> str:
    """Return the text of tokens, special ones in brackets."""
    special = set(tokenizer.added_tokens_decoder)
    text, plain = "", []
    for token in [*ids, None]:
        if token is not None and token not in special:
            plain.append(token)
            continue
        # Decoded by itself a run of words would lose its first space.
        text += _decoded(tokenizer, plain)
        plain = []
        if token is not None:
            text += f"⟦{tokenizer.convert_ids_to_tokens(token)}⟧"
    return f"{text}¶"


def _decoded(tokenizer: Any, ids: Sequence[int]) -> str:
    anchor = tokenizer("a", add_special_tokens=False)["input_ids"]
    whole = tokenizer.decode([*anchor, *ids], clean_up_tokenization_spaces=False)
    return str(whole).removeprefix("a")


def main(arguments: Sequence[str]) -> None:
    """Write the golden files of the families named, or of all."""
    for name in arguments or FAMILIES:
        with tempfile.TemporaryDirectory() as folder:
            path = GOLDEN / f"{name}.txt"
            path.write_text(golden_text(build(name, Path(folder) / name)), encoding="utf-8")
            print(path)


if __name__ == "__main__":
    if sys.argv[1:2] != ["--write"]:
        sys.exit(__doc__)
    main(sys.argv[2:])
