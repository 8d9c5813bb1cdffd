"""A run in words, from its record: the request, its status, and its provenance."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from vibench.preferences.subset_summary import SubsetSummary
from vibench.text import clean

__all__ = ["RunWords", "command_of", "run_words"]

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RunWords:
    """One run: `request` is what was combined, `settings` the plugins' parameters, `origin` time
    and machine, `cost` what endpoints charged ("" if none was used)."""

    id: str
    status: str
    cells: int
    failed: int
    command: str
    request: Pairs
    settings: Pairs
    origin: Pairs
    versions: Pairs
    cost: str


def run_words(record: Mapping[str, Any], cost: str, judges: Sequence[str] = ()) -> RunWords:
    """Return a run's record in words, with its cost. `judges` are labels that name the models that
    judged."""
    spec = {**record.get("spec", {})}
    if judges:
        spec["judges"] = list(judges)
    return RunWords(
        id=clean(str(record.get("id", ""))),
        status=clean(str(record.get("status", ""))),
        cells=int(record.get("cells", 0)),
        failed=int(record.get("failed_cells", 0)),
        command=command_of(record),
        request=(*_request(spec), *_subsets(record)),
        settings=tuple(
            (f"{clean(plugin)}.{clean(name)}", _listed(options))
            for plugin, parameters in spec.get("settings", {}).items()
            for name, options in parameters.items()
        ),
        origin=tuple(_origin(record)),
        versions=tuple((clean(k), clean(str(v))) for k, v in record.get("versions", {}).items()),
        cost=clean(cost, 600),
    )


def _request(spec: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    pairs = spec.get("pairs", {})
    if pairs and not set(spec.get("values", ())) - set(pairs):
        # Sources and extractor were named, but not used: every value had pairs of its own.
        spec = {**spec, "sources": (), "extractor": ""}
    several = (
        ("models", "models"),
        ("inducers", "inducers"),
        ("values", "values induced"),
        ("evals", "evals"),
        ("judges", "judges"),
        ("seeds", "seeds"),
        ("sources", "preference pairs from"),
    )
    for name, words in several:
        if spec.get(name):
            yield words, _listed(spec[name])
    for value, files in pairs.items():
        yield f"pairs made for {clean(value)}", _listed([PurePath(file).name for file in files])
    if spec.get("limit"):
        yield "samples", f"at most {spec['limit']:,} of each eval"
    single = (
        ("data", "prompt sets from"),
        ("engine", "engine"),
        ("simulator", "user simulated by"),
        ("extractor", "values in pairs extracted by"),
        ("profile", "profile"),
    )
    for name, words in single:
        if spec.get(name):
            yield words, clean(str(spec[name]))


def _subsets(record: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for row in record.get("subsets", ()):
        summary = SubsetSummary.from_record(row)
        yield f"pairs trained on for {clean(summary.value)}", clean(summary.sentence, 600)
    notes = record.get("training_notes", ())
    if notes:
        further = f" (and {len(notes) - 1:,} more such notes)" if len(notes) > 1 else ""
        yield "of trainings", clean(f"{notes[0]}{further}", 600)
    for note in record.get("eval_notes", ()):
        yield "of evals", clean(note, 600)
    for note in record.get("template_notes", ()):
        yield "of chat templates", clean(note, 600)


def _origin(record: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    yield "started", clean(str(record.get("started", "")))
    if record.get("seconds") is not None:
        yield "took", _time(float(record["seconds"]))
    machine = record.get("hardware", {})
    names = {"memory_gib": "memory (GiB)"}
    for name, fact in machine.items():
        words = _listed(fact) if isinstance(fact, list) else clean(str(fact))
        yield names.get(name, clean(name)), words


def command_of(record: Mapping[str, Any]) -> str:
    """Return the run's command for a shell, the program by its name alone; "" if unknown."""
    words = record.get("command", ())
    if not words:
        return ""
    program = PurePath(words[0]).name
    # `python -m vibench` is recorded as __main__.py, which nobody can type.
    program = "vibench" if program in ("__main__.py", "vibench") else program
    return clean(shlex.join([program, *map(str, words[1:])]), 2000)


def _listed(names: Any) -> str:
    if isinstance(names, list | tuple):
        return ", ".join(clean(str(name)) for name in names)
    return clean(str(names))


def _time(seconds: float) -> str:
    hours, rest = divmod(round(seconds), 3600)
    minutes, rest = divmod(rest, 60)
    if hours:
        return f"{hours:,} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.0f} s"
