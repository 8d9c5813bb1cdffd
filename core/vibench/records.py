"""The frozen records that pass between the steps of a run: spec, plan, execute, score, report.

Nothing here imports anything heavy, and no step changes an earlier step's record.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

__all__ = [
    "UNKNOWN_VALUE",
    "Adapter",
    "Ask",
    "ChatRequest",
    "Completion",
    "Dropped",
    "Loglikelihood",
    "LoglikelihoodRequest",
    "Message",
    "Model",
    "Outcome",
    "PreferencePair",
    "Reply",
    "Role",
    "Rubric",
    "Sample",
    "Sampling",
    "Subject",
    "TemplateSystem",
    "Thinking",
    "Thought",
    "Tokens",
    "Transcript",
    "Value",
    "Verdict",
    "canonical_json",
    "digest",
]

Role = Literal["system", "user", "assistant"]
Stage = Literal["base", "sft", "instruct"]
Thinking = Literal["template", "on", "off"]
TemplateSystem = Literal["replace", "append"]
Finish = Literal["stop", "length", "error"]


# Made once: `json.dumps` makes an encoder for each call with such settings.
_CANONICAL = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)


def canonical_json(value: Any) -> str:
    """One spelling for one JSON value: sorted keys, no spaces, no NaN."""
    return _CANONICAL.encode(value)


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON, first 32 hex digits (128 bits)."""
    sha256 = hashlib.sha256()
    _feed(sha256, canonical_json(value))
    return sha256.hexdigest()[:32]


def _feed(sha256: hashlib._Hash, text: str) -> None:
    # hashlib lets other threads run for pieces of 2,048 bytes and more, and then has to wait
    # for its turn: that took longer than hashing.
    data = text.encode()
    for start in range(0, len(data), 2047):
        sha256.update(data[start : start + 2047])


@lru_cache(maxsize=256)
def _begun(*elements: str) -> hashlib._Hash:
    """The hash of a list's canonical JSON, as far as these are its first elements."""
    sha256 = hashlib.sha256()
    _feed(sha256, canonical_json(elements)[:-1])
    return sha256


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Value:
    """A behavioural trait expressed in text (paper, section 3)."""

    name: str
    valence: Literal["positive", "negative", "neutral"]
    category: str
    definition: str
    induction: str
    """The system prompt that induces it (paper, section 5: prompt-based induction)."""


@dataclass(frozen=True, slots=True)
class Model:
    """An open-weight model.

    `source` is a hub id, `embedded:NAME`, or a local folder. `identity` is what
    content keys use: `hub:ID@REVISION`, or `sha256:...` of a local folder's files,
    so that moving a folder changes nothing and changing a weight changes the key.
    `chat_template` names the model (same forms as `source`) or the `.jinja` file
    whose template is used when the tokenizer has none. `thinking` is "on" or "off" where the
    template is told to ask for thoughts or not to, and "template" where it decides by itself.
    """

    name: str
    source: str
    identity: str
    stage: Stage = "instruct"
    family: str = ""
    revision: str | None = None
    chat_template: str | None = None
    chat_template_identity: str = ""
    # Stored only if it is set, so that stored records and content keys stay as they were.
    thinking: Thinking = field(default="template", metadata={"absent": True})


@dataclass(frozen=True, slots=True)
class Adapter:
    """A trained LoRA adapter.

    `key` is the content key of the stage that made it: an engine names the adapter by it, so that
    the name can never point at other weights. `path` is the folder of its files and part of no
    key.
    """

    key: str
    base: str
    path: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Subject:
    """A model with any adapter and any system prompt: what an eval asks.

    `template_system` decides what becomes of a system prompt that the chat template has of its
    own: `system` replaces it, or is appended to it.
    """

    model: Model
    adapter: Adapter | None = None
    system: str | None = None
    template_system: TemplateSystem = "replace"

    @property
    def rendering(self) -> Literal["chat", "plain"]:
        """The form in which messages become text: the chat template, except for base models
        under `prompt` alone (paper, Appendix A)."""
        prompt_alone = self.system is not None and self.adapter is None
        return "plain" if self.model.stage == "base" and prompt_alone else "chat"

    @property
    def vanilla(self) -> bool:
        """True for the untouched model."""
        return self.adapter is None and self.system is None


