"""The first requests of evals that measure by themselves, in the tokens that they make."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import redirect_stderr
from io import StringIO
from itertools import islice
from typing import TYPE_CHECKING

from vibench.boundary import planning
from vibench.engines.quiet import quiet
from vibench.engines.token_text import spell
from vibench.errors import UsageError
from vibench.interfaces import Measuring
from vibench.preview.conversations import subject_of
from vibench.preview.model_requests import ExampleSession, token_prompt
from vibench.preview.records import AskedPrompt, Continuation
from vibench.records import Completion, Loglikelihood, Sampling, Tokens
from vibench.sessions.measurement import context_of

if TYPE_CHECKING:
    from vibench.data import DataFiles
    from vibench.interfaces import Eval
    from vibench.plugins import Plugins
    from vibench.preview.model_requests import ModelRequests, Requests
    from vibench.stages.transcripts import MeasurementSpec

__all__ = ["first_requests"]


def first_requests(
    spec: MeasurementSpec, plugins: Plugins, requests: Requests, data: DataFiles, samples: int
) -> tuple[tuple[Continuation, ...], int]:
    """Return the requests about the first samples of an eval, and their number; at most `samples`
    prompts are shown of them."""
    evaluation: Eval = plugins.build("eval", spec.eval.name, spec.eval.asked)
    forms = requests.of(spec.subject.model, spec.engine)
    if forms.prompts is None:
        raise UsageError(
            f"The eval '{spec.eval.name}' sends tokens, which the engine '{spec.engine.name}' does "
            "not take.",
            "Use --engine transformers or vllm.",
        )
    measuring = ExampleMeasuring(spec, forms)
    limit = samples if spec.limit is None else min(samples, spec.limit)
    # Loops of lm-eval draw a progress bar for each task; in a run they go to a log.
    with (
        planning(plugins.entry("eval", spec.eval.name), "measure(measuring, data, limit)"),
        redirect_stderr(StringIO()),
        quiet(),
    ):
        # The transcripts are of no use; `measuring` records the requests on the way.
        for _ in evaluation.measure(measuring, data, limit):
            pass
    # An eval of several tasks makes more prompts than `samples`.
    return tuple(islice(measuring.shown(), samples)), measuring.total


class ExampleMeasuring(Measuring):
    """A subject that keeps what it is asked, and answers with likelihoods of 0 and no text."""

    def __init__(self, spec: MeasurementSpec, forms: ModelRequests) -> None:
        assert forms.prompts is not None
        self.prompts = forms.prompts
        self.subject = subject_of(spec.subject)
        self.tokenizer = forms.prompts.renderer.tokenizer
        self.context = context_of(ExampleSession(forms, ""))
        self.total = 0
        # By context: the options of a multiple-choice question share one prompt.
        self._likelihoods: dict[Tokens, list[Tokens]] = {}
        self._texts: list[tuple[Tokens, tuple[str, ...], Sampling]] = []

    def loglikelihoods(self, pairs: Sequence[tuple[Tokens, Tokens]]) -> list[Loglikelihood]:
        """Keep the requests; the likelihoods are 0."""
        self.total += len(pairs)
        for context, continuation in pairs:
            self._likelihoods.setdefault(context, []).append(continuation)
        return [
            Loglikelihood(str(n), 0.0, len(continuation.ids), False)
            for n, (_, continuation) in enumerate(pairs)
        ]

    def generate(
        self, prompts: Sequence[tuple[Tokens, tuple[str, ...], Sampling]]
    ) -> list[Completion]:
        """Keep the requests; the texts are empty."""
        self.total += len(prompts)
        self._texts += prompts
        return [Completion(str(n), "", "stop") for n in range(len(prompts))]

    def progress(self, done: int, total: int, note: str) -> None:
        """Do nothing: all is there at once."""

    def shown(self) -> Sequence[Continuation]:
        """Return the requests as they are shown: one for each prompt."""
        likelihoods = [
            Continuation(token_prompt(self.prompts, context.ids), tuple(map(self._answer, answers)))
            for context, answers in self._likelihoods.items()
        ]
        texts = [
            Continuation(token_prompt(self.prompts, prompt.ids), (), stops, sampling)
            for prompt, stops, sampling in self._texts
        ]
        return [*likelihoods, *texts]

    def _answer(self, continuation: Tokens) -> AskedPrompt:
        return AskedPrompt(spell(self.tokenizer, continuation.ids), continuation.ids)
