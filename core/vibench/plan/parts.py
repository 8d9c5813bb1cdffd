"""The parts of stages' specifications, each with the hash of what of it determines results."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.errors import SpecError
from vibench.file_names import name_problem
from vibench.interfaces import Plugin
from vibench.records import Sampling, Subject, canonical_json, digest
from vibench.sessions.configs import CONFIGS, SubjectRecord
from vibench.settings import is_absent, sweep
from vibench.store.artefacts import sha256

if TYPE_CHECKING:
    from vibench.plugins import Plugins
    from vibench.spec import Spec
    from vibench.stages.specification import StageSpec

__all__ = ["Part", "Parts", "part", "stage_keys"]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a stage's spec, with the hash of what of it determines results.

    `alike` is that hash without the identity of plugins' code, by which a stage is told to
    be the same work as one that another version of a plugin did; None where it is `key`.
    """

    value: Any
    key: str
    alike: str | None = None

    @property
    def likeness(self) -> str:
        return self.key if self.alike is None else self.alike


def part(value: Any, identity: Any = None, alike: Any = None) -> Part:
    key = digest(value if identity is None else identity)
    return Part(value, key, None if alike is None else digest(alike))


def stage_keys(
    spec: type[StageSpec], parts: Mapping[str, Part], needs: Sequence[tuple[str, str]]
) -> tuple[str, str]:
    """(content key, likeness) of a stage, whose needs are given by their own two."""
    start, ordered = [spec.kind, str(spec.version)], sorted(parts.items())
    keys = [*start, *[f"{name}={piece.key}" for name, piece in ordered], *[n for n, _ in needs]]
    likenesses = [*start, *[f"{name}={piece.likeness}" for name, piece in ordered]]
    likenesses += [likeness for _, likeness in needs]
    return _hashed(keys)[:32], _hashed(likenesses)[:16]


def _hashed(lines: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


class Parts:
    """Parts of plugins, subjects and plain records, each made once for one planning."""

    def __init__(self, spec: Spec, plugins: Plugins) -> None:
        self.spec = spec
        self.plugins = plugins
        self.built: dict[tuple[str, str, str], tuple[Any, Part]] = {}
        self.subjects: dict[Subject, Part] = {}
        self.records: dict[Any, Part] = {}

    def settings(self, name: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """Each combination of a plugin's settings, with what of it is swept."""
        options_of = self.spec.settings.get(name, {})
        swept = {p for p, options in options_of.items() if len(options) > 1}
        return [
            (combination, {f"{name}.{p}": v for p, v in combination.items() if p in swept})
            for combination in sweep(options_of)
        ]

    def build(self, kind: str, name: str, setting: Mapping[str, Any]) -> tuple[Any, Part]:
        """An instance, and its part of a spec. Built once for equal settings."""
        identity = (kind, name, canonical_json(setting))
        if identity not in self.built:
            instance: Plugin = self.plugins.build(kind, name, setting)
            resolved = self.plugins.resolved(kind, name, setting)
            properties = instance.parameters.get("properties", {})
            # What does not determine results (a batch size, a device) is left out of the key, so
            # that the same run on another machine is the same run.
            telling = {
                k: v
                for k, v in by_content(instance, resolved).items()
                if counts(properties.get(k, {}), v)
            }
            code = self.plugins.identity(kind, name)
            key_name = self.plugins.entry(kind, name).file_name or name
            value = CONFIGS[kind](name, dict(setting), resolved, code.record)
            self.built[identity] = (
                instance,
                part(value, [key_name, code.key, telling], [key_name, telling]),
            )
        return self.built[identity]

    def single(self, kind: str, name: str, **parameters: Any) -> tuple[Any, Part]:
        """A plugin of which a run has one, with `parameters` parameters beside those that are
        set; its settings cannot be swept."""
        settings = self.settings(name)
        if len(settings) > 1:
            raise SpecError(
                f"The {kind} '{name}' takes one value for each setting, but several are given for "
                f"{', '.join(settings[0][1])}.",
                "Give one value each, and run the command once for each value.",
            )
        return self.build(kind, name, {**settings[0][0], **parameters})

    def swept(self, setting: Part) -> list[str]:
        """Return what tells this setting of a plugin from the others of the matrix: beta=0.1."""
        options = self.spec.settings.get(setting.value.name, {})
        values = setting.value.asked
        return [f"{p}={v}" for p, v in values.items() if len(options.get(p, ())) > 1]

    def variants(self, kind: str, name: str) -> list[tuple[Any, Part, dict[str, Any]]]:
        return [(*self.build(kind, name, setting), swept) for setting, swept in self.settings(name)]

    def subject(self, subject: Subject) -> Part:
        subject_part = self.subjects.get(subject)
        if subject_part is None:
            model = subject.model
            adapter = subject.adapter.key if subject.adapter else None
            template = template_settings(subject)
            subject_part = self.subjects[subject] = part(
                SubjectRecord(model, adapter, subject.system, subject.template_system),
                [model.identity, model.chat_template_identity, subject.rendering, adapter,
                 subject.system, *template],
                # What stands for the adapter's own likeness is among the stage's needs.
                [model.identity, model.chat_template_identity, subject.rendering,
                 adapter is not None, subject.system, *template],
            )  # fmt: skip
        return subject_part

    def known(self, record: Sampling | int) -> Part:
        """A record or number as a part; made once, since thousands of stages share it."""
        if record not in self.records:
            plain = record if isinstance(record, int) else asdict(record)
            self.records[record] = Part(record, digest(plain))
        return self.records[record]


def template_settings(subject: Subject) -> list[str]:
    """Return what is set of a subject's chat template; nothing while all is at its default."""
    # Without the defaults, so that keys from before there were these settings hold.
    thinking, system = subject.model.thinking, subject.template_system
    return [
        *([f"thinking={thinking}"] if thinking != "template" else ()),
        *([f"template_system={system}"] if system != "replace" else ()),
    ]


def counts(schema: Mapping[str, Any], setting: Any) -> bool:
    """Return whether a parameter with this setting is part of content keys."""
    return bool(schema.get("x-key", True)) and not is_absent(schema, setting)


def by_content(plugin: Plugin, settings: Mapping[str, Any]) -> dict[str, Any]:
    """A plugin's settings, with the identity of a file in place of its name."""
    properties = plugin.parameters.get("properties", {})
    return {
        name: file_identity(setting) if properties.get(name, {}).get("x-file") else setting
        for name, setting in settings.items()
    }


def file_identity(setting: Any) -> Any:
    """A setting that may name a file is known by the file's content."""
    if not isinstance(setting, str) or name_problem(setting):
        return setting
    path = Path(setting)
    # By content: a prompt file that is moved gives the same key, one that is edited another.
    return sha256(path) if setting and path.is_file() else setting
