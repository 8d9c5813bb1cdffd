"""The contracts of inducers, evals, judges, engines and preference sources.

A plugin is one class and one entry point. The entry point's name is its name on the
command line. Its parameters are a frozen dataclass, `Parameters` (see `vibench.parameters`):
core derives the JSON Schema `parameters` from it, validates what the user sets, fills in the
defaults, and calls `cls(**values)`, which keeps them as `self.settings`.

A plugin may instead write `parameters`, a JSON Schema of type object, by hand; its properties,
with their defaults, are then the arguments of a constructor of its own. A property with
`"x-key": false`, `"x-file": true`, `"x-argument": true`, `"x-engine": true` or `"x-absent": true`
is what `Parameter(key=False)`, `file=True`, `argument=True`, `engine=True` or `absent=True` makes
it.

Evals and judges do no I/O: they yield requests, and vibench sends them the replies.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

from vibench.errors import PluginError
from vibench.parameters import NoParameters, build_parameters, schema_of
from vibench.records import (
    Adapter,
    Ask,
    ChatRequest,
    Completion,
    Dropped,
    Loglikelihood,
    LoglikelihoodRequest,
    Message,
    Model,
    Outcome,
    PreferencePair,
    Reply,
    Rubric,
    Sample,
    Sampling,
    Subject,
    Thinking,
    Tokens,
    Transcript,
    Value,
    Verdict,
)
from vibench.version import INTERFACE

__all__ = [
    "Data",
    "Engine",
    "Eval",
    "Inducer",
    "Judge",
    "JudgeModel",
    "Materials",
    "Measuring",
    "Plugin",
    "Session",
    "Source",
    "TrainingJob",
]


class Data(Protocol):
    """The files of data sets, for evals and preference sources."""

    @property
    def folder(self) -> Path | None:
        """The folder that the user named (`--data`, VIBENCH_DATA); None if there is none."""

    def file(self, dataset: str, *names: str) -> Path:
        """Return the first file of `names` that `dataset` has.

        It comes from `folder` if there is one, else from the packaged data (embedded profile),
        else from the data set's public home. Raises DataError if none of them has it.
        """


class Plugin:
    """The base of every plugin class.

    `version` is part of content keys: change it when the same input would give another
    result, and only then.
    """

    version: ClassVar[str] = "1"
    interface: ClassVar[int] = INTERFACE
    """The version of vibench's plugin interface that the class is written for, if it states one."""
    Parameters: ClassVar[type] = NoParameters
    """A frozen dataclass of the parameters, with their types, bounds and defaults."""
    parameters: ClassVar[Mapping[str, Any]] = schema_of(NoParameters)
    """The JSON Schema of the parameters, derived from `Parameters` unless written by hand."""
    settings: Any
    """This instance's `Parameters`."""

    def __init__(self, **values: Any) -> None:
        self.settings = build_parameters(self.Parameters, values)

    def __init_subclass__(cls, **options: Any) -> None:
        """Derive the schema. Raises PluginError for a class that also writes one by hand."""
        super().__init_subclass__(**options)
        if "Parameters" not in vars(cls):
            return
        if "parameters" in vars(cls):
            raise PluginError(
                f"{cls.__name__} has both a JSON Schema (`parameters`) and a dataclass "
                "(`Parameters`).",
                "Remove the schema: vibench derives it from the dataclass.",
            )
        cls.parameters = schema_of(cls.Parameters)

    def check(self) -> None:
        """Raise UsageError for a package or an API key that this machine lacks.

        vibench calls it before a run starts, so it has to be quick. By default nothing is
        checked.
        """


@dataclass(frozen=True, slots=True)
class Materials:
    """The material of an inducer: the adapter that its training stage made (or will make)."""

    adapter: Adapter | None = None


