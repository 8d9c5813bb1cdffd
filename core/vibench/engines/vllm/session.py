"""One base model in vLLM, and all its adapters in one stream."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from vibench.engines.adapters import AdapterError
from vibench.engines.chat_template import Renderer
from vibench.engines.prompt_checks import check_prompts
from vibench.engines.reply_decoder import ReplyDecoder
from vibench.engines.transformers.generation import stop_tokens
from vibench.engines.vllm import room as rooms
from vibench.engines.vllm.launch import cause_of, configure, running, start, stop
from vibench.engines.vllm.requests import (
    MOST_CHOICES,
    Answer,
    Prepared,
    Request,
    Said,
    answers,
    failures,
    prepare,
)
from vibench.engines.vllm.requests import sampling as sampling_of
from vibench.engines.vllm.room import NO_ROOM, Sizes
from vibench.engines.vllm.words import LastWords
from vibench.errors import StageError, VibenchError
from vibench.interfaces import Session
from vibench.records import Adapter, LoglikelihoodRequest, Model, Tokens

__all__ = ["VLLMSession"]


class VLLMSession(Session):
    """A queue before an engine that is started with the first request.

    Only then it is known whether there are adapters at all: an engine with room for them is
    slower for everybody, and a judge's model never has any. If adapters come that need more
    room, what runs is finished and the engine is started again with that room.
    """

    shard: int = 1024

    def __init__(
        self,
        model: Model,
        tokenizer: Any,
        arguments: Mapping[str, Any],
        config: Any,
        sizes: Sizes,
        spare_slots: int = 0,
        notes: tuple[str, ...] = (),
    ) -> None:
        """`config` is what vLLM made of `arguments`, without room for adapters; as many slots
        as `spare_slots` are left empty."""
        self.base = model
        self.renderer = Renderer(tokenizer)
        self.decoder = ReplyDecoder(self.renderer)
        self.tokenizer = tokenizer
        self.embeddings = int(config.model_config.get_vocab_size())
        check_prompts(self.renderer, model, self.embeddings)
        self.stops, self.own_stops = _stops(self.renderer, arguments, config.model_config)
        self.length = int(config.model_config.max_model_len)
        """What vLLM has room for, with the token that it always makes."""
        self.context = self.length - 2
        self.dtype = str(config.model_config.dtype).removeprefix("torch.")
        self.notes = notes
        """What is different here from how vLLM usually runs."""
        self.room = NO_ROOM
        self._arguments = arguments
        self._sizes = sizes
        self._spare = spare_slots
        self._plain = self._config = config
        # Enough that the engine never waits for requests, and few enough that those which
        # come later can still be sorted in.
        self._most = 2 * int(config.scheduler_config.max_num_seqs)
        self._engine: Any = None
        self._words = LastWords()
        self._numbers: dict[str, int] = {}
        self._loaded: OrderedDict[str, None] = OrderedDict()
        self._waiting: list[Prepared] = []
        self._choices: dict[tuple[str, Sequence[int]], Prepared] = {}
        self._sorted = True
        self._running: dict[str, Said] = {}
        self._count = 0
        self._answered: list[Answer] = []

    def submit(self, request: Request) -> None:
        """Queue a request. Raises UsageError if the model has no chat template but needs one."""
        if request.subject.model.identity != self.base.identity:
            raise ValueError(
                f"request '{request.id}' is for {request.subject.model.name}, "
                f"but the session has {self.base.name} loaded"
            )
        item = prepare(self.renderer, request, self.length, self.embeddings)
        if not isinstance(item, Prepared):
            self._answered.append(item)
            return
        adapter = request.subject.adapter
        if adapter is not None:
            try:
                self._sizes.look_at(adapter)
            except AdapterError as error:
                self._answered.extend(failures(item, str(error), error.passing))
                return
        if not (item.choices and self._joined(item)):
            self._waiting.append(item)
            self._sorted = False

    def _joined(self, item: Prepared) -> bool:
        """Whether a request that waits asks about the same text, and now about this too."""
        same = self._choices.setdefault(item.order, item)
        if same is item or len(same.choices) >= MOST_CHOICES:
            self._choices[item.order] = item
            return False
        assert isinstance(item.request, LoglikelihoodRequest)
        same.also.append(item.request)
        return True

    def poll(self) -> Sequence[Answer]:
        """Step until something is finished; empty if nothing is queued.

        Raises StageError, with its queue dropped, if the engine dies; the next request starts
        another one.
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
                f"The vLLM engine of {self.base.name} died: {cause_of(error)}.{self._words.said()}"
            ) from error
        answered, self._answered = self._answered, []
        return answered

    def close(self) -> None:
        """Free the model's memory."""
        self._end()

    def _make_room(self) -> None:
        """Start the engine, or start it again if those who wait need more room."""
        need = self._sizes.need(_adapters(self._waiting))
        if self._engine is not None and (self.room.holds(need) or self._running):
            return
        grown = self.room.with_room_for(need)
        self._stop()
        self._config = self._plain
        if grown != NO_ROOM:
            arguments = {**rooms.arguments(grown, self._spare), **self._arguments}
            self._config = configure(self.base.name, arguments)
        self._words = LastWords()
        self._engine = start(self.base.name, self._config, self._words)
        self.room = grown

    def _admit(self) -> None:
        """Hand requests over in their order, as many adapters at once as there are slots."""
        if not self._sorted:
            self._waiting.sort(key=lambda item: item.order)
            self._sorted = True
        need = self._sizes.need(_adapters(self._waiting))
        if not self.room.holds(need):
            return  # what runs ends first
        active = {a.key for a in _adapters(self._items())}
        kept: list[Prepared] = []
        for at, item in enumerate(self._waiting):
            if len(self._running) >= self._most:
                kept.extend(self._waiting[at:])
                break
            adapter = item.request.subject.adapter
            if adapter and len(active | {adapter.key}) > self.room.slots:
                kept.append(item)
                continue
            if self._hand_over(item, adapter) and adapter:
                active.add(adapter.key)
        self._waiting = kept

    def _hand_over(self, item: Prepared, adapter: Adapter | None) -> bool:
        """Give a request to the engine; what it refuses is that request's error."""
        self._count += 1
        name = str(self._count)
        if item.choices:
            self._choices.pop(item.order, None)
        try:
            self._engine.add_request(
                name,
                {"type": "token", "prompt_token_ids": list(item.ids)},
                sampling_of(item, self._stops(item), self.length),
                lora_request=self._load(adapter) if adapter else None,
            )
        except (AdapterError, ValueError) as error:
            passing = isinstance(error, AdapterError) and error.passing
            self._answered.extend(failures(item, str(error), passing))
            return False
        self._running[name] = Said(item, self.tokenizer)
        return True

    def _stops(self, item: Prepared) -> frozenset[int]:
        """The tokens that end an answer; no template made a prompt in tokens."""
        return self.own_stops if isinstance(item.request.messages, Tokens) else self.stops

    def _items(self) -> list[Prepared]:
        return [said.item for said in self._running.values()]

    def _load(self, adapter: Adapter) -> Any:
        """Have the adapter in the engine: one that does not fit would bring a step down.

        The name is part of what cached prefixes are found by, so it must never stand for
        other weights.
        """
        from vllm.lora.request import LoRARequest
        from vllm.v1.engine.exceptions import EngineDeadError

        number = self._numbers.setdefault(adapter.key, len(self._numbers) + 1)
        request = LoRARequest(adapter.key, number, adapter.path)
        if adapter.key in self._loaded:
            self._loaded.move_to_end(adapter.key)
            return request
        try:
            with running(self._config):
                self._unload()
                self._engine.add_lora(request)
        except EngineDeadError:
            raise
        except Exception as error:
            raise AdapterError(
                f"the adapter in '{adapter.path}' cannot be loaded: {cause_of(error)}"
            ) from error
        self._loaded[adapter.key] = None
        return request

    def _unload(self) -> None:
        """Make a slot free if there is none: that of the adapter idle for longest."""
        busy = {adapter.key for adapter in _adapters(self._items())}
        idle = [key for key in self._loaded if key not in busy]
        if len(self._loaded) >= self.room.slots:
            self._engine.remove_lora(self._numbers[idle[0]])
            del self._loaded[idle[0]]

    def _step(self) -> None:
        with running(self._config):
            outputs = self._engine.step()
        ended = []
        for output in outputs:
            said = self._running[output.request_id]
            said.add(output.outputs[0].token_ids)
            if said.stopped and not output.finished:
                ended.append(output.request_id)
            if said.stopped or output.finished:
                del self._running[output.request_id]
                stops = self._stops(said.item)
                self._answered.extend(answers(said, output, self.decoder, stops))
        if ended:
            self._engine.abort_request(ended)

    def _end(self) -> None:
        self._stop()
        self.room = NO_ROOM
        self._waiting.clear()
        self._choices.clear()
        self._answered.clear()

    def _stop(self) -> None:
        self._running.clear()
        self._loaded.clear()
        engine, self._engine = self._engine, None
        if engine is not None:
            stop(engine)


def _adapters(items: Collection[Prepared]) -> set[Adapter]:
    found = (item.request.subject.adapter for item in items)
    return {adapter for adapter in found if adapter is not None}


def _stops(
    renderer: Renderer, arguments: Mapping[str, Any], config: Any
) -> tuple[frozenset[int], frozenset[int]]:
    """The same tokens that end an answer in the transformers engine: to messages, and to a
    prompt in tokens."""
    from transformers import GenerationConfig

    try:
        defaults = GenerationConfig.from_pretrained(
            arguments["model"], revision=arguments.get("revision")
        )
    except OSError:  # there is no generation_config.json
        defaults = GenerationConfig.from_model_config(config.hf_config)
    turn_end = renderer.turn_end if renderer.tokenizer.chat_template else None
    model = SimpleNamespace(generation_config=defaults)
    own = stop_tokens(model, renderer.tokenizer, None)
    return stop_tokens(model, renderer.tokenizer, turn_end), own
