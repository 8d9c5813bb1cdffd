"""A subject as lm-eval's language model: its requests become tokens, and those are measured.

How text becomes tokens, and which of them are cut off, follows lm-eval's HFLM (0.4.13) to the
token: scores are those of `lm_eval --model hf`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from jinja2.exceptions import TemplateError
from lm_eval.api.model import TemplateLM
from lm_eval.models.utils import (
    handle_stop_sequences,
    has_bos_prefix,
    normalize_gen_kwargs,
    postprocess_generated_text,
)
from lm_eval.utils import get_rolling_token_windows, make_disjoint_window

from vibench import (
    Completion,
    Loglikelihood,
    Measuring,
    Message,
    Renderer,
    Sampling,
    Tokens,
    UsageError,
)
from vibench_evals.qa.settings import TaskSettings

__all__ = ["SubjectLM"]

GREEDY = frozenset({"top_p", "top_k", "min_p", "typical_p", "num_return_sequences"})
"""Keys of generation_kwargs without effect on greedy decoding."""

STAND_IN = (0.0, False)
"""The log-likelihood that lm-eval receives for an answer that failed."""

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class SubjectLM(TemplateLM):  # type: ignore[misc]
    """The language model that lm-eval calls: one subject.

    `failures` holds the causes, by task and document, of requests that failed; lm-eval receives
    a stand-in for them, which does not count. `completions` holds the engine's completions.
    """

    def __init__(self, measuring: Measuring, settings: TaskSettings, label: str) -> None:
        super().__init__()
        self.measuring, self.settings, self.label = measuring, settings, label
        self.tokenizer = measuring.tokenizer
        self.renderer = Renderer(measuring.tokenizer)
        self.failures: dict[tuple[str, int], str] = {}
        self.completions: dict[tuple[str, int], Completion] = {}
        self._errors: list[str | None] = []

    # -- the model, for lm-eval ----------------------------------------------------

    @property
    def eot_token_id(self) -> Any:
        return self.tokenizer.eos_token_id

    @property
    def prefix_token_id(self) -> Any:
        """The token before a text without a context."""
        # As in HFLM: models without a BOS (Qwen) begin texts with their EOS.
        bos = self.tokenizer.bos_token_id
        return bos if bos is not None else self.tokenizer.eos_token_id

    @property
    def max_length(self) -> int:
        return self.settings.max_length or self.measuring.context

    @property
    def max_gen_toks(self) -> int:
        return 256

    @property
    def tokenizer_name(self) -> str:
        return str(self.tokenizer.name_or_path)

    def tok_encode(
        self, string: str, add_special_tokens: bool | None = None, **kwargs: Any
    ) -> list[int]:
        """Encode with the tokenizer's special tokens, unless the text begins with a BOS."""
        if add_special_tokens is None and has_bos_prefix(
            string, self.tokenizer.decode(self.prefix_token_id)
        ):
            add_special_tokens = False
        return self._ids(string, add_special_tokens is not False)

    def _prompt(self, string: str) -> list[int]:
        """Encode a prompt: here only a BOS counts, and not an EOS in its place."""
        return self._ids(string, not has_bos_prefix(string, self.tokenizer.bos_token))

    def _ids(self, string: str, special: bool) -> list[int]:
        ids: list[int] = self.tokenizer.encode(string, add_special_tokens=special)
        return ids

    def apply_chat_template(
        self, chat_history: list[dict[str, str]], add_generation_prompt: bool = True
    ) -> str:
        """Return the conversation as text. As in HFLM, a template that refuses a system message
        is rendered without one. The subject's own system prompt is never dropped: it goes to
        the head of the first user message, as everywhere in vibench."""
        if not self.tokenizer.chat_template:
            raise UsageError(
                f"The model '{self.measuring.subject.model.name}' has no chat template.",
                "Name one in the registry (chat_template), or ask in plain text: "
                f"--set {self.label}.chat_template=never",
            )
        subject, history = self.measuring.subject, chat_history
        system = subject.system
        # With a task's description behind it, it replaces the template's own as the description
        # alone does for other subjects.
        first = history[0] if history else {}
        if subject.template_system == "append" and system and first.get("content") == system:
            system = self.renderer.after_default(system)
            history = [{**first, "content": system}, *history[1:]]
        if system and not self.renderer.takes_system:
            turns = [Message(m["role"], m["content"]) for m in history if m["role"] != "system"]  # type: ignore[arg-type]
            history = self.renderer.conversation(system, turns)
        try:
            return self._templated(history, add_generation_prompt)
        # Gemma's template and others raise for a system message; HFLM drops it, and so the same
        # prompt is measured.
        except TemplateError:
            history = [message for message in history if message["role"] != "system"]
            return self._templated(history, add_generation_prompt)

    def _templated(self, history: list[dict[str, str]], add_generation_prompt: bool) -> str:
        return str(
            self.tokenizer.apply_chat_template(
                self.renderer.shaped(history),
                tokenize=False,
                add_generation_prompt=add_generation_prompt,
                continue_final_message=not add_generation_prompt,
                **self.settings.chat_template_args,
            )
        )

    # -- log-likelihoods ------------------------------------------------------------

    def loglikelihood(
        self, requests: list[Any], disable_tqdm: bool = True
    ) -> list[tuple[float, bool]]:
        """Return (nats, is it the greedy continuation) of each (context, continuation)."""
        answers: list[tuple[float, bool]] = super().loglikelihood(requests, disable_tqdm=True)
        self._note(requests, self._errors)
        return answers

    def _loglikelihood_tokens(
        self, requests: list[tuple[Any, list[int], list[int]]], **kwargs: Any
    ) -> list[tuple[float, bool]]:
        # The model does not read the last token, so one more than its limit fits.
        cut = [self._cut(context, continuation) for _, context, continuation in requests]
        wrong = [
            f"the continuation has {len(after.ids)} tokens, the model takes {self.max_length}"
            if not 0 < len(after.ids) <= self.max_length
            else None
            for _, after in cut
        ]
        sound = [pair for pair, error in zip(cut, wrong, strict=True) if error is None]
        scored = iter(self._asked(sound, self.measuring.loglikelihoods, "log-likelihoods"))
        # Errors go back to their places among the scored ones.
        answers = [Loglikelihood("", 0.0, 0, False, e) if e else next(scored) for e in wrong]
        self._errors = [answer.error for answer in answers]
        return [(a.total, a.greedy) if a.error is None else STAND_IN for a in answers]

    def _cut(self, context: list[int], continuation: list[int]) -> tuple[Tokens, Tokens]:
        # Cut on the left: the answer has to stay whole.
        tokens = (context + continuation)[-(self.max_length + 1) :]
        start = max(0, len(tokens) - len(continuation))
        return Tokens(tuple(tokens[:start])), Tokens(tuple(tokens[start:]))

    def loglikelihood_rolling(self, requests: list[Any], disable_tqdm: bool = True) -> list[float]:
        """Return the nats of each whole text, in windows of the longest input."""
        windows: list[tuple[Any, list[int], list[int]]] = []
        owners: list[int] = []
        for number, request in enumerate(requests):
            token_windows = get_rolling_token_windows(
                token_list=self.tok_encode(request.args[0]),
                prefix_token=self.prefix_token_id,
                max_seq_len=self.max_length,
                context_len=1,
            )
            windows += [(None, *make_disjoint_window(window)) for window in token_windows]
            owners += [number] * (len(windows) - len(owners))
        totals = [0.0] * len(requests)
        answers = self._loglikelihood_tokens(windows)
        for owner, answer in zip(owners, answers, strict=True):
            totals[owner] += answer[0]
        self._note([requests[owner] for owner in owners], self._errors)
        return totals

    # -- answers ------------------------------------------------------------------------

    def generate_until(self, requests: list[Any], disable_tqdm: bool = True) -> list[str]:
        """Return the text of each answer, up to its stop texts."""
        prompts, stops = [], []
        for request in requests:
            context, arguments = request.args
            until, sampling = self._generation(request, arguments)
            # Cut on the left, as HFLM does: the question stands at the end of the prompt.
            ids = self._prompt(context)[-(self.max_length - sampling.max_tokens) :]
            # An empty stop text would end every answer at once.
            prompts.append((Tokens(tuple(ids)), tuple(filter(None, until)), sampling))
            stops.append(until)
        completions = self._asked(prompts, self.measuring.generate, "answers")
        self._note(requests, [completion.error for completion in completions])
        for request, completion in zip(requests, completions, strict=True):
            self.completions.setdefault((request.task_name, request.doc_id), completion)
        return [
            postprocess_generated_text(completion.text, until, self.settings.think_end_token)
            for completion, until in zip(completions, stops, strict=True)
        ]

    def _generation(self, request: Any, arguments: dict[str, Any]) -> tuple[list[str], Sampling]:
        """Return the stop texts and sampling in a task's generation_kwargs. Raises UsageError for
        keys that no engine supports."""
        kwargs: dict[str, Any] = dict(normalize_gen_kwargs(arguments, self.max_gen_toks))
        end = self.tokenizer.eos_token_id
        eos = None if end is None else self.tokenizer.decode(end, skip_special_tokens=False)
        until = handle_stop_sequences(kwargs.pop("until", None), eos=eos)
        longest = int(kwargs.pop("max_gen_toks"))
        temperature = float(kwargs.pop("temperature", 0.0))
        samples = bool(kwargs.pop("do_sample", False)) and temperature > 0
        top_p = float(kwargs.pop("top_p", 1.0)) if samples else 1.0
        if kwargs.get("num_beams") == 1:
            del kwargs["num_beams"]
        rest = {k: v for k, v in kwargs.items() if samples or k not in GREEDY}
        # Ignoring an argument would measure another task under the same name.
        if rest:
            unsupported = ", ".join(f"{name}={value!r}" for name, value in rest.items())
            raise UsageError(
                f"lm-eval's task '{request.task_name}' generates with {unsupported}, which no "
                "engine of vibench supports.",
                "Choose another task.",
            )
        # Greedy answers do not differ, so there one stands for all repeats.
        if samples and request.repeats > 1:
            raise UsageError(
                f"lm-eval's task '{request.task_name}' draws {request.repeats} answers to each "
                "question, but vibench asks for one.",
                "Choose another task.",
            )
        if self.max_length <= longest:
            raise UsageError(
                f"lm-eval's task '{request.task_name}' may write {longest} tokens, which leaves "
                f"no room for a question in the {self.max_length} that "
                f"'{self.measuring.subject.model.name}' takes.",
                f"Let it write less: --set {self.label}.max_gen_toks={self.max_length // 4}",
            )
        return until, Sampling(temperature if samples else 0.0, top_p, longest)

    def _asked(
        self, items: Sequence[Asked], ask: Callable[[Sequence[Asked]], list[Answer]], note: str
    ) -> list[Answer]:
        self.measuring.progress(0, len(items), note)
        return ask(items)

    def _note(self, requests: Sequence[Any], errors: Sequence[str | None]) -> None:
        for request, error in zip(requests, errors, strict=True):
            if error is not None:
                self.failures.setdefault((request.task_name, request.doc_id), error)
