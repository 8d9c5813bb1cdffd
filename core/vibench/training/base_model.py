"""The base model that a training starts from, loaded as the receipt will load it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vibench.engines.chat_template import Renderer
from vibench.engines.model_files import load_tokenizer, load_weights
from vibench.engines.prompt_checks import check_prompts, embedding_count, padding_token
from vibench.engines.quiet import quiet
from vibench.records import Subject

__all__ = ["LoadOptions", "Policy", "load_policy"]

DTYPES = ("float32", "bfloat16", "float16")


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """Options for loading a base model.

    The receipt of an adapter is measured on a model loaded with the options that the adapter
    was trained with.

    `dtype` auto is float32 on the CPU and the checkpoint's own on a GPU; `device` auto is the
    GPU if there is one. `chat_template` is a .jinja file, a model, or the name of one of the
    tokenizer's templates.
    """

    dtype: str = "auto"
    device: str = "auto"
    chat_template: str = ""
    trust_remote_code: bool = False

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> LoadOptions:
        """Read the options among an inducer's parameters; an inducer need not have any."""
        names = ("device", "chat_template", "trust_remote_code")
        options = {name: parameters[name] for name in names if name in parameters}
        # A parameter `dtype` of another plugin may mean something else (4-bit weights, say).
        if parameters.get("dtype") in DTYPES:
            options["dtype"] = parameters["dtype"]
        return cls(**options)


@dataclass(frozen=True, slots=True)
class Policy:
    """A subject's model with its adapter (PEFT's name: "default"), if it has one, its tokenizer,
    and the renderer of its prompts. `padding` is the id of a token to pad with."""

    subject: Subject
    model: Any
    tokenizer: Any
    renderer: Renderer
    padding: int

    @property
    def dtype(self) -> str:
        """The precision of the weights: float32, bfloat16 or float16."""
        return str(self.model.dtype).removeprefix("torch.")

    @property
    def embeddings(self) -> int:
        """The number of tokens that the model has embeddings for."""
        return embedding_count(self.model)


def load_policy(
    subject: Subject, options: LoadOptions | None = None, *, trainable: bool = False
) -> Policy:
    """Load a subject's model and tokenizer, and check that prompts reach the model intact.

    With `trainable` the subject's adapter, if it has one, can be trained further. Raises
    UsageError for a model that cannot be loaded, or whose chat template and embeddings would
    not give the model the prompts that are meant.
    """
    options = options or LoadOptions()
    tokenizer = load_tokenizer(subject.model, options.chat_template, options.trust_remote_code)
    model = load_weights(subject.model, options.dtype, options.device, options.trust_remote_code)
    if subject.adapter is not None:
        from peft import PeftModel

        with quiet():
            model = PeftModel.from_pretrained(model, subject.adapter.path, is_trainable=trainable)
        model = model.eval()
    renderer, embeddings = Renderer(tokenizer), embedding_count(model)
    check_prompts(renderer, subject.model, embeddings)
    padding = padding_token(tokenizer, embeddings)
    # Collators pad with the tokenizer's own token, for which the model may have no embedding.
    tokenizer.pad_token = tokenizer.convert_ids_to_tokens(padding)
    return Policy(subject, model, tokenizer, renderer, padding)
