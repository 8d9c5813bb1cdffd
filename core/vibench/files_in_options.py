"""The files of plugins that a run's options name: by their absolute paths, so that the run can be
resumed from any folder, and with the short names by which `--set` and `--judge` may call them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from vibench.arguments import is_file_name
from vibench.errors import SpecError
from vibench.plugin_files import short_name
from vibench.spec import judge_of

if TYPE_CHECKING:
    from vibench.plugins import Plugins
    from vibench.run_options import RunOptions
    from vibench.settings import Setting

__all__ = ["with_absolute_files"]


def with_absolute_files(options: RunOptions, plugins: Plugins) -> RunOptions:
    """Return the options with `PATH.py:Class`, the path absolute, for each plugin in a file.

    Raises PluginError for a file that cannot be used, and SpecError for a short name that two
    plugins of the run have.
    """
    evals = _absolute("eval", options.evals, plugins)
    steps = [_absolute("inducer", text.split("+"), plugins) for text in options.inducers]
    judges = [judge_of(text) for text in options.judges]
    judge_names = [_full_name("judge", judge, plugins) for _, judge in judges]
    extractor = options.extractor and _full_name("judge", options.extractor, plugins)
    names = [
        *(("eval", name) for name in evals),
        *(("inducer", name) for expression in steps for name in expression),
        *(("judge", name) for name in (*judge_names, extractor) if name),
    ]
    evals_by_short = _names_by_short((("eval", name) for name in evals), plugins)
    all_by_short = _names_by_short(names, plugins)
    texts = []
    for (evaluation, _), judge in zip(judges, judge_names, strict=True):
        eval_name = _called(f"--judge {evaluation}=", evaluation, evals_by_short)
        eval_name = _full_name("eval", eval_name, plugins)
        texts.append(f"{eval_name}={judge}" if eval_name else judge)
    return replace(
        options,
        evals=evals,
        inducers=tuple(dict.fromkeys("+".join(expression) for expression in steps)),
        judges=tuple(dict.fromkeys(texts)),
        extractor=extractor,
        settings=tuple(_setting(s, names, all_by_short, plugins) for s in options.settings),
    )


def _absolute(kind: str, names: Iterable[str], plugins: Plugins) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_full_name(kind, name, plugins) for name in names))


def _full_name(kind: str, name: str, plugins: Plugins) -> str:
    if not is_file_name(name):
        return name
    entry = plugins.entry(kind, name)
    return entry.name if entry.path else name


def _names_by_short(
    names: Iterable[tuple[str, str]], plugins: Plugins
) -> Mapping[str, dict[str, None]]:
    """Return the plugins of the run by the short names of those in files."""
    listed = list(dict.fromkeys(names))
    by_short: dict[str, dict[str, None]] = {}
    for kind, name in listed:
        if is_file_name(name) and (entry := plugins.entry(kind, name)).path:
            by_short.setdefault(short_name(entry), {})[name] = None
    for _, name in listed:
        if name in by_short:
            by_short[name][name] = None
    return by_short


def _called(where: str, name: str, by_short: Mapping[str, dict[str, None]]) -> str:
    """Return the plugin of the run that is called by this name."""
    candidates = list(by_short.get(name, (name,)))
    if len(candidates) > 1:
        raise SpecError(
            f"{where}: '{name}' is the name of several plugins of this run: "
            f"{', '.join(candidates)}.",
            "Write the full name of one, with its path.",
        )
    return candidates[0]


def _setting(
    setting: Setting,
    names: Iterable[tuple[str, str]],
    by_short: Mapping[str, dict[str, None]],
    plugins: Plugins,
) -> Setting:
    """Return a setting with the full name of its plugin."""
    name = _called(setting.where, setting.plugin, by_short)
    if name == setting.plugin and is_file_name(name):
        for kind, plugin in names:
            entry = plugins.entry(kind, plugin) if is_file_name(plugin) else None
            if entry and entry.path and _full_name(kind, name, plugins) == plugin:
                name = plugin
    return setting if name == setting.plugin else replace(setting, plugin=name)
