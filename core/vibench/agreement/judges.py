"""The judges whose verdicts a store holds, and the choice of one by its name."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vibench.errors import StoreError, UnknownName, UsageError
from vibench.records import digest
from vibench.results.runs import read_run, run_ids
from vibench.stages.verdicts import VerdictsSpec
from vibench.store.artefacts import MANIFEST

if TYPE_CHECKING:
    from vibench.plugins import Plugins
    from vibench.store.artefacts import Store

__all__ = ["JudgeId", "StoredVerdicts", "choose", "judged", "newest"]

SHORT = 6


@dataclass(frozen=True, slots=True, order=True)
class JudgeId:
    """A judge as it judged: its plugin, the model it asked ("" if none), and what tells it
    from others with both in common (its parameters, the engine)."""

    name: str
    model: str
    key: str

    def __str__(self) -> str:
        return f"{self.name}@{self.model}" if self.model else self.name

    @property
    def full(self) -> str:
        """With the digits that tell it from others of the same plugin and model."""
        return f"{self}#{self.key}"

    def answers_to(self, text: str) -> bool:
        """True if `text`, NAME[@MODEL][#KEY], means it."""
        rest, _, key = text.partition("#")
        name, _, model = rest.partition("@")
        return name == self.name and model in ("", self.model) and self.key.startswith(key)


@dataclass(frozen=True, slots=True)
class StoredVerdicts:
    """One `verdicts` artefact: who judged which transcripts of which eval (its part of the
    stage's spec)."""

    judge: JudgeId
    eval: Mapping[str, Any]
    transcripts: str
    verdicts: str


def judged(store: Store, plugins: Plugins, run: str = "") -> list[StoredVerdicts]:
    """Everything that was judged in a run (in the whole store unless named), oldest first.

    Raises StoreError for a store without runs, UnknownName for a run that is not there.
    """
    ids = run_ids(store, [run] if run else ["all"])
    of_run = {cell.verdicts for cell in read_run(store, ids[0]).cells} if run else None
    stored = []
    for key in store.keys(VerdictsSpec.kind):
        if of_run is None or key in of_run:
            spec, transcripts = _asked(store, key)
            stored.append(StoredVerdicts(judge_id(spec, plugins), spec["eval"], transcripts, key))
    return stored


def _asked(store: Store, key: str) -> tuple[Mapping[str, Any], str]:
    """The spec of a `verdicts` artefact, and the key of the transcripts it is on."""
    manifest = store.manifest(VerdictsSpec.kind, key) or {}
    try:
        return manifest["spec"], manifest["needs"][0]
    except (KeyError, IndexError) as error:
        raise StoreError(
            f"{store.folder('verdicts', key) / MANIFEST} is damaged.",
            "Rerun the command that made these verdicts; undamaged results are kept.",
        ) from error


def judge_id(spec: Mapping[str, Any], plugins: Plugins) -> JudgeId:
    """The judge that the spec of a `verdicts` stage names."""
    judge = spec["judge"]
    model = spec.get("judge_model", {}).get("model", {})
    try:
        properties = plugins.get("judge", judge["name"]).parameters.get("properties", {})
    except UsageError:  # it is gone since then
        properties = {key: {"x-key": False} for key in ("model", "engine", "thinking")}
    # Parameters outside of content keys (a batch size) do not make another judge.
    telling = {
        name: value
        for name, value in judge["parameters"].items()
        if properties.get(name, {}).get("x-key", True)
    }
    # Whatever else says how verdicts came about tells judges apart; what was judged does not.
    about = ("judge", "judge_model", "engine", "scope", "eval")
    remaining = {name: value for name, value in spec.items() if name not in about}
    engine = spec.get("engine", {}).get("name")
    thinking = [model["thinking"]] if "thinking" in model else []
    key = digest([telling, model.get("identity"), engine, remaining, *thinking])[:SHORT]
    return JudgeId(judge["name"], model.get("name", ""), key)


def choose(judges: Collection[JudgeId], text: str, plugins: Plugins, where: str) -> JudgeId:
    """The judge that `text` means, NAME[@MODEL][#KEY], among those that judged.

    Raises UnknownName, UsageError if it has judged nothing `where`, or if several answer.
    """
    matches = sorted({judge for judge in judges if judge.answers_to(text)})
    if len(matches) == 1:
        return matches[0]
    if matches:
        alike = len({str(judge) for judge in matches}) < len(matches)
        names = [judge.full if alike else str(judge) for judge in matches]
        raise UsageError(
            f"'{text}' is the name of {len(matches)} judges {where}: {', '.join(names)}.",
            "Name one of these, or one run with --run.",
        )
    name = text.partition("#")[0].partition("@")[0]
    names_used = {judge.name for judge in judges}
    if name not in names_used | set(plugins.names("judge")):
        raise UnknownName("judge", name, names_used | set(plugins.names("judge")))
    there = ", ".join(sorted({str(judge) for judge in judges}))
    raise UsageError(
        f"The judge '{text}' has judged nothing {where}.",
        f"Have it judge the same answers: vibench run ... --judge "
        f"{','.join(sorted({*names_used, name}))}. Judges that have: {there or 'none'}.",
    )


def newest(stored: Sequence[StoredVerdicts], judge: JudgeId) -> dict[str, StoredVerdicts]:
    """A judge's verdicts by the transcripts they are on; the last ones where there are several
    (of different versions of the judge)."""
    return {verdicts.transcripts: verdicts for verdicts in stored if verdicts.judge == judge}