@dataclass(frozen=True, slots=True)
class TrainingJob:
    """Everything a training inducer needs.

    `pairs` express `value` in `chosen` and not in `rejected`. `reference` maps a pair's
    id to (chosen, rejected) log-probabilities in nats under `subject`, summed over
    response tokens; it is empty unless the inducer sets `needs_reference`. `folder` receives
    the adapter (PEFT format, safetensors) and other files to keep, such as `log.jsonl`; core
    adds the receipt. `scratch` holds checkpoints and survives a kill, so that training resumes
    from the last one. `progress(done, total, note)` may be called at any time.
    """

    subject: Subject
    value: Value
    pairs: Sequence[PreferencePair]
    reference: Mapping[str, tuple[float, float]]
    seed: int
    folder: Path
    scratch: Path
    progress: Callable[[int, int, str], None]


class Inducer(Plugin, ABC):
    """Takes a subject and a value, returns a subject. Inducers compose by left fold."""

    trains: ClassVar[bool] = False
    """True if `train` makes an adapter that `induce` puts on the subject."""
    needs_reference: ClassVar[bool] = False
    """True if `train` needs the pairs' log-probabilities under the subject that it starts from."""

    @abstractmethod
    def induce(self, subject: Subject, value: Value, materials: Materials) -> Subject:
        """Return the subject with one more change. Pure: vibench calls it while planning."""

    def train(self, job: TrainingJob) -> Mapping[str, Any]:
        """Write an adapter into `job.folder`; return facts for the manifest (JSON), or None."""
        raise TypeError(f"{type(self).__name__} says that it trains but has no train()")

    def reference_settings(self) -> Mapping[str, Any]:
        """Return the parameters that reference log-probabilities depend on (max_length, ...).

        They are part of the reference stage's key; parameters of the training, such as beta, are
        not, so that one reference pass serves a sweep over them.
        """
        return {}

    def reference(
        self,
        subject: Subject,
        pairs: Sequence[PreferencePair],
        progress: Callable[[int, int, str], None],
    ) -> Mapping[str, tuple[float, float]]:
        """Return the log-probabilities of each pair's (chosen, rejected) under `subject`."""
        raise TypeError(f"{type(self).__name__} needs references but has no reference()")


class Measuring(ABC):
    """One subject on an open session, for an eval that measures by itself.

    Answers are stored as they arrive, by their request: after an interruption only the missing
    ones are requested, and a repeated request is free.
    """

    subject: Subject
    tokenizer: Any
    """The model's own tokenizer (transformers), with the chat template of the run."""
    context: int
    """The most tokens that the model reads: a prompt with its completion. The last token of a
    continuation is not read, so that context and continuation may have one more together."""

    @abstractmethod
    def loglikelihoods(self, pairs: Sequence[tuple[Tokens, Tokens]]) -> list[Loglikelihood]:
        """Return the log-likelihood of each (context, continuation), in order.

        A context has at least one token. `greedy` is True if every token is the most likely one.
        A request that the engine cannot answer has the cause as its `error`.
        """

    @abstractmethod
    def generate(
        self, prompts: Sequence[tuple[Tokens, tuple[str, ...], Sampling]]
    ) -> list[Completion]:
        """Return a completion of each (prompt, stop texts, sampling), in order.

        It ends with a stop text, with a token that ends a text for the model, or after
        `max_tokens`. The same prompt with the same stop texts and sampling has one answer, and
        the same draws for every subject. A request that the engine cannot answer has the cause as
        its `error`.
        """

    @abstractmethod
    def progress(self, done: int, total: int, note: str) -> None:
        """Report progress; may be called at any time."""


