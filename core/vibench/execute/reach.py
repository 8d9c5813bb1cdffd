"""The check that a run can reach what it needs from outside: models and preference sets on the
hub, and endpoints with their keys. Everything is looked up at once, within seconds.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from vibench.connection import at_once, knock
from vibench.engines.hub_access import (
    ENDPOINT,
    OFFLINE,
    Refusal,
    hub_refusal,
    in_cache,
    is_hub_id,
    is_offline,
)
from vibench.engines.openai.address import Address, locate_endpoint
from vibench.errors import UnreachableError, UsageError
from vibench.execute.model_uses import Use, purposes, use_of, way_out
from vibench.preferences.published_sets import PublishedSet
from vibench.sessions.bills import at_endpoint
from vibench.stages.pairs import PairsSpec
from vibench.stages.specification import engine_of

if TYPE_CHECKING:
    from vibench.plan import Stage
    from vibench.plugins import Plugins
    from vibench.records import Model
    from vibench.sessions.configs import EngineConfig
    from vibench.stages.specification import StageSpec

__all__ = ["check_reach"]

PATIENCE = 12.0
"""Seconds for everything together."""
ATTEMPT = 8.0
"""Seconds for a connection and its answer."""


@dataclass(slots=True)
class _Target:
    """A model, set or endpoint outside: the look-up, whether its files are in the cache, and the
    purposes that need it."""

    look: Callable[[], Refusal | None]
    is_here: bool = False
    uses: dict[Use, None] = field(default_factory=dict)


def check_reach(stages: Iterable[Stage], plugins: Plugins) -> None:
    """Raise UsageError if these stages need a model, a preference set or an endpoint that cannot
    be reached; the message names all of them. It is an UnreachableError if the cause may pass.

    Where the hub is out of reach and all that is needed of it is in the cache, the libraries are
    told so for the rest of this process, because they would retry for minutes.
    """
    targets = _targets(stages, plugins)
    answers = at_once({name: target.look for name, target in targets.items()}, PATIENCE)
    late = Refusal(f"there was no answer within {PATIENCE:g} seconds", "Check the network.", True)
    refusals = {name: answers.get(name, late) for name in targets}
    lacking = {n: r for n, r in refusals.items() if r is not None and not targets[n].is_here}
    if lacking:
        raise _error([(name, r, list(targets[name].uses)) for name, r in lacking.items()], plugins)
    if any(refusal is not None and refusal.unreachable for refusal in refusals.values()):
        os.environ[OFFLINE] = "1"


def _targets(stages: Iterable[Stage], plugins: Plugins) -> dict[str, _Target]:
    """Return everything outside that stages need, by its name in sentences."""
    targets: dict[str, _Target] = {}
    for stage in stages:
        for use, name, make in _needs(stage.spec, plugins):
            # Thousands of stages share a handful of models, and looking into the cache takes time.
            if name not in targets:
                targets[name] = make()
            targets[name].uses[use] = None
    return targets


Need = tuple[Use, str, Callable[[], _Target]]


def _needs(spec: StageSpec, plugins: Plugins) -> Iterator[Need]:
    if isinstance(spec, PairsSpec):
        yield from _preference_set(spec, plugins)
    models: list[tuple[str, Model, EngineConfig | None]]
    models = [(role, *pair) for role, pair in spec.models().items()]
    if not models and spec.model is not None:
        models = [("subject", spec.model, engine_of(spec))]
    for role, model, engine in models:
        use = use_of(spec, role, model)
        if engine is not None and at_endpoint(engine, plugins):
            parameters = engine.parameters
            # The settings of an engine of others are its own.
            if {"base_url", "key_variable"} <= parameters.keys():
                address = locate_endpoint(parameters["base_url"], parameters["key_variable"])
                name = f"The endpoint {address.base_url}"
                yield use, name, partial(_endpoint, address, engine.name)
        elif is_hub_id(model.source):
            yield use, f"The model '{model.source}'", partial(_hub_model, model)


def _hub_model(model: Model) -> _Target:
    look = partial(hub_refusal, model.source, model.revision, ATTEMPT)
    return _Target(look, in_cache(model.source, model.revision))


def _preference_set(spec: PairsSpec, plugins: Plugins) -> Iterator[Need]:
    plugin = plugins.get("source", spec.source.name)
    if spec.data.folder or not issubclass(plugin, PublishedSet):
        return
    base = os.environ.get("HF_ENDPOINT", ENDPOINT).rstrip("/")
    url = f"{base}/datasets/{plugin.hub}"
    hint = f"Check the network, or name a folder that has {plugin.dataset}/ with --data FOLDER."

    def look() -> Refusal | None:
        if is_offline():
            return Refusal(f"{OFFLINE} is set", hint)
        cause = knock(url, ATTEMPT, method="HEAD").cause
        return Refusal(f"{base} cannot be reached ({cause})", hint, True) if cause else None

    use = Use(f"--source {spec.source.name}")
    yield use, f"The preference set '{plugin.hub}'", partial(_Target, look)


def _endpoint(address: Address, engine: str) -> _Target:
    def look() -> Refusal | None:
        headers = {"Authorization": f"Bearer {address.key}"} if address.key else {}
        # The list of models costs nothing. Many endpoints have none, so any answer will do but
        # one about the key.
        answer = knock(f"{address.base_url}/models", ATTEMPT, headers)
        if answer.cause:
            hint = f"Start it, or name another with --set {engine}.base_url=URL."
            return Refusal(f"nothing listens there ({answer.cause})", hint, True)
        if answer.status == 401 and address.key:
            return Refusal(
                f"it does not accept the key in {address.key_variable} (401)",
                f"Set {address.key_variable} to a valid key, or name another variable with "
                f"--set {engine}.key_variable=NAME.",
            )
        return None

    return _Target(look)


def _error(lacking: Sequence[tuple[str, Refusal, Sequence[Use]]], plugins: Plugins) -> UsageError:
    sentences = [
        f"{name} is needed for {purposes(uses)}, but {refusal.reason}."
        for name, refusal, uses in lacking
    ]
    hints = dict.fromkeys(refusal.hint for _, refusal, _ in lacking)
    uses = [use for *_, each in lacking for use in each]
    # The same command may work later, which exit code 1 tells a script.
    passing = all(refusal.unreachable for _, refusal, _ in lacking)
    kind = UnreachableError if passing else UsageError
    return kind(" ".join(sentences), " ".join(hints) + way_out(uses, plugins))
