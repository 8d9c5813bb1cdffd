"""The base of what stages are specified by: one class for each kind, in a file of its own."""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import Field, dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, Self

from vibench.records import Model
from vibench.sessions.configs import EngineConfig, PluginConfig, SubjectRecord

if TYPE_CHECKING:
    from vibench.plugins import Plugins
    from vibench.sessions.bills import AskedModels
    from vibench.sessions.work import Work
    from vibench.stages.workload import NeedFacts, Workload

__all__ = ["ABSENT", "NOTHING", "Holding", "StageSpec", "SubjectSpec", "engine_of"]


class Holding(NamedTuple):
    """The resource that a stage holds while it runs, and its identity: nothing; a model on a device
    of this machine, in the worker; or a judge at an endpoint, by the scope of its answers."""

    form: Literal["nothing", "model", "judge"]
    identity: str = ""


NOTHING = Holding("nothing")


ABSENT = {"absent": True}
"""Metadata of a field that is left out of the stored JSON while it has its default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSpec:
    """Enough to do one stage from, in another process too. Its class says all about its kind.

    The stored JSON has a key for each field. A kind is added by one new file with a subclass,
    and one line in `stages/kinds.py`.
    """

    kind: ClassVar[str]
    """The kind's name: in stores, in plans that are shown, and for `--until`."""
    version: ClassVar[int] = 1
    """Part of every key: raised when the same input would give another result."""
    needed: ClassVar[Mapping[str, str]] = {}
    """What its stages may need: the name, and the kind of stage that has it."""
    until: ClassVar[bool] = False
    """Whether a run can be told to end with it (`--until`)."""
    brief: ClassVar[bool] = False
    """Whether it takes moments, so that it is shown only when something goes wrong."""
    deferred: ClassVar[bool] = False
    """Whether nothing but scores waits for it, so that the questions of many stages to one
    endpoint are put together after everything else."""
    bounded: ClassVar[bool] = False
    """Whether it calls a plugin's code for each sample: it has a `max_errors` then."""

    def run(self, work: Work) -> Mapping[str, Any]:
        """Do the stage: fill `work.folder`, and return facts for the manifest."""
        raise NotImplementedError

    def together(self, works: Sequence[Work]) -> Iterator[Work]:
        """Ask ahead what several stages ask, in one stream, and yield each when it can be run.

        What is raised here ends all that were not yielded. Only stages that `streams` or that
        hold the same judge are asked ahead together.
        """
        yield from works

    def streams(self, plugins: Plugins) -> bool:
        """Tell whether stages of one model go through its engine in one stream."""
        return False

    def holding(self, plugins: Plugins) -> Holding:
        """Return what the stage holds while it is done."""
        return NOTHING

    def shared_ledgers(self) -> Sequence[str]:
        """Return the names of the ledgers that it appends to and that other stages read too."""
        return ()

    def models(self) -> AskedModels:
        """Return the models that it asks, by the role they play: those at endpoints are billed."""
        return {}

    @property
    def model(self) -> Model | None:
        """The model that takes its time, if one does."""
        return None

    def workload(self) -> Workload | None:
        """Return what a unit of its work takes of a GPU; None for what takes none."""
        return None

    def units(self, work: Mapping[str, int], facts: NeedFacts) -> float | None:
        """Return how many units of work it is, given what was counted while planning and the
        facts of what it needs; None if that is not known yet."""
        return float(sum(work.values()))

    def plugins(self) -> Iterator[PluginConfig]:
        """Yield the plugins that it names, in the order of its fields."""
        for name in _config_names(type(self)):  # type: ignore[arg-type]  # A class is hashable.
            config: PluginConfig | None = getattr(self, name)
            if config is not None:
                yield config

    def table(self) -> dict[str, Any]:
        """Return it as JSON, as manifests and the worker's orders hold it."""
        table: dict[str, Any] = _plain(self)
        return table

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> StageSpec:
        """Return the specification of this kind that `table` wrote. Raises TypeError for one that
        lacks a field or has another."""
        return cls.read(table)

    @classmethod
    def read(cls, table: Mapping[str, Any]) -> Self:
        """Return the specification of this very class."""
        spec: Self = _record(cls, table)
        return spec


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectSpec(StageSpec):
    """A stage that holds the model of a subject."""

    subject: SubjectRecord

    def holding(self, plugins: Plugins) -> Holding:
        """Return the subject's model. One at an endpoint is asked from the worker too."""
        return Holding("model", self.subject.model.identity)

    @property
    def model(self) -> Model:
        """The subject's."""
        return self.subject.model


@functools.cache
def _config_names(cls: type[StageSpec]) -> tuple[str, ...]:
    """Return the fields that hold plugins, or may."""

    def forms(hint: Any) -> Sequence[Any]:
        return typing.get_args(hint) or (hint,)

    return tuple(
        name
        for name, hint in typing.get_type_hints(cls).items()
        if any(isinstance(form, type) and issubclass(form, PluginConfig) for form in forms(hint))
    )


def engine_of(spec: StageSpec) -> EngineConfig | None:
    """Return the engine that runs or asks a stage's `model`, if it names one."""
    engine = getattr(spec, "engine", None)
    return engine if isinstance(engine, EngineConfig) else None


# -- JSON --------------------------------------------------------------------------------


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {
            attribute.name: _plain(getattr(value, attribute.name))
            for attribute in fields(value)
            if not _is_absent(attribute, getattr(value, attribute.name))
        }
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value


def _is_absent(attribute: Field[Any], value: Any) -> bool:
    return "absent" in attribute.metadata and bool(value == attribute.default)


Reader = Callable[[Any], Any]


def _record(cls: type[Any], table: Mapping[str, Any]) -> Any:
    readers = _readers(cls)  # type: ignore[arg-type]  # A class is hashable.
    return cls(**{name: readers.get(name, _same)(value) for name, value in table.items()})


def _same(value: Any) -> Any:
    return value


@functools.cache
def _readers(cls: type[Any]) -> Mapping[str, Reader]:
    """Return the readers of the fields whose values are not JSON already."""
    hints = typing.get_type_hints(cls)
    readers: list[tuple[Field[Any], Reader | None]] = [
        (attribute, _reader(hints[attribute.name])) for attribute in fields(cls)
    ]
    return {attribute.name: reader for attribute, reader in readers if reader is not None}


def _reader(hint: Any) -> Reader | None:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    # Every union in a specification is one with None; another would need a tag in the JSON.
    if origin in (typing.Union, types.UnionType):
        (inner,) = (argument for argument in arguments if argument is not types.NoneType)
        reader = _reader(inner)
        if reader is None:
            return None
        return lambda value: None if value is None else reader(value)
    if origin is tuple:
        return tuple
    if isinstance(hint, type) and is_dataclass(hint):
        return functools.partial(_record, hint)
    return None
