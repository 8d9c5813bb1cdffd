"""The `transformers` engine: any causal language model on this machine, with PEFT adapters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from vibench.engines.model_files import load_tokenizer, load_weights, require_packages
from vibench.engines.transformers.session import TransformersSession
from vibench.interfaces import Engine
from vibench.records import Model

__all__ = ["TransformersEngine", "TransformersSession"]


class TransformersEngine(Engine):
    """Runs models with transformers and PEFT.

    What holds about reproducibility, on one machine with one build of torch:

    - Batches are cut from the queue in the order of submission, and rows leave them as
      they end, so their composition follows from that order alone. A request in the same
      batch gives the same answer bit for bit, on the CPU at any temperature.
    - In another batch, or after memory ran out and a batch was halved, matrix products
      are added up in another order: logits move by rounding (about 1e-6 in float32,
      1e-2 in bfloat16). At temperature 0 the answer is the same unless the two best
      tokens are within that of each other; above 0, unless a draw falls within that of
      the boundary between two tokens (`vibench.engines.transformers.token_draws`). Nothing
      else crosses from one request to another: no shared random state, no shared temperature.
    """

    version: ClassVar[str] = "2"
    parameters: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "properties": {
            "batch_size": {
                "x-key": False,
                "type": "integer",
                "minimum": 1,
                "default": 64,
                "description": "Most requests in one batch; halved where memory runs out.",
            },
            "dtype": {
                "enum": ["auto", "float32", "bfloat16", "float16"],
                "default": "auto",
                "description": "auto: float32 on the CPU, the checkpoint's own on a GPU.",
            },
            "device": {
                "x-key": False,
                "type": "string",
                "default": "auto",
                "description": "auto (a GPU if there is one), cpu, cuda:0, ...",
            },
            "max_adapters": {
                "x-key": False,
                "type": "integer",
                "minimum": 1,
                "default": 16,
                "description": "Most adapters in memory; the least recently used is dropped.",
            },
            "chat_template": {
                "x-file": True,
                "type": "string",
                "default": "",
                "description": "A .jinja file or a model whose chat template replaces all others, "
                "or the name of one of several templates of the model's tokenizer.",
            },
            "trust_remote_code": {
                "type": "boolean",
                "default": False,
                "description": "Run Python code that comes with a model.",
            },
        },
        "additionalProperties": False,
    }

    def __init__(
        self,
        *,
        batch_size: int,
        dtype: str,
        device: str,
        max_adapters: int,
        chat_template: str,
        trust_remote_code: bool,
    ) -> None:
        self.batch_size = batch_size
        self.dtype = dtype
        self.device = device
        self.max_adapters = max_adapters
        self.chat_template = chat_template
        self.trust_remote_code = trust_remote_code

    def check(self) -> None:
        """Raise MissingExtra without torch, transformers or PEFT."""
        require_packages(
            "torch", "transformers", "peft", what="The transformers engine", extra="transformers"
        )

    def open(self, model: Model) -> TransformersSession:
        """Load a base model. Raises UsageError if it cannot be had, MissingExtra without torch."""
        self.check()
        tokenizer = load_tokenizer(model, self.chat_template, self.trust_remote_code)
        weights = load_weights(model, self.dtype, self.device, self.trust_remote_code)
        return TransformersSession(model, weights, tokenizer, self.batch_size, self.max_adapters)