class Eval(Plugin, ABC):
    """Questions for subjects, and what the answers count as.

    Most evals have `samples`, `dialogue` and `rubrics`, and core sends the requests. One that
    runs its own loop sets `measures` and has `asks` and `measure` in their place, and no judge.
    """

    measures: ClassVar[bool] = False
    """True if it measures by itself: vibench calls `measure`, and nothing is judged."""

    roles: tuple[str, ...] = ("subject",)
    """The roles that a dialogue asks. Roles other than the subject ("simulator") are models that
    the run names. An instance may set its own, where they depend on its parameters."""
    rubric_names: ClassVar[tuple[str, ...]] = ()
    """Every rubric that `rubrics` may yield; a run's judge must accept each of them."""
    metrics: ClassVar[tuple[str, ...]] = ()
    """The metrics, in the order of reports; `*` at the end stands for any name. Metrics
    named `expression/VALUE` are open-ended: a scored sample without an outcome of one did
    not express that value, and counts 0, unless the judge does not know it."""
    not_shares: ClassVar[tuple[str, ...]] = ()
    """Metrics, named likewise, that are not shares although all their numbers may happen to lie
    within [0, 1] (scores out of 100, counts): they are not shown in percent."""
    notes: tuple[str, ...] = ()
    """Sentences that plans and reports print: how an instance departs from a published protocol,
    for example. An instance sets its own."""

    def samples(self, data: Data) -> Sequence[Sample]:
        """Return all samples, in a fixed order. Core applies --limit."""
        raise TypeError(f"{type(self).__name__} has no samples()")

    def dialogue(self, sample: Sample) -> Generator[Ask, Reply, tuple[Message, ...]]:
        """Yield requests, be sent the replies, and return the whole conversation.

        By default the subject is asked once.
        """
        reply = yield Ask(sample.messages)
        return (*sample.messages, Message("assistant", reply.text))

    def rubrics(self, transcript: Transcript) -> Iterable[Rubric]:
        """Return the questions for a judge about this transcript."""
        return ()

    def asks(self, data: Data, limit: int | None) -> Mapping[str, Any]:
        """For evals that measure: return, as JSON, everything beside the parameters that determines
        the result: digests of the data, versions of libraries. It is part of content keys.

        "requests" is about the number of requests (not part of keys; 0 if unknown). vibench calls
        this while planning, so it must not be slow. `limit` is --limit. Raises DataError or
        UsageError for files or packages that are missing.
        """
        raise TypeError(f"{type(self).__name__} measures but has no asks()")

    def measure(self, measuring: Measuring, data: Data, limit: int | None) -> Iterable[Transcript]:
        """For evals that measure: send requests through `measuring`, and return a transcript for
        each sample, whose `data` holds everything that `outcomes` needs.

        vibench calls it in the engine's process. A sample has the same id for every subject, since
        contrasts pair samples by id.
        """
        raise TypeError(f"{type(self).__name__} measures but has no measure()")

    @abstractmethod
    def outcomes(self, transcript: Transcript, verdicts: Sequence[Verdict]) -> Iterable[Outcome]:
        """Yield the outcomes of a transcript, given its verdicts in the order of `rubrics`.

        A metric that cannot be scored has the value None and the cause. There is one outcome for
        a metric, or one for each `turn` that it is scored in.
        """


@dataclass(frozen=True, slots=True)
class JudgeModel:
    """The model that a judge asks. `engine` is an engine's name, "" for the engine of the run;
    `model` is a registry name, a hub id or a folder, or a name at the engine's endpoint. `thinking`
    is that of `Model`."""

    model: str
    sampling: Sampling
    engine: str = ""
    thinking: Thinking = "template"


class Judge(Plugin, ABC):
    """Answers rubrics: by itself, or by asking a model."""

    baseline: ClassVar[bool] = False
    """True for heuristic judges; every table that uses one is labelled."""
    known_values: ClassVar[tuple[str, ...] | None] = None
    """The only values that it can find in an answer; None if it may find any. The expression of
    other values is unscored."""
    model: JudgeModel | None = None
    """The model that it asks; None if it decides by itself. An instance sets its own."""
    batch: int = 64
    """The most rubrics that `decide_all` gets in one call. An instance may set its own."""

    @abstractmethod
    def accepts(self, rubric_name: str) -> bool:
        """Return True if it can answer rubrics of this name (checked when planning)."""

    def decide(self, rubric: Rubric) -> Verdict:
        """Answer without an engine. Judges that ask a model override `ask` and `read`."""
        if type(self).decide_all is Judge.decide_all:
            raise TypeError(f"{type(self).__name__} does not decide by itself")
        (verdict,) = self.decide_all((rubric,))
        return verdict

    def decide_all(self, rubrics: Sequence[Rubric]) -> Sequence[Verdict]:
        """Answer several rubrics without an engine: a verdict for each, in their order.

        For judges with a classifier or a reward model of their own, which read batches faster. By
        default `decide` answers each. If it raises, vibench calls it again for each rubric alone.
        """
        return [self.decide(rubric) for rubric in rubrics]

    def ask(self, rubric: Rubric) -> tuple[Message, ...] | None:
        """Return the messages for the judge's model, or None if `decide` answers (the default)."""
        return None

    def schema(self, rubric: Rubric) -> Mapping[str, Any] | None:
        """Return the JSON Schema for the reply, where the engine can enforce one; None (the
        default) for plain text."""
        return None

    def read(self, rubric: Rubric, reply: Reply) -> Verdict:
        """Return the verdict in the model's reply, or an unscored one with a reason."""
        raise TypeError(f"{type(self).__name__} asks a model but does not read its replies")


