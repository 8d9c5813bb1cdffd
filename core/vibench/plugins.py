"""Plugins: found by metadata, imported by name, listed. A broken one is data, not a crash."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, overload

from vibench.arguments import argument_parameter, is_file_name, plugin_name, with_argument
from vibench.entry_points import BUILTIN, KINDS, VARIABLE, PluginEntry, installed
from vibench.errors import PluginError, SpecError, UnknownName, UsageError
from vibench.plugin_errors import duplicate, newer_interface, older_interface, remedy
from vibench.plugin_info import PluginInfo
from vibench.setting_synonyms import judge_advice, task_advice
from vibench.text import echoed

if TYPE_CHECKING:
    from vibench.hooks import Event, Hooks
    from vibench.interfaces import Engine, Eval, Inducer, Judge, Plugin, Source
    from vibench.plugin_identity import PluginIdentity

__all__ = ["PluginInfo", "Plugins"]

IN_FILES = ("inducer", "eval", "judge")
"""The kinds of plugins that may be named by a file."""


class Plugins:
    """The plugins of this process; each is imported at its first use."""

    def __init__(self, entries: Iterable[PluginEntry] = ()) -> None:
        self._entries: dict[tuple[str, str], list[PluginEntry]] = {}
        self._classes: dict[PluginEntry, type[Plugin]] = {}
        self._causes: dict[PluginEntry, str | None] = {}
        self._remedies: dict[PluginEntry, str] = {}
        self._given: dict[PluginEntry, Any] = {}
        self._identities: dict[PluginEntry, PluginIdentity] = {}
        self._hooks: Hooks | None = None
        for entry in entries:
            self._add(entry)

    @classmethod
    def discover(cls) -> Plugins:
        """Return the installed plugins that VIBENCH_PLUGINS allows, from metadata alone.

        Raises UnknownName if that variable names a distribution without plugins.
        """
        return cls(installed(os.environ.get(VARIABLE)))

    def register(self, kind: str, name: str, plugin: Any, owner: str) -> None:
        """Add a class (or, for kind "hooks", a module or object) that is not installed.

        For tests and notebooks; `owner` stands where a distribution's name would.
        """
        value = f"{getattr(plugin, '__module__', '')}:{getattr(plugin, '__qualname__', name)}"
        entry = PluginEntry(kind, name, value, owner)
        self._given[entry] = plugin
        self._add(entry)
        if kind == "hooks" and self._hooks is not None:
            for hook_entry in self._hooks.add(entry, plugin):
                self._add(hook_entry)

    def names(self, kind: str) -> list[str]:
        """Return the names of a kind, sorted; for engines and sources this imports hook modules."""
        self._load_hooks_for(kind)
        return sorted(name for entry_kind, name in self._entries if entry_kind == kind)

    def entry(self, kind: str, name: str) -> PluginEntry:
        """Return the entry of a plugin, by its name or by its name and an argument (`NAME:TEXT`).

        Raises UnknownName, or PluginError if two have the name.
        """
        self._load_hooks_for(kind)
        by_name = self._entries
        entries = by_name.get((kind, name)) or by_name.get((kind, plugin_name(name)))
        if not entries and kind in IN_FILES and is_file_name(name):
            entries = [self._entry_of_file(kind, name)]
        if not entries:
            raise UnknownName(kind, name, self.names(kind), self._more(kind, name))
        if len(entries) > 1:
            spare = next((entry for entry in entries if entry.distribution != BUILTIN), entries[0])
            raise PluginError(
                f"{duplicate(entries)}.",
                f"Exclude one with {VARIABLE}=-{spare.distribution}, or "
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
        """Return the class, importing it at its first use.

        Raises UnknownName, or PluginError if it cannot be imported, breaks its contract,
        or shares its name with another plugin of its kind.
        """
        entry = self.entry(kind, name)
        # Imported at first use: listing reads metadata alone, and a run imports only the plugins
        # that it names.
        cause = self._import(entry)
        if cause is None:
            cls = self._classes[entry]
            if not entry.path and entry.name != name and argument_parameter(cls.parameters) is None:
                hint = f"'{entry.name}' takes nothing after a colon."
                raise UnknownName(kind, name, self.names(kind), hint)
            return cls
        raise PluginError(
            f"The {kind} '{name}' of {entry.owner} cannot be used: {cause}.",
            self._remedies.get(entry) or remedy(entry),
        )

    def resolved(self, kind: str, name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return all parameters: `parameters`, checked, and the defaults of the others.

        Content keys hold this. Raises SpecError naming the parameter.
        """
        from vibench.validation import closed, filled, first_problem

        schema = closed(self.get(kind, name).parameters)
        # What follows the colon of a file is its class.
        in_file = bool(self.entry(kind, name).path)
        values = parameters if in_file else with_argument(name, schema, parameters)
        problem = first_problem(dict(values), schema, partial=True)
        if problem is None:
            full = filled(schema, values)
            problem = first_problem(full, schema)
        if problem:
            hint = problem.hint or f"Set it with --set {name}.{problem.key}=..."
            if problem.key == argument_parameter(schema) and not in_file:
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
        """Return an instance with these parameters. Raises what `get` and `resolved` do, and
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
        """Return the identity of a plugin's code, read from its files once in a process.

        Raises what `get` does.
        """
        from vibench.plugin_identity import PluginIdentity, entry_digest

        entry = self.entry(kind, name)
        if entry not in self._identities:
            version = self.get(kind, name).version
            # A built-in plugin is known by its version alone; a test fails if its code changes and
            # the version does not.
            code = ""
            if entry.distribution != BUILTIN:
                code = entry_digest(entry, self._given.get(entry))
            self._identities[entry] = PluginIdentity.of(entry, version, code)
        return self._identities[entry]

    def notify(self, event: Event) -> None:
        """Send an event to all observers. None of them can stop the run."""
        hooks = self._load_hooks()
        for entry, error in hooks.errors.items():
            hooks.warn(entry, f"cannot be used ({error})")
        hooks.notify(event)

    def listing(self, check: bool = False) -> list[PluginInfo]:
        """Return every plugin; with `check`, import each and check it against its contract.

        Without it nothing is imported, and engines and sources stand behind the "hooks"
        entries that register them.
        """
        hooks = self._load_hooks() if check else None
        infos = [
            self._info(entry, hooks) for entries in self._entries.values() for entry in entries
        ]
        order = {kind: position for position, kind in enumerate(KINDS)}
        return sorted(infos, key=lambda info: (order[info.kind], info.name, info.distribution))

    def _entry_of_file(self, kind: str, name: str) -> PluginEntry:
        from vibench.plugin_files import entry_of_file

        # Added at its first mention, so that its name is among those that there are.
        entry = entry_of_file(kind, name)
        if (kind, entry.name) not in self._entries:
            self._add(entry)
        return self._entries[kind, entry.name][0]

    def _add(self, entry: PluginEntry) -> None:
        self._entries.setdefault((entry.kind, entry.name), []).append(entry)

    def _load_hooks(self) -> Hooks:
        from vibench.hooks import Hooks

        if self._hooks is None:
            self._hooks = hooks = Hooks()
            entries = [
                entry
                for (kind, _), group in self._entries.items()
                if kind == "hooks"
                for entry in group
            ]
            registered = hooks.load(entry for entry in entries if entry not in self._given)
            for entry in entries:
                if entry in self._given:
                    registered += hooks.add(entry, self._given[entry])
            for entry in registered:
                self._add(entry)
        return self._hooks

    def _load_hooks_for(self, kind: str) -> None:
        if kind in ("engine", "source"):
            self._load_hooks()

    def _import(self, entry: PluginEntry) -> str | None:
        """Import a plugin's class once; return why it cannot be used, or None if it can."""
        if entry in self._causes:
            return self._causes[entry]
        from vibench.contracts import breach, needs_newer_vibench
        from vibench.hooks import cause
        from vibench.plugin_files import plugin_of

        try:
            plugin = self._given[entry] if entry in self._given else plugin_of(entry)
            self._causes[entry] = breach(entry.kind, plugin)
            self._classes[entry] = plugin
            if self._causes[entry] is not None and needs_newer_vibench(plugin):
                self._remedies[entry] = newer_interface(entry)
        except KeyboardInterrupt:
            raise
        except UsageError as error:  # A plugin knows best what it lacks, and what to do.
            self._causes[entry] = error.message.removesuffix(".")
            self._remedies[entry] = error.hint
        except BaseException as error:  # SystemExit at import is a broken plugin too.
            self._causes[entry] = cause(error).removesuffix(".")
            if isinstance(error, ImportError) and (error.name or "").partition(".")[0] == "vibench":
                self._remedies[entry] = older_interface(entry)
        return self._causes[entry]

    def _more(self, kind: str, name: str) -> str:
        """Return a further hint for a name that no plugin of a kind has."""
        advice = {"judge": judge_advice, "eval": task_advice}.get(kind)
        hint = advice(echoed(name)) if advice else ""
        if kind == "judge" and not hint and ("judge", "rules") in self._entries:
            hint = "The rule baseline needs no model: --judge rules --extractor rules."
        if kind in ("engine", "source") and self._hooks and self._hooks.errors:
            broken = ", ".join(f"'{entry.name}' of {entry.owner}" for entry in self._hooks.errors)
            hint = f"A plugin that failed to load may have it: {broken} (vibench plugins --check)."
        return hint

    def _info(self, entry: PluginEntry, hooks: Hooks | None) -> PluginInfo:
        error = self._error(entry, check=hooks is not None)
        if hooks is None or error is not None:
            return PluginInfo.of(entry, error)
        plugin = hooks.plugin(entry) if entry.kind == "hooks" else self._classes[entry]
        return PluginInfo.checked(entry, plugin, hooks.implemented(entry))

    def _error(self, entry: PluginEntry, check: bool) -> str | None:
        entries = self._entries[entry.kind, entry.name]
        if entry.kind == "hooks":
            return self._hooks.errors.get(entry) if self._hooks else None
        if len(entries) > 1:
            return duplicate(entries)
        return self._import(entry) if check else self._causes.get(entry)