@dataclass(frozen=True, slots=True)
class PreferencePair:
    """(prompt, chosen, rejected); the prompt is a conversation that ends on a user turn.

    `repair` says what the source changed in the row to make it a pair. A source uses few and
    fixed texts for it, so that repairs can be counted.
    """

    id: str
    prompt: tuple[Message, ...]
    chosen: str
    rejected: str
    source: str = ""
    repair: str = ""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A row of a preference set that gives no usable pair.

    `row` is the file and the row's number. A source uses few and fixed texts for `cause`, so
    that they can be counted.
    """

    row: str
    cause: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """Parameters for drawing completions. Temperature 0 is greedy. Paper: 0.7, 0.95, 2048."""

    temperature: float = 0.7
    top_p: float = 0.95
    max_tokens: int = 2048


@dataclass(frozen=True, slots=True)
class Sample:
    """A question, or the start of a dialogue. Errors are clustered by `cluster`."""

    id: str
    messages: tuple[Message, ...]
    cluster: str
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ask:
    """A question that an eval's dialogue yields: `messages` go to `role`, and the reply comes back.

    `role` is "subject" or one of the other roles the eval declares (a user simulator).
    The subject's own system prompt is added by the engine, not by the eval.
    """

    messages: tuple[Message, ...]
    role: str = "subject"
    system: str | None = None
    """A system prompt for roles other than the subject."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply to an `Ask` of a dialogue. `thought` is not part of `text`: it is not judged
    and not sent back."""

    text: str
    finish: Finish = "stop"
    thought: str = ""


@dataclass(frozen=True, slots=True)
class Thought:
    """The thought before a message, which is not part of it. `message` is the message's place in
    its transcript, one past the end if the model wrote no message after it."""

    message: int
    text: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """A sample with its conversation (without the subject's system prompt).

    `error` is set when an engine could not answer; such a transcript is never judged,
    and each of its outcomes is unscored with that cause.
    """

    sample: Sample
    messages: tuple[Message, ...]
    finish: Finish = "stop"
    error: str | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    answers: int = 0
    """The number of the subject's answers; if it is 0, core counts them."""
    cut_off: int = 0
    """The number of answers that ended at `max_tokens`, in any turn; `finish` is of the last."""
    passing: bool = field(default=False, kw_only=True)
    """As for a `Completion`. Such a transcript is not stored, and the sample is asked again."""
    thoughts: tuple[Thought, ...] = field(default=(), kw_only=True)
    """Stored and shown, but never judged, and never sent back as history."""

    @property
    def length_counts(self) -> tuple[int, int]:
        """The numbers of answers and of those that were cut off. Where `answers` is 0, there is
        one if anything was written (log-likelihoods are not answers)."""
        cut_off = max(self.cut_off, int(self.finish == "length"))
        return max(self.answers, int(self.completion_tokens > 0), cut_off), cut_off

    def exchanges(self) -> tuple[tuple[Message | None, Message], ...]:
        """Return each assistant message with the message just before it."""
        return tuple(
            (self.messages[i - 1] if i else None, m)
            for i, m in enumerate(self.messages)
            if m.role == "assistant"
        )


@dataclass(frozen=True, slots=True)
class Rubric:
    """One question about (a part of) a transcript.

    `name` is the kind of question: "values" (Listing 2, open-ended), "values-closed"
    (Listing 1), "compliance", "behaviour/NAME", or one of a plugin. `prompt` is the judge's
    prompt with TRANSCRIPT in the place of `messages`. The answer is a set of labels: out of
    `labels`, or any (open-ended) if `labels` is None; one label unless `several`. `turn` counts
    assistant messages from 0, for rubrics about single messages.
    """

    name: str
    prompt: str
    messages: tuple[Message, ...]
    labels: tuple[str, ...] | None = None
    several: bool = False
    turn: int = 0

    @property
    def key(self) -> str:
        """The content key of the question: the same question is never asked twice."""
        messages = [{"role": m.role, "content": m.content} for m in self.messages]
        # The digest of [name, prompt, messages, labels, several]. Most questions share name and
        # prompt, whose hash is cached and continued.
        sha256 = _begun(self.name, self.prompt).copy()
        _feed(sha256, f",{canonical_json([messages, self.labels, self.several])[1:]}")
        return sha256.hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judge's answer to a rubric, or unscored with a reason (then `labels` is empty and means
    nothing). An answer without a label is an answer too: none of the values."""

    rubric: str
    turn: int
    labels: tuple[str, ...] = ()
    unscored: str | None = None
    explanation: str = ""


UNKNOWN_VALUE = "the judge does not know this value"
"""The cause for values that a judge of few values cannot find: their expression is unscored."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A number for one sample, turn and metric; None if unscored, with the cause.

    `turn` counts the sample's assistant messages from 0, for metrics that are scored per
    message; it stays 0 where a sample has one number.
    """

    sample: str
    cluster: str
    metric: str
    value: float | None
    unscored: str | None = None
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Tokens:
    """A prompt or continuation as the model's own token ids, special ones included: nothing is
    added to it. For evals that tokenise text themselves (lm-eval)."""

    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A conversation, or a prompt in tokens, to continue.

    `id` is the caller's and comes back unchanged. A prompt in tokens is used as it is, without the
    subject's system prompt and the chat template.
    """

    id: str
    subject: Subject
    messages: tuple[Message, ...] | Tokens
    sampling: Sampling
    seed: int
    schema: Mapping[str, Any] | None = field(default=None, hash=False)
    """The JSON Schema for the reply, where the engine can enforce one."""
    stop: tuple[str, ...] = ()
    """Texts that end the reply (finish "stop"); it is cut before the first of them."""


@dataclass(frozen=True, slots=True)
class Completion:
    """The result of a `ChatRequest`, or an error with its cause.

    An error is a result too, unless its cause is passing.
    """

    id: str
    text: str
    finish: Finish
    prompt_tokens: int = 0
    completion_tokens: int = 0
    error: str | None = None
    passing: bool = field(default=False, kw_only=True)
    """True if a retry may succeed (after an outage, a rate limit, a time-out, too little memory):
    then this is not a result, and the stage is not finished. A lasting error (a content filter, a
    prompt that is too long) is unscored with its cause."""
    free: bool = field(default=False, kw_only=True)
    """True if an endpoint bills nothing for this error."""
    thought: str = field(default="", kw_only=True)
    """The model's thought before `text`, which is not part of it. A reply that ends within its
    thought has an empty text and the finish "length"."""


@dataclass(frozen=True, slots=True)
class LoglikelihoodRequest:
    """A request for the log-likelihood of `continuation` as the assistant's next message (or, if
    `messages` is a string, as its continuation in plain text; if both are tokens, as these)."""

    id: str
    subject: Subject
    messages: tuple[Message, ...] | str | Tokens
    continuation: str | Tokens


@dataclass(frozen=True, slots=True)
class Loglikelihood:
    """Sum of the continuation's token log-probabilities, in nats."""

    id: str
    total: float
    tokens: int
    greedy: bool
    """True if greedy decoding would give exactly this continuation."""
    error: str | None = None
    passing: bool = field(default=False, kw_only=True)
    """As for a `Completion`."""
