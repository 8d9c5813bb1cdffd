"""The model families of the zoo: architecture, chat template, special tokens, and defaults.

The special tokens, the end tokens and the other defaults of generation are those that the
family's instruct models ship; sizes are tiny, and sliding windows are short enough to matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tokenizer_files import SpecialTokens

__all__ = ["FAMILIES", "Family"]

WINDOW = 24
"""Tokens of a sliding window, fewer than every prompt here has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One family.

    `template` is a file of TRL's, or with `own_template` one of tests/templates. `ends` are the
    end tokens of its generation_config.json, and `generation` its other defaults. `turn_end` is
    the token with which the chat template ends an assistant's message, unless that is the end of
    text. `padding` is the number of embeddings for which there is no token. `vision` is the
    configuration of the part that reads images, if the model has one. `trains` is false if
    the template cannot give a training row.
    """

    name: str
    example: str
    architecture: str
    config: Mapping[str, Any]
    template: str
    special: SpecialTokens
    own_template: bool = False
    tokenizer: Literal["stand-in", "sentencepiece", "tekken"] = "stand-in"
    stage: Literal["base", "instruct"] = "instruct"
    ends: Sequence[str] = ()
    turn_end: str = ""
    generation: Mapping[str, Any] = field(default_factory=dict)
    trains: bool = True
    padding: int = 0
    vision: Mapping[str, Any] = field(default_factory=dict)


COMMON: Mapping[str, Any] = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "max_position_embeddings": 4096,
    "initializer_range": 0.15,
}
SMALL = {**COMMON, "hidden_size": 32, "num_attention_heads": 2, "num_key_value_heads": 1}
"""For vocabularies of many thousand tokens."""
WINDOWED = {
    **COMMON,
    "sliding_window": WINDOW,
    "layer_types": ["sliding_attention", "full_attention"],
    # Gemma scales embeddings up and norms what layers add: with larger ones a model would repeat
    # its last token.
    "initializer_range": 0.03,
}
GEMMA = SpecialTokens(
    ("<pad>", "<eos>", "<bos>", "<start_of_turn>", "<end_of_turn>"),
    bos="<bos>",
    eos="<eos>",
    pad="<pad>",
    adds_bos=True,
)
CHATML = ("<|im_start|>", "<|im_end|>")
HEADERS = ("<|start_header_id|>", "<|end_header_id|>")
TEXT = "<|endoftext|>"

FAMILIES: Mapping[str, Family] = {
    family.name: family
    for family in (
        Family(
            name="llama-3.1",
            example="Llama-3.1-8B-Instruct",
            architecture="LlamaConfig",
            config=COMMON,
            template="llama3_1",
            special=SpecialTokens(
                ("<|begin_of_text|>", "<|end_of_text|>", *HEADERS, "<|eom_id|>", "<|eot_id|>"),
                bos="<|begin_of_text|>",
                eos="<|eot_id|>",
                adds_bos=True,
            ),
            ends=("<|end_of_text|>", "<|eom_id|>", "<|eot_id|>"),
            generation={"temperature": 0.6, "top_p": 0.9},
        ),
        Family(
            name="mistral-0.3",
            example="Mistral-7B-Instruct-v0.3",
            architecture="MistralConfig",
            config={**SMALL, "sliding_window": None},
            template="mistral_v3",
            own_template=True,
            tokenizer="sentencepiece",
            special=SpecialTokens((), bos="<s>", eos="</s>", adds_bos=True),
            ends=("</s>",),
        ),
        Family(
            name="mistral-nemo",
            example="Mistral-Nemo-Instruct-2407",
            architecture="MistralConfig",
            # Its heads are narrower than the hidden size divided by their number.
            config={**SMALL, "head_dim": 8, "sliding_window": None},
            template="mistral_nemo",
            own_template=True,
            tokenizer="tekken",
            special=SpecialTokens((), bos="<s>", eos="</s>", adds_bos=True),
            ends=("</s>",),
        ),
        Family(
            name="gemma-2",
            example="gemma-2-9b-it",
            architecture="Gemma2Config",
            config=WINDOWED,
            template="gemma",
            special=GEMMA,
            ends=("<eos>", "<end_of_turn>"),
            turn_end="<end_of_turn>",
            generation={"cache_implementation": "hybrid"},
        ),
        Family(
            name="gemma-3",
            example="gemma-3-1b-it",
            architecture="Gemma3TextConfig",
            config=WINDOWED,
            template="gemma3",
            special=GEMMA,
            ends=("<eos>", "<end_of_turn>"),
            turn_end="<end_of_turn>",
            generation={"cache_implementation": "hybrid", "top_k": 64, "top_p": 0.95},
        ),
        Family(
            name="gemma-3-vision",
            example="gemma-3-4b-it",
            architecture="Gemma3Config",
            config=WINDOWED,
            vision={
                "hidden_size": 32,
                "intermediate_size": 32,
                "num_hidden_layers": 1,
                "num_attention_heads": 2,
                "image_size": 28,
                "patch_size": 14,
            },
            template="gemma3",
            special=GEMMA,
            ends=("<eos>", "<end_of_turn>"),
            turn_end="<end_of_turn>",
            padding=2,
            generation={"cache_implementation": "hybrid", "top_k": 64, "top_p": 0.95},
        ),
        Family(
            name="qwen-2.5",
            example="Qwen2.5-7B-Instruct",
            architecture="Qwen2Config",
            config={**COMMON, "tie_word_embeddings": True},
            template="qwen2_5",
            special=SpecialTokens((TEXT, *CHATML), bos=None, eos="<|im_end|>", pad=TEXT),
            ends=("<|im_end|>", TEXT),
            padding=40,
            generation={
                "repetition_penalty": 1.05,
                "temperature": 0.7,
                "top_p": 0.8,
                "top_k": 20,
            },
        ),
        Family(
            name="qwen-3",
            example="Qwen3-8B",
            architecture="Qwen3Config",
            config=COMMON,
            template="qwen3",
            special=SpecialTokens(
                (TEXT, *CHATML),
                bos=None,
                eos="<|im_end|>",
                pad=TEXT,
                added=("<think>", "</think>"),
            ),
            ends=("<|im_end|>", TEXT),
            generation={"temperature": 0.6, "top_p": 0.95, "top_k": 20},
        ),
        Family(
            name="olmo-2",
            example="OLMo-2-1124-7B-Instruct",
            architecture="Olmo2Config",
            config=COMMON,
            template="olmo_2",
            own_template=True,
            special=SpecialTokens((TEXT, "<|pad|>"), bos=TEXT, eos=TEXT, pad="<|pad|>"),
            ends=(TEXT,),
        ),
        Family(
            name="phi-3",
            example="Phi-3-mini-4k-instruct",
            architecture="Phi3Config",
            config={**COMMON, "sliding_window": WINDOW},
            template="phi3",
            special=SpecialTokens(
                ("<unk>", "<s>", TEXT, "<|assistant|>", "<|system|>", "<|end|>", "<|user|>"),
                bos="<s>",
                eos=TEXT,
                pad=TEXT,
            ),
            ends=(TEXT, "<|assistant|>", "<|end|>"),
            turn_end="<|end|>",
            padding=50,
        ),
        Family(
            name="gpt-2",
            example="DialoGPT-medium",
            architecture="GPT2Config",
            config={
                "n_embd": 64,
                "n_layer": 2,
                "n_head": 4,
                "n_positions": 1024,
                "initializer_range": 0.3,
            },
            template="eos_after_message",
            own_template=True,
            special=SpecialTokens((TEXT,), bos=TEXT, eos=TEXT),
            ends=(TEXT,),
        ),
        Family(
            name="gpt-neox",
            example="pythia-1b",
            architecture="GPTNeoXConfig",
            config={
                "hidden_size": 64,
                "intermediate_size": 128,
                "num_hidden_layers": 2,
                "num_attention_heads": 4,
                "max_position_embeddings": 2048,
                "initializer_range": 0.15,
            },
            template="olmo_2",
            own_template=True,
            stage="base",
            padding=30,
            special=SpecialTokens((TEXT, "<|padding|>"), bos=TEXT, eos=TEXT),
            ends=(TEXT,),
        ),
        Family(
            name="gpt-oss",
            example="gpt-oss-20b",
            architecture="GptOssConfig",
            config={
                **COMMON,
                "num_local_experts": 4,
                "num_experts_per_tok": 2,
                "sliding_window": WINDOW,
                "layer_types": WINDOWED["layer_types"],
            },
            template="gptoss",
            special=SpecialTokens(
                (
                    *("<|startoftext|>", TEXT, "<|return|>", "<|channel|>", "<|start|>"),
                    *("<|end|>", "<|message|>", "<|call|>", "<|constrain|>"),
                ),
                bos="<|startoftext|>",
                eos="<|return|>",
                pad=TEXT,
            ),
            ends=("<|return|>", TEXT, "<|call|>"),
            trains=False,
        ),
    )
}
