"""The contract of each kind of plugin, and how a class breaks it."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from vibench.interfaces import Engine, Eval, Inducer, Judge, Plugin, Source
from vibench.validation import closed, filled, first_problem
from vibench.version import INTERFACE

__all__ = ["CONTRACTS", "breach", "needs_newer_vibench"]

CONTRACTS: Mapping[str, type[Plugin]] = {
    "inducer": Inducer,
    "eval": Eval,
    "judge": Judge,
    "engine": Engine,
    "source": Source,
}


def breach(kind: str, plugin: object) -> str | None:
    """Return why a class is not a plugin of this kind, as a clause; None if it is one."""
    contract = CONTRACTS[kind]
    if not isinstance(plugin, type):
        return f"it is {plugin!r:.60}, not a class"
    if not issubclass(plugin, contract):
        return f"{plugin.__name__} is not a subclass of vibench.{contract.__name__}"
    if (other := _interface(plugin)) is not None:
        return other
    undefined = sorted((*getattr(plugin, "__abstractmethods__", ()), *_left_out(plugin)))
    if undefined:
        return f"{plugin.__name__} does not define {', '.join(undefined)}"
    if not isinstance(plugin.version, str) or not plugin.version:
        return f"{plugin.__name__}.version must be a string, not {plugin.version!r}"
    return _signatures(contract, plugin) or _parameters(plugin) or _of_kind(plugin)


def needs_newer_vibench(plugin: object) -> bool:
    """Return whether a plugin states a later version of the interface than this vibench has."""
    stated = getattr(plugin, "interface", None)
    return isinstance(stated, int) and stated > INTERFACE


def _interface(cls: type[Plugin]) -> str | None:
    """Return what is wrong with the version of the plugin interface that the class states."""
    stated = cls.interface
    if not isinstance(stated, int) or isinstance(stated, bool) or stated < 1:
        return f"{cls.__name__}.interface must be a whole number from 1, not {stated!r:.60}"
    if stated == INTERFACE:
        return None
    side = "newer" if stated > INTERFACE else "older"
    return (
        f"it is written for version {stated} of the plugin interface, which is {side} than this "
        f"vibench's, version {INTERFACE}"
    )


def _left_out(cls: type) -> list[str]:
    """Return the methods that an eval must define and does not."""
    if not issubclass(cls, Eval):
        return []
    needed = ("asks", "measure") if cls.measures else ("samples",)
    return [name for name in needed if getattr(cls, name) is getattr(Eval, name)]


def _signatures(contract: type[Plugin], cls: type[Plugin]) -> str | None:
    """Return what is wrong with the first method that takes other arguments than its contract's."""
    for name, method in inspect.getmembers(contract, inspect.isfunction):
        attribute = inspect.getattr_static(cls, name)
        if name.startswith("_") or attribute is method:
            continue
        arguments = list(inspect.signature(method).parameters)[1:]
        call = f"{name}({', '.join(arguments)})"
        wrapped = isinstance(attribute, staticmethod | classmethod)
        function = attribute.__func__ if wrapped else attribute
        if not callable(function):
            return f"{cls.__name__}.{name} must be a method, {call}, not {attribute!r:.60}"
        # Core calls plugins synchronously: an async method would return an object that is never
        # awaited.
        if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
            return f"{cls.__name__}.{name} must be a plain method, not an async one"
        try:
            signature = inspect.signature(function)
        except (TypeError, ValueError):  # A callable without one: calling it will tell.
            continue
        # Bound as core calls it, so that a renamed or additional required argument is found when
        # the plugin is listed and not in the middle of a run.
        values = arguments if isinstance(attribute, staticmethod) else ["self", *arguments]
        try:
            signature.bind(*values)
        except TypeError as error:
            return f"{cls.__name__}.{name}{signature} cannot be called as {call}: {error}"
    return None


def _parameters(cls: type[Plugin]) -> str | None:
    from jsonschema import Draft202012Validator, SchemaError

    schema: Any = cls.parameters
    where = f"{cls.__name__}.parameters"
    if not isinstance(schema, Mapping) or schema.get("type") != "object":
        return f"{where} must be a JSON Schema of type object"
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return f"{where} is not a valid JSON Schema: {error.message}"
    problem = first_problem(filled(schema, {}), closed(schema), partial=True)
    if problem:
        return f"the default of {where} {problem.key} {problem.what}"
    names = list(schema.get("properties", {}))
    try:
        # The derived constructor takes any keyword; the dataclass behind it does not.
        derived = cls.__init__ is Plugin.__init__
        inspect.signature(cls.Parameters if derived else cls).bind(**dict.fromkeys(names))
    except TypeError as error:
        return f"{cls.__name__}() does not take its parameters ({', '.join(names)}): {error}"
    except ValueError:  # A class without a readable signature: building it will tell.
        return None
    return None


def _of_kind(cls: type[Plugin]) -> str | None:
    if issubclass(cls, Eval):
        return _eval(cls)
    if issubclass(cls, Inducer):
        return _inducer(cls)
    if issubclass(cls, Judge):
        return _judge(cls)
    return None


def _eval(cls: type[Eval]) -> str | None:
    for name in ("roles", "rubric_names", "metrics", "not_shares"):
        declared: object = getattr(cls, name)
        if not isinstance(declared, tuple) or not all(isinstance(text, str) for text in declared):
            return f"{cls.__name__}.{name} must be a tuple of strings, not {declared!r}"
    if "subject" not in cls.roles:
        return f'{cls.__name__}.roles must name "subject"'
    if cls.measures and (cls.rubric_names or cls.roles != ("subject",)):
        return f"{cls.__name__} measures by itself: it has no rubrics, and no role but the subject"
    if cls.rubric_names and cls.rubrics is Eval.rubrics:
        return f"{cls.__name__} names rubrics but does not define rubrics"
    if not cls.metrics:
        return f"{cls.__name__}.metrics must name at least one metric"
    return None


def _inducer(cls: type[Inducer]) -> str | None:
    if cls.trains and cls.train is Inducer.train:
        return f"{cls.__name__} says that it trains but does not define train"
    if cls.needs_reference and cls.reference is Inducer.reference:
        return f"{cls.__name__} says that it needs references but does not define reference"
    return None


def _judge(cls: type[Judge]) -> str | None:
    if cls.ask is not Judge.ask and cls.read is Judge.read:
        return f"{cls.__name__} defines ask (it asks a model) but not read"
    decides = cls.decide is not Judge.decide or cls.decide_all is not Judge.decide_all
    if cls.ask is Judge.ask and not decides:
        return f"{cls.__name__} defines neither decide nor ask and read"
    return None
