"""The `vibench` entry-point group: modules that register engines and sources or observe runs."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import pluggy

from vibench import hookspecs
from vibench.entry_points import PluginEntry
from vibench.errors import UnknownName
from vibench.hookspecs import PlanMade, RunFinished, StageFinished

__all__ = ["Event", "Hooks", "cause", "load"]

Event = PlanMade | StageFinished | RunFinished

OBSERVERS: dict[type, str] = {
    PlanMade: "plan_made",
    StageFinished: "stage_finished",
    RunFinished: "run_finished",
}
REGISTRATIONS = {"engine": "register_engines", "source": "register_sources"}


def load(value: str) -> Any:
    """Import and return the object at "module:Class" or "module"."""
    return pkgutil.resolve_name(value.partition("[")[0].strip())


def cause(error: BaseException) -> str:
    """Return an exception as part of a sentence: its type and message."""
    return f"{type(error).__name__}: {error}".rstrip(": ")


class Hooks:
    """The hook implementations of all plugins; broken ones are left out and listed in `errors`."""

    def __init__(self) -> None:
        self._manager = pluggy.PluginManager("vibench")
        self._manager.add_hookspecs(hookspecs)
        self._plugins: dict[PluginEntry, Any] = {}
        self._callers: dict[str, list[tuple[PluginEntry, Callable[..., Any]]]] = {}
        self._warned: set[PluginEntry] = set()
        self.errors: dict[PluginEntry, str] = {}
        """Why a plugin is left out, for each that is."""

    def load(self, entries: Iterable[PluginEntry]) -> list[PluginEntry]:
        """Import hook modules; return the engines and sources they register."""
        registered: list[PluginEntry] = []
        for entry in entries:
            try:
                plugin = load(entry.value)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # SystemExit at import is a broken plugin too.
                self.errors[entry] = cause(error)
            else:
                registered += self.add(entry, plugin)
        return registered

    def add(self, entry: PluginEntry, plugin: Any) -> list[PluginEntry]:
        """Register a module or object with hook implementations; return its engines and sources."""
        self._callers.clear()
        try:
            self._manager.register(plugin, name=f"{entry.distribution}:{entry.name}")
            self._plugins[entry] = plugin
            self._manager.check_pending()
            return self._registered(entry)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            self.errors[entry] = self._misspelt(plugin) or cause(error)
            if self._plugins.pop(entry, None) is not None:
                self._manager.unregister(plugin)
                self._callers.clear()
            return []

    def plugin(self, entry: PluginEntry) -> Any:
        """Return the module or object of an entry; None for one that is left out."""
        return self._plugins.get(entry)

    def implemented(self, entry: PluginEntry) -> tuple[str, ...]:
        """Return the names of the hooks that a loaded plugin implements."""
        plugin = self._plugins.get(entry)
        callers = self._manager.get_hookcallers(plugin) if plugin is not None else None
        return tuple(sorted(caller.name for caller in callers or ()))

    def notify(self, event: Event) -> None:
        """Call every observer. One that raises is logged once, and the run continues."""
        for entry, call in self._callers_of(OBSERVERS[type(event)]):
            try:
                call(event=event)
            except (Exception, SystemExit) as error:
                self.warn(entry, f"failed on {type(event).__name__} ({cause(error)})")

    def warn(self, entry: PluginEntry, what: str) -> None:
        """Log a warning about a plugin, the first time only."""
        import logging

        if entry not in self._warned:
            self._warned.add(entry)
            logging.getLogger("vibench").warning(
                "The plugin '%s' of %s %s; the run continues without it.",
                entry.name,
                entry.owner,
                what,
            )

    def _registered(self, entry: PluginEntry) -> list[PluginEntry]:
        entries: list[PluginEntry] = []

        def register(kind: str, name: str, value: str) -> None:
            if not isinstance(value, str) or ":" not in value:
                raise TypeError(f"register({name!r}, ...) wants 'module:Class', not {value!r}")
            entries.append(PluginEntry(kind, name, value, entry.distribution, entry.version))

        for kind, hook in REGISTRATIONS.items():
            for _, call in self._callers_of(hook, only=entry):
                call(register=partial(register, kind))
        return entries

    def _callers_of(
        self, hook: str, only: PluginEntry | None = None
    ) -> list[tuple[PluginEntry, Callable[..., Any]]]:
        # pluggy stops at the first implementation that raises. A caller for each plugin keeps
        # an error in one of them from silencing the others.
        if hook not in self._callers:
            self._callers[hook] = [
                (
                    entry,
                    self._manager.subset_hook_caller(
                        hook, [p for p in self._plugins.values() if p is not plugin]
                    ),
                )
                for entry, plugin in self._plugins.items()
                if hook in self.implemented(entry)
            ]
        return [pair for pair in self._callers[hook] if only in (None, pair[0])]

    def _misspelt(self, plugin: Any) -> str | None:
        """Return the error of a plugin that implements an unknown hook; None if it does not."""
        hooks = [name for name, hook in vars(hookspecs).items() if hasattr(hook, "vibench_spec")]
        for caller in self._manager.get_hookcallers(plugin) or ():
            if not caller.has_spec():
                unknown = UnknownName("hook", caller.name, hooks)
                return f"it implements '{caller.name}', which is not a hook. {unknown.hint}"
        return None
