"""One base model in vLLM, and all its adapters in one stream."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from vibench.engines.adapter_kinds import AdapterError
from vibench.engines.chat_template import Renderer
from vibench.engines.prompt_checks import check_prompts
from vibench.engines.reply_decoder import ReplyDecoder
from vibench.engines.stops import stop_tokens
from vibench.engines.template_facts import TemplateFacts
from vibench.engines.vllm import room as rooms
from vibench.engines.vllm.adapter_slots import AdapterSlots
from vibench.engines.vllm.launch import cause_of, configure, running, start, stop
from vibench.engines.vllm.log_tail import LogTail
from vibench.engines.vllm.requests import (
    MAX_CHOICES,
    Answer,
    PreparedRequest,
    Request,
    RunningRequest,
    answers,
    failures,
    prepare,
    sampling_params,
)
from vibench.engines.vllm.room import NO_ROOM, AdapterSizes
from vibench.errors import StageError, VibenchError
from vibench.interfaces import Session
from vibench.records import Adapter, LoglikelihoodRequest, Model, Tokens

__all__ = ["VLLMSession"]


class VLLMSession(Session):
    """A queue before an engine that is started with the first request.

    Only then is it known whether there are adapters at all: an engine with room for them is
    slower for every request, and a judge's model never has any. If adapters come that need more
    room, running requests are finished and the engine is started again with that room.
    """

    shard: int = 1024

    def __init__(
        self,
        model: Model,
        tokenizer: Any,
        arguments: Mapping[str, Any],
        config: Any,
        sizes: AdapterSizes,
        spare_slots: int = 0,
        notes: tuple[str, ...] = (),
    ) -> None:
        """Prepare a session; nothing is loaded yet.

        `config` is vLLM's configuration by `arguments`, without room for adapters; `spare_slots`
        slots for adapters are left empty.
        """
        self.base = model
        self.renderer = Renderer(tokenizer)
        self.decoder = ReplyDecoder(self.renderer)
        self.tokenizer = tokenizer
        self.embeddings = int(config.model_config.get_vocab_size())
        check_prompts(self.renderer, model, self.embeddings)
        self.stops, self.own_stops = _stops(self.renderer, arguments, config.model_config)
        self.length = int(config.model_config.max_model_len)
        """Tokens that vLLM has room for, with the token that it always generates."""
        # One token for what vLLM generates, and one because the last token of a text to be scored
        # is predicted and not read.
        self.context = self.length - 2
        self.dtype = str(config.model_config.dtype).removeprefix("torch.")
        self.notes = notes
        """Differences from how vLLM usually runs, for the log."""
        self.room = NO_ROOM
        self._arguments = arguments
        self._sizes = sizes
        self._spare = spare_slots
        self._plain = self._config = config
        # Enough that the engine never waits for requests, and few enough that requests which
        # come later can still be sorted in beside those with the same beginning.
        self._max_running = 2 * int(config.scheduler_config.max_num_seqs)
        self._engine: Any = None
        self._log = LogTail()
        self._slots = AdapterSlots()
        self._waiting: list[PreparedRequest] = []
        self._choices: dict[tuple[str, Sequence[int]], PreparedRequest] = {}
        self._sorted = True
        self._running: dict[str, RunningRequest] = {}
        self._count = 0
        self._answered: list[Answer] = []

    def submit(self, request: Request) -> None:
        """Queue a request.

        Raises UsageError if the model needs a chat template and has none, ValueError for a
        request to another model.
        """
        if request.subject.model.identity != self.base.identity:
            raise ValueError(
                f"request '{request.id}' is for {request.subject.model.name}, "
                f"but the session has {self.base.name} loaded"
            )
        item = prepare(self.renderer, request, self.length, self.embeddings)
        if not isinstance(item, PreparedRequest):
            self._answered.append(item)
            return
        adapter = request.subject.adapter
        if adapter is not None:
            try:
                self._sizes.measure(adapter)
            except AdapterError as error:
                self._answered.extend(failures(item, str(error), error.passing))
                return
        if not (item.choices and self._joined(item)):
            self._waiting.append(item)
            self._sorted = False

    def _joined(self, item: PreparedRequest) -> bool:
        """Add a choice to a waiting request about the same text; return false if there is none."""
        waiting = self._choices.setdefault(item.order, item)
        if waiting is item or len(waiting.choices) >= MAX_CHOICES:
            self._choices[item.order] = item
            return False
        assert isinstance(item.request, LoglikelihoodRequest)
        waiting.also.append(item.request)
        return True

    def poll(self) -> Sequence[Answer]:
        """Step until something is finished; empty if nothing is queued.

        Raises StageError, with the queue dropped, if the engine dies; the next request starts
        another engine.
        """
        try:
            if self._waiting:
                self._make_room()
                self._admit()
            while self._running and not self._answered:
                self._step()
        except VibenchError:
            self._end()
            raise
        except Exception as error:
            self._end()
            raise StageError(
                f"The vLLM engine of {self.base.name} died: {cause_of(error)}.{self._log.text()}"
            ) from error
        answered, self._answered = self._answered, []
        return answered

    def template_facts(self) -> Mapping[str, Any]:
        """Return facts about the chat template (`TemplateFacts`)."""
        return TemplateFacts.of(self.renderer, self.base).record()

    def close(self) -> None:
        """Free the model's memory."""
        self._end()

    def _make_room(self) -> None:
        """Start the engine, or start it again if waiting requests need more room."""
        need = self._sizes.need(_adapters(self._waiting))
        if self._engine is not None and (self.room.holds(need) or self._running):
            return
        # Never less room than before, or stages that take turns would load the model each time.
        grown = self.room.with_room_for(need)
        self._stop()
        self._config = self._plain
        # Without adapters LoRA stays off altogether: its layers slow down every step.
        if grown != NO_ROOM:
            arguments = {**rooms.arguments(grown, self._spare), **self._arguments}
            self._config = configure(self.base.name, arguments)
        self._log = LogTail()
        self._engine = start(self.base.name, self._config, self._log)
        self.room = grown

    def _admit(self) -> None:
        """Hand requests to the engine in order, with as many adapters at once as it has slots."""
        if not self._sorted:
            self._waiting.sort(key=lambda item: item.order)
            self._sorted = True
        need = self._sizes.need(_adapters(self._waiting))
        if not self.room.holds(need):
            return  # The engine is started again with more room once it has run empty.
        active = {a.key for a in _adapters(self._items())}
        postponed: list[PreparedRequest] = []
        for index, item in enumerate(self._waiting):
            if len(self._running) >= self._max_running:
                postponed.extend(self._waiting[index:])
                break
            adapter = item.request.subject.adapter
            # Requests behind it may use an adapter that is loaded, or none.
            if adapter and len(active | {adapter.key}) > self.room.slots:
                postponed.append(item)
                continue
            if self._hand_over(item, adapter) and adapter:
                active.add(adapter.key)
        self._waiting = postponed

    def _hand_over(self, item: PreparedRequest, adapter: Adapter | None) -> bool:
        """Give a request to the engine; a refusal is that request's error and nobody else's."""
        # A name of the engine's own, since one item may stand for several requests.
        self._count += 1
        name = str(self._count)
        if item.choices:
            self._choices.pop(item.order, None)  # Under way: no further choice can join it.
        try:
            self._engine.add_request(
                name,
                {"type": "token", "prompt_token_ids": list(item.ids)},
                sampling_params(item, self._stops(item), self.length),
                lora_request=self._load(adapter) if adapter else None,
            )
        except (AdapterError, ValueError) as error:
            passing = isinstance(error, AdapterError) and error.passing
            self._answered.extend(failures(item, str(error), passing))
            return False
        self._running[name] = RunningRequest(item, self.tokenizer)
        return True

    def _stops(self, item: PreparedRequest) -> frozenset[int]:
        """Return the tokens that end the answer to a request."""
        return self.own_stops if isinstance(item.request.messages, Tokens) else self.stops

    def _items(self) -> list[PreparedRequest]:
        return [request.item for request in self._running.values()]

    def _load(self, adapter: Adapter) -> Any:
        busy = {running.key for running in _adapters(self._items())}
        return self._slots.load(self._engine, self._config, adapter, self.room.slots, busy)

    def _step(self) -> None:
        """Let the engine generate a token for each running request; collect what is finished."""
        with running(self._config):
            outputs = self._engine.step()
        ended = []
        for output in outputs:
            request = self._running[output.request_id]
            request.add(output.outputs[0].token_ids)
            if request.stopped and not output.finished:
                ended.append(output.request_id)
            if request.stopped or output.finished:
                del self._running[output.request_id]
                stops = self._stops(request.item)
                self._answered.extend(answers(request, output, self.decoder, stops))
        # vLLM does not know of our stop texts and would go on to the limit.
        if ended:
            self._engine.abort_request(ended)

    def _end(self) -> None:
        """Stop the engine and drop all requests, also those that wait."""
        self._stop()
        self.room = NO_ROOM
        self._waiting.clear()
        self._choices.clear()
        self._answered.clear()

    def _stop(self) -> None:
        self._running.clear()
        self._slots.clear()
        engine, self._engine = self._engine, None
        if engine is not None:
            stop(engine)


def _adapters(items: Collection[PreparedRequest]) -> set[Adapter]:
    adapters = (item.request.subject.adapter for item in items)
    return {adapter for adapter in adapters if adapter is not None}


def _stops(
    renderer: Renderer, arguments: Mapping[str, Any], config: Any
) -> tuple[frozenset[int], frozenset[int]]:
    """Return the tokens that end an answer to messages, and to a prompt in tokens.

    They are those of the transformers engine, whatever vLLM would take by itself.
    """
    from transformers import GenerationConfig

    try:
        defaults = GenerationConfig.from_pretrained(
            arguments["model"], revision=arguments.get("revision")
        )
    except OSError:  # There is no generation_config.json.
        defaults = GenerationConfig.from_model_config(config.hf_config)
    turn_end = renderer.turn_end if renderer.tokenizer.chat_template else None
    bare = stop_tokens(defaults, renderer.tokenizer, None)
    return stop_tokens(defaults, renderer.tokenizer, turn_end), bare
