"""Tokenizers of model families: real ones out of packages, and stand-ins trained on the spot."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

__all__ = [
    "SpecialTokens",
    "sentencepiece_tokenizer",
    "stand_in",
    "tekken_file",
    "tekken_tokenizer",
    "vocabulary",
]

STAND_IN_SIZE = 600
TEKKEN_SIZE = 8192


@dataclass(frozen=True, slots=True)
class SpecialTokens:
    """The special tokens of a family, in the order of their ids, and those with a role.

    `added` are tokens of the template that decoding does not leave out (Qwen's `<think>`).
    With `adds_bos` the tokenizer puts `bos` before every text.
    """

    names: Sequence[str]
    bos: str | None
    eos: str
    pad: str | None = None
    added: Sequence[str] = ()
    adds_bos: bool = False

    def roles(self) -> dict[str, str]:
        """Return the tokens with a role, as a tokenizer's keyword arguments."""
        roles = {"bos_token": self.bos, "eos_token": self.eos, "pad_token": self.pad}
        return {role: token for role, token in roles.items() if token is not None}


def vocabulary(name: str) -> Path | None:
    """Return a file of the vocabularies that mistral-common ships; None without the package."""
    package = find_spec("mistral_common")
    if package is None or package.origin is None:
        return None
    return Path(package.origin).parent / "data" / name


def stand_in(special: SpecialTokens) -> Any:
    """Return a byte-level BPE tokenizer, trained on a few English texts, with special tokens."""
    from tokenizers import AddedToken, Tokenizer

    tokenizer = Tokenizer.from_str(_bpe())
    tokenizer.add_special_tokens(
        [AddedToken(name, special=True, normalized=False) for name in special.names]
    )
    tokenizer.add_tokens([AddedToken(name, normalized=False) for name in special.added])
    return _fast(tokenizer, special)


@cache
def _bpe() -> str:
    """Return tokenizer.json of the BPE that all stand-ins share, without special tokens."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    from vibench.embedded import FOLDER

    texts = []
    with (FOLDER / "pairs.jsonl").open(encoding="utf-8") as file:
        for line, _ in zip(file, range(120), strict=False):
            row = json.loads(line)
            texts += [row["chosen"], row["rejected"], *(m["content"] for m in row["prompt"])]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=STAND_IN_SIZE,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return str(tokenizer.to_str())


def tekken_file(path: Path, folder: Path) -> Path:
    """Write the first tokens of a tekken vocabulary, which are the most frequent ones.

    The whole one has 131,072, and reading it takes seconds each time.
    """
    content = json.loads(path.read_text(encoding="utf-8"))
    config = content["config"]
    specials = config["default_num_special_tokens"]
    config |= {"default_vocab_size": TEKKEN_SIZE, "num_vocab_tokens": TEKKEN_SIZE - specials}
    content["vocab"] = content["vocab"][: TEKKEN_SIZE - specials]
    target = folder / "tekken.json"
    target.write_text(json.dumps(content), encoding="utf-8")
    return target


def tekken_tokenizer(path: Path, special: SpecialTokens) -> Any:
    """Return Mistral's tekken tokenizer, as a repository's tokenizer.json has it."""
    from transformers.integrations.mistral.tokenizer import MistralConverter

    return _fast(MistralConverter(str(path)).converted(), special)


def sentencepiece_tokenizer(path: Path, special: SpecialTokens) -> Any:
    """Return Mistral's SentencePiece tokenizer, as a repository's tokenizer.json has it."""
    from sentencepiece import SentencePieceProcessor
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers.tokenization_utils_base import generate_merges

    model = SentencePieceProcessor(model_file=str(path))
    ids = range(model.vocab_size())
    vocab = {model.id_to_piece(i): i for i in ids}
    controls = {model.id_to_piece(i) for i in ids if model.is_control(i) or model.is_unknown(i)}
    scores = {model.id_to_piece(i): model.get_score(i) for i in ids}
    merges = generate_merges(vocab, scores, controls)
    tokenizer = Tokenizer(
        models.BPE(vocab, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True)
    )
    # The space before the first word is SentencePiece's own; after a control token the template
    # writes it.
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace("▁", prepend_scheme="first", split=False)
    tokenizer.decoder = decoders.Sequence(
        [
            decoders.Replace("▁", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(" ", 1, 0),
        ]
    )
    tokenizer.add_special_tokens(
        [
            AddedToken(name, special=True, normalized=False)
            for name in sorted(controls, key=lambda name: vocab[name])
        ]
    )
    return _fast(tokenizer, special)


def _fast(tokenizer: Any, special: SpecialTokens) -> Any:
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    if special.adds_bos:
        bos = special.bos
        tokenizer.post_processor = TemplateProcessing(
            single=f"{bos}:0 $A:0",
            pair=f"{bos}:0 $A:0 {bos}:1 $B:1",
            special_tokens=[(bos, tokenizer.token_to_id(bos))],
        )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, clean_up_tokenization_spaces=False, **special.roles()
    )
