"""Model folders of the zoo: random weights, with the template and tokenizer of a family."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from model_families import FAMILIES, Family
from tokenizer_files import (
    sentencepiece_tokenizer,
    stand_in,
    tekken_file,
    tekken_tokenizer,
    vocabulary,
)

from vibench.identity import model_identity
from vibench.records import Model

__all__ = ["UNASKED", "Specimen", "build", "template_of", "tokenizer_of"]

TEMPLATES = Path(__file__).parents[1] / "templates"
SENTENCEPIECE = "mistral_instruct_tokenizer_240323.model.v3"
TEKKEN = "tekken_240718.json"
TEMPLATE = "template-for-a-base-model.jinja"

UNASKED: Mapping[str, Any] = {"repetition_penalty": 1.7, "top_k": 2, "no_repeat_ngram_size": 2}
"""Defaults of generation that nobody asked for: each of them would change what is answered."""


@dataclass(frozen=True, slots=True)
class Specimen:
    """A family and its model's folder."""

    family: Family
    folder: Path

    @property
    def model(self) -> Model:
        """The model as a registry has it; a base model's tokenizer has no chat template."""
        source = str(self.folder)
        template = str(self.folder / TEMPLATE) if self.family.stage == "base" else None
        return Model(
            self.family.name,
            source,
            model_identity(source, None),
            stage=self.family.stage,
            chat_template=template,
        )


def template_of(family: Family) -> str:
    """Return the family's chat template; skip the test if TRL is not installed."""
    if family.own_template:
        return (TEMPLATES / f"{family.template}.jinja").read_text(encoding="utf-8")
    trl = find_spec("trl")
    if trl is None or trl.origin is None:
        pytest.skip("trl, which ships the chat template, is not installed")
    path = Path(trl.origin).parent / "chat_templates" / f"{family.template}.jinja"
    return path.read_text(encoding="utf-8")


def tokenizer_of(family: Family, scratch: Path) -> Any:
    """Return the family's tokenizer; skip the test if the package that ships it is absent."""
    if family.tokenizer == "stand-in":
        return stand_in(family.special)
    path = vocabulary(SENTENCEPIECE if family.tokenizer == "sentencepiece" else TEKKEN)
    if path is None or find_spec("sentencepiece") is None:
        pytest.skip("mistral-common[sentencepiece], which ships the tokenizer, is not installed")
    if family.tokenizer == "sentencepiece":
        return sentencepiece_tokenizer(path, family.special)
    return tekken_tokenizer(tekken_file(path, scratch), family.special)


def build(name: str, folder: Path) -> Specimen:
    """Write the model of a family into a folder."""
    import torch
    from transformers import AutoModelForCausalLM

    from vibench.engines.quiet import quiet

    family = FAMILIES[name]
    folder.mkdir(parents=True)
    tokenizer = tokenizer_of(family, folder.parent)
    if family.stage == "base":
        (folder / TEMPLATE).write_text(template_of(family), encoding="utf-8")
    else:
        tokenizer.chat_template = template_of(family)
    config = _config(family, tokenizer)
    torch.manual_seed(1)
    with quiet():
        model = AutoModelForCausalLM.from_config(config)
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    ends = [tokenizer.convert_tokens_to_ids(token) for token in family.ends]
    write_defaults(
        folder, {**UNASKED, **family.generation, "do_sample": True, "eos_token_id": ends}
    )
    return Specimen(family, folder)


def _config(family: Family, tokenizer: Any) -> Any:
    """Return the configuration of a family's model."""
    import transformers

    special, pad = family.special, None
    if special.pad is not None:
        pad = tokenizer.convert_tokens_to_ids(special.pad)
    text = {
        "vocab_size": len(tokenizer) + family.padding,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": pad,
        **family.config,
    }
    form = getattr(transformers, family.architecture)
    if not family.vision:
        return form(**text)
    # The image's token is one of those that the tokenizer does not have.
    image = {"mm_tokens_per_image": 4, "image_token_index": len(tokenizer)}
    return form(text_config=text, vision_config=family.vision, **image)


def write_defaults(folder: Path, defaults: Mapping[str, Any]) -> None:
    """Write `generation_config.json`."""
    (folder / "generation_config.json").write_text(json.dumps(defaults, indent=1))