class Session(ABC):
    """An engine with one base model loaded. Used from one thread.

    Requests are submitted and completions polled for, so that a conversation's next turn
    can be submitted while others are still running. Each request carries its own subject,
    sampling and seed; all its subjects have this session's base model.
    """

    shard: int = 64
    """The number of conversations that run at once; they are committed together."""
    scratch: Path | None = None
    """A folder that outlasts the process, for sessions on endpoints; set after opening."""
    tokenizer: Any = None
    """The model's tokenizer; None at endpoints, which take no tokens."""
    renderer: Any = None
    """The renderer of the model's prompts; None where messages are not rendered here."""
    context: int | None = None
    """The most tokens that the model reads, where that is known (`Measuring.context`)."""
    notice: Callable[[str], None] | None = None
    """Takes a line for people about a wait (a rate limit, an outage); set after opening."""

    @abstractmethod
    def submit(self, request: ChatRequest | LoglikelihoodRequest) -> None:
        """Queue a request."""

    @abstractmethod
    def poll(self) -> Sequence[Completion | Loglikelihood]:
        """Wait until something is finished and return it; empty if nothing is queued.

        Raises UsageError for an error that every request would have (a missing key), and
        EndpointError for one that ends all requests for now (an outage).
        """

    def template_facts(self) -> Mapping[str, Any]:
        """Return facts about the model's chat template, as JSON for manifests."""
        return {}

    def left_out(self, sampling: Sampling) -> tuple[str, ...]:
        """Return the sampling parameters that the engine could not pass on."""
        return ()

    @abstractmethod
    def close(self) -> None:
        """Free the model's memory."""

    def run(
        self, requests: Iterable[ChatRequest | LoglikelihoodRequest]
    ) -> Iterator[Completion | Loglikelihood]:
        """Submit all, yield as they finish."""
        for request in requests:
            self.submit(request)
        while finished := self.poll():
            yield from finished


class Engine(Plugin, ABC):
    """Runs chat and log-likelihood requests on models."""

    remote: ClassVar[bool] = False
    """True if its models are names at an endpoint rather than weights of the catalogue."""
    continuous: ClassVar[bool] = False
    """True if the conversations of several stages go through a session as one stream. If not, a
    stage's conversations are cut into shards, always the same ones, which run in turn."""

    @abstractmethod
    def open(self, model: Model) -> Session:
        """Load a base model. Raises UsageError if it cannot be loaded, or if its chat template
        cannot be told `model.thinking`."""

    def prompts(self, model: Model) -> Any:
        """Return how a model is asked, without loading its weights: an object with a `renderer`,
        `embeddings` and `context` as `vibench.training.load_prompts` returns it.

        None (the default) for an engine that takes messages.
        """
        return None

    def body(self, model: Model, request: ChatRequest) -> Mapping[str, Any] | None:
        """Return a request as JSON as it is sent to an endpoint, without reaching it; None (the
        default) where that is not known."""
        return None


class Source(Plugin, ABC):
    """A preference set as pairs."""

    @abstractmethod
    def pairs(self, data: Data) -> Iterator[PreferencePair | Dropped]:
        """Yield every usable pair, in a fixed order, and a `Dropped` for each other row.

        Raises DataError naming file and row.
        """

    @abstractmethod
    def identity(self, data: Data) -> str:
        """Return the identity of its content: a file's digest, or a hub id with its revision."""
