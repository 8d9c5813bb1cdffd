"""Finding, loading and listing plugins. A broken one is data, not a crash."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, overload

from vibench.arguments import argument_parameter, plugin_name, with_argument
from vibench.errors import PluginError, SpecError, UnknownName, UsageError
from vibench.installed import BUILTIN, KINDS, VARIABLE, Entry, installed
from vibench.plugin_errors import duplicate, remedy

if TYPE_CHECKING:
    from vibench.hooks import Event, Hooks
    from vibench.interfaces import Engine, Eval, Inducer, Judge, Plugin, Source
    from vibench.plugin_identity import PluginIdentity

__all__ = ["PluginInfo", "Plugins"]


@dataclass(frozen=True, slots=True)
class PluginInfo:
    """One line of `vibench plugins`. `error` says why a broken plugin is broken; `summary`
    is the first line of its docstring, known once it has been imported."""

    kind: str
    name: str
    distribution: str
    version: str
    value: str
    status: Literal["ok", "unchecked", "broken"]
    error: str | None = None
    summary: str | None = None
    hooks: tuple[str, ...] = ()


class Plugins:
    """The plugins of this process: each is imported when it is first named, and only then."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._entries: dict[tuple[str, str], list[Entry]] = {}
        self._classes: dict[Entry, type[Plugin]] = {}
        self._causes: dict[Entry, str | None] = {}
        self._remedies: dict[Entry, str] = {}
        self._given: dict[Entry, Any] = {}
        self._identities: dict[Entry, PluginIdentity] = {}
        self._hooks: Hooks | None = None
        for entry in entries:
            self._add(entry)

    @classmethod
    def discover(cls) -> Plugins:
        """All installed plugins that VIBENCH_PLUGINS lets in, from metadata alone.

        Raises UnknownName if that variable names a distribution without plugins.
        """
        return cls(installed(os.environ.get(VARIABLE)))

    def register(self, kind: str, name: str, thing: Any, owner: str) -> None:
        """Add a class (or, for kind "hooks", a module or object) that is not installed.

        For tests and notebooks; `owner` stands where a distribution's name would.
        """
        value = f"{getattr(thing, '__module__', '')}:{getattr(thing, '__qualname__', name)}"
        entry = Entry(kind, name, value, owner)
        self._given[entry] = thing
        self._add(entry)
        if kind == "hooks" and self._hooks is not None:
            for found in self._hooks.add(entry, thing):
                self._add(found)

    def names(self, kind: str) -> list[str]:
        """What can be named, sorted; for engines and sources this imports hook modules."""
        self._load_hooks_for(kind)
        return sorted(name for of, name in self._entries if of == kind)

    def entry(self, kind: str, name: str) -> Entry:
        """Where a plugin comes from, by its name or by its name and an argument (`NAME:WHAT`).

        Raises UnknownName, or PluginError if two have the name.
        """
        self._load_hooks_for(kind)
        found = self._entries
        entries = found.get((kind, name)) or found.get((kind, plugin_name(name)))
        if not entries:
            raise UnknownName(kind, name, self.names(kind), self._more(kind))
        if len(entries) > 1:
            spare = next((one for one in entries if one.distribution != BUILTIN), entries[0])
            raise PluginError(
                f"{duplicate(entries)}.",
                f"Leave one out with {VARIABLE}=-{spare.distribution}, or "
                f"uninstall it: pip uninstall {spare.distribution}",
            )
        return entries[0]

    @overload
    def get(self, kind: Literal["inducer"], name: str) -> type[Inducer]: ...
    @overload
    def get(self, kind: Literal["eval"], name: str) -> type[Eval]: ...
    @overload
    def get(self, kind: Literal["judge"], name: str) -> type[Judge]: ...
    @overload
    def get(self, kind: Literal["engine"], name: str) -> type[Engine]: ...
    @overload
    def get(self, kind: Literal["source"], name: str) -> type[Source]: ...
    @overload
    def get(self, kind: str, name: str) -> type[Plugin]: ...
    def get(self, kind: str, name: str) -> type[Plugin]:
        """The class, imported now if it was not yet.

        Raises UnknownName, or PluginError if it cannot be imported, breaks its contract,
        or shares its name with another plugin of its kind.
        """
        entry = self.entry(kind, name)
        cause = self._import(entry)
        if cause is None:
            cls = self._classes[entry]
            if entry.name != name and argument_parameter(cls.parameters) is None:
                more = f"'{entry.name}' takes nothing after a colon."
                raise UnknownName(kind, name, self.names(kind), more)
            return cls
        raise PluginError(
            f"The {kind} '{name}' of {entry.owner} cannot be used: {cause}.",
            self._remedies.get(entry) or remedy(entry),
        )

    def resolved(self, kind: str, name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """All parameters: the given ones, checked, and the defaults of the others.

        This is what content keys hold. Raises SpecError naming the parameter.
        """
        from vibench.validation import closed, filled, first_problem

        schema = closed(self.get(kind, name).parameters)
        given = with_argument(name, schema, parameters)
        problem = first_problem(dict(given), schema, partial=True)
        if problem is None:
            full = filled(schema, given)
            problem = first_problem(full, schema)
        if problem:
            hint = problem.hint or f"Set it with --set {name}.{problem.key}=..."
            if problem.key == argument_parameter(schema):
                hint = f"Write it after a colon: {plugin_name(name)}:{problem.key.upper()}."
            raise SpecError(f"The parameter {name}.{problem.key} {problem.what}.", hint)
        return full

    @overload
    def build(
        self, kind: Literal["inducer"], name: str, parameters: Mapping[str, Any]
    ) -> Inducer: ...
    @overload
    def build(self, kind: Literal["eval"], name: str, parameters: Mapping[str, Any]) -> Eval: ...
    @overload
    def build(self, kind: Literal["judge"], name: str, parameters: Mapping[str, Any]) -> Judge: ...
    @overload
    def build(
        self, kind: Literal["engine"], name: str, parameters: Mapping[str, Any]
    ) -> Engine: ...
    @overload
    def build(
        self, kind: Literal["source"], name: str, parameters: Mapping[str, Any]
    ) -> Source: ...
    @overload
    def build(self, kind: str, name: str, parameters: Mapping[str, Any]) -> Plugin: ...
    def build(self, kind: str, name: str, parameters: Mapping[str, Any]) -> Plugin:
        """An instance with these parameters; raises what `get` and `resolved` do, and
        PluginError if the constructor fails."""
        from vibench.hooks import cause

        cls = self.get(kind, name)
        full = self.resolved(kind, name, parameters)
        try:
            return cls(**full)
        except UsageError:
            raise
        except Exception as error:
            entry = self.entry(kind, name)
            raise PluginError(
                f"The {kind} '{name}' of {entry.owner} cannot be built: {cause(error)}.",
                remedy(entry),
            ) from error

    def identity(self, kind: str, name: str) -> PluginIdentity:
        """What content keys hold of a plugin's code; read from its files once in a process.

        Raises what `get` does.
        """
        from vibench.plugin_identity import PluginIdentity, code_digest, source_digest

        entry = self.entry(kind, name)
        if entry not in self._identities:
            version = self.get(kind, name).version
            code = ""
            if entry.distribution != BUILTIN:
                thing = self._given.get(entry)
                code = code_digest(entry) if thing is None else source_digest(thing)
            self._identities[entry] = PluginIdentity.of(entry, version, code)
        return self._identities[entry]

    def notify(self, event: Event) -> None:
        """Tell all observers what happened. None of them can stop the run."""
        hooks = self._load_hooks()
        for entry, error in hooks.errors.items():
            hooks.warn(entry, f"cannot be used ({error})")
        hooks.notify(event)

    def listing(self, check: bool = False) -> list[PluginInfo]:
        """Every plugin; with `check`, each is imported and held against its contract.

        Without it nothing is imported, and engines and sources stand behind the "hooks"
        entries that register them.
        """
        hooks = self._load_hooks() if check else None
        infos = [
            self._info(entry, hooks) for entries in self._entries.values() for entry in entries
        ]
        order = {kind: position for position, kind in enumerate(KINDS)}
        return sorted(infos, key=lambda one: (order[one.kind], one.name, one.distribution))

    def _add(self, entry: Entry) -> None:
        self._entries.setdefault((entry.kind, entry.name), []).append(entry)

    def _load_hooks(self) -> Hooks:
        from vibench.hooks import Hooks

        if self._hooks is None:
            self._hooks = hooks = Hooks()
            mine = [
                one for (kind, _), all_ in self._entries.items() if kind == "hooks" for one in all_
            ]
            found = hooks.load(one for one in mine if one not in self._given)
            for entry in mine:
                if entry in self._given:
                    found += hooks.add(entry, self._given[entry])
            for entry in found:
                self._add(entry)
        return self._hooks

    def _load_hooks_for(self, kind: str) -> None:
        if kind in ("engine", "source"):
            self._load_hooks()

    def _import(self, entry: Entry) -> str | None:
        """Import a plugin's class, once; why it cannot be used, or None if it can."""
        if entry in self._causes:
            return self._causes[entry]
        from vibench.contracts import breach
        from vibench.hooks import cause, load

        try:
            thing = self._given[entry] if entry in self._given else load(entry.value)
            self._causes[entry] = breach(entry.kind, thing)
            self._classes[entry] = thing
        except KeyboardInterrupt:
            raise
        except UsageError as error:  # A plugin that knows what is missing says it better.
            self._causes[entry] = error.message.removesuffix(".")
            self._remedies[entry] = error.hint
        except BaseException as error:  # SystemExit at import is a broken plugin too.
            self._causes[entry] = cause(error).removesuffix(".")
        return self._causes[entry]

    def _more(self, kind: str) -> str:
        """What else to say when nothing of this kind has the name that was asked for."""
        more = ""
        if kind == "judge" and ("judge", "rules") in self._entries:
            more = "The rule baseline needs no model: --judge rules --extractor rules."
        if kind in ("engine", "source") and self._hooks and self._hooks.errors:
            broken = ", ".join(f"'{one.name}' of {one.owner}" for one in self._hooks.errors)
            more = f"It may be in what could not be loaded: {broken} (see vibench plugins --check)."
        return more

    def _info(self, entry: Entry, hooks: Hooks | None) -> PluginInfo:
        error = self._error(entry, check=hooks is not None)
        summary: str | None = None
        names: tuple[str, ...] = ()
        if hooks is not None and error is None:
            thing = hooks.plugin(entry) if entry.kind == "hooks" else self._classes[entry]
            names = hooks.implemented(entry)
            # inspect.getdoc would lend a class its contract's docstring.
            lines = (getattr(thing, "__doc__", None) or "").strip().splitlines()
            summary = lines[0] if lines else ""
        status: Literal["ok", "unchecked", "broken"] = "ok" if hooks is not None else "unchecked"
        return PluginInfo(
            kind=entry.kind,
            name=entry.name,
            distribution=entry.distribution,
            version=entry.version,
            value=entry.value,
            status="broken" if error else status,
            error=error,
            summary=summary,
            hooks=names,
        )

    def _error(self, entry: Entry, check: bool) -> str | None:
        entries = self._entries[entry.kind, entry.name]
        if entry.kind == "hooks":
            return self._hooks.errors.get(entry) if self._hooks else None
        if len(entries) > 1:
            return duplicate(entries)
        return self._import(entry) if check else self._causes.get(entry)
