"""The `transformers` engine: any causal language model on this machine, with PEFT adapters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from vibench.engines.model_files import load_tokenizer, load_weights, require_packages
from vibench.engines.model_prompts import ModelPrompts, load_prompts
from vibench.engines.parameters import ChatTemplate, Dtype, ThinkingSetting
from vibench.engines.transformers.session import TransformersSession
from vibench.interfaces import Engine
from vibench.parameters import Parameter
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

    @dataclass(frozen=True, kw_only=True)
    class Parameters:
        batch_size: Annotated[
            int,
            Parameter(
                "Maximum number of requests in one batch; halved if memory runs out.",
                minimum=1,
                key=False,
            ),
        ] = 64
        dtype: Annotated[
            Dtype, Parameter("auto: float32 on the CPU, the checkpoint's own on a GPU.")
        ] = "auto"
        device: Annotated[
            str, Parameter("auto (a GPU if there is one), cpu, cuda:0, ...", key=False)
        ] = "auto"
        max_adapters: Annotated[
            int,
            Parameter(
                "Maximum number of adapters in memory; the least recently used is dropped.",
                minimum=1,
                key=False,
            ),
        ] = 16
        chat_template: ChatTemplate = ""
        thinking: ThinkingSetting = "template"
        trust_remote_code: Annotated[
            bool, Parameter("Run Python code that comes with a model.")
        ] = False

    settings: Parameters

    def check(self) -> None:
        """Raise MissingExtra without torch, transformers or PEFT."""
        require_packages(
            "torch", "transformers", "peft", what="The transformers engine", extra="transformers"
        )

    def open(self, model: Model) -> TransformersSession:
        """Load a base model. Raises UsageError if it cannot be had, MissingExtra without torch."""
        self.check()
        settings = self.settings
        trust = settings.trust_remote_code
        tokenizer = load_tokenizer(model, settings.chat_template, trust)
        weights = load_weights(model, settings.dtype, settings.device, trust)
        return TransformersSession(
            model, weights, tokenizer, settings.batch_size, settings.max_adapters
        )

    def prompts(self, model: Model) -> ModelPrompts:
        """Return how the model is asked, without loading its weights. Raises UsageError."""
        self.check()
        return load_prompts(model, self.settings.chat_template, self.settings.trust_remote_code)
