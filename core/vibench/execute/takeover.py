"""Verdicts and answers that were paid for, taken over from a store of the version before.

A verdict is the answer to a question that is known by its whole content, so it holds wherever
the same judge would be asked the same. It is taken over if today's reading of its labels gives
the same labels. An answer of a model at an endpoint holds for the same messages, sampling and
seed. Under which names today's runs look for both, today's planner says (`Graph`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from vibench.errors import UsageError
from vibench.execute.old_store import JUDGED, OldStore, old_scope
from vibench.execute.takeover_checks import (
    OTHER_JUDGE,
    WHO_ANSWERED,
    WHO_JUDGED,
    WITH_THOUGHTS,
    has_thoughts,
    unfit,
    unsound,
)
from vibench.plan.graph import Graph
from vibench.records import ChatRequest, Model, Sampling, Subject, Transcript
from vibench.sessions.dialogues import request_seed
from vibench.sessions.replies import reply_key
from vibench.spec import Spec
from vibench.stages.transcripts import TranscriptsSpec
from vibench.stages.values import ValuesSpec
from vibench.stages.verdicts import VerdictsSpec
from vibench.stages.verification import VerificationSpec
from vibench.store.ledger_index import LedgerIndex
from vibench.store.record_tables import read_transcripts

if TYPE_CHECKING:
    from vibench.data import DataFiles
    from vibench.plugins import Plugins
    from vibench.registry import Catalogue
    from vibench.sessions.bills import Role
    from vibench.store.artefacts import Store

__all__ = ["Taken", "Takeover"]

SHARD_ROWS = 20_000

JUDGED_KINDS = (ValuesSpec.kind, VerificationSpec.kind, VerdictsSpec.kind)


@dataclass(slots=True)
class Taken:
    """Counts of verdicts and replies: taken over, there already, and left behind, by cause."""

    verdicts: int = 0
    replies: int = 0
    there: int = 0
    left: Counter[str] = field(default_factory=Counter)
    files: int = 0
    """Damaged files of the old store."""


class Takeover:
    """Takes over from `old` into `store`; the same again does nothing more."""

    def __init__(
        self, old: OldStore, store: Store, catalogue: Catalogue, plugins: Plugins, data: DataFiles
    ) -> None:
        self.old, self.store = old, store
        self.catalogue, self.plugins, self.data = catalogue, plugins, data
        self.taken = Taken()

    def run(self) -> Taken:
        """Do it. Raises StoreError for a store that cannot be read or written."""
        self.verdicts()
        self.finished_answers()
        self.unfinished_answers()
        self.taken.files = self.old.damaged
        return self.taken

    # -- verdicts ------------------------------------------------------------------

    def verdicts(self) -> None:
        """Every ledger of verdicts whose judge can be asked today."""
        scopes = dict(self._scopes())
        for scope in self.old.scopes():
            rows = self.old.rows(f"{JUDGED}{scope}")
            new = scopes.get(scope)
            if not new:
                # Unknown and changed are reported apart: of the first nothing more can be said.
                cause = WHO_JUDGED if new is None else OTHER_JUDGE
                self.taken.left[cause] += sum(1 for _ in rows)
                continue
            self.taken.verdicts += self._copy(f"judged-{new}", self._sound(rows))

    def _sound(self, rows: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[tuple[str, Any]]:
        for key, row in rows:
            cause = unsound(row)
            if cause:
                self.taken.left[cause] += 1
            else:
                yield key, row

    def _scopes(self) -> Iterator[tuple[str, str]]:
        """Each scope of the old store with what it is called today, "" if that is another
        judge's: by runs, of which not all are finished, and by finished stages."""
        for spec, _ in self.old.runs():
            try:
                yield from self._scopes_of_run(Graph(spec, self.catalogue, self.plugins, self.data))
            except UsageError:
                continue  # something it names is not here
        for _, manifest in self.old.manifests(*JUDGED_KINDS):
            if "scope" in manifest["spec"]:
                yield manifest["spec"]["scope"], self._scope_today(manifest["spec"])

    def _scopes_of_run(self, graph: Graph) -> Iterator[tuple[str, str]]:
        for name in graph.spec.evals:
            for evaluation, setting, _ in graph.parts.variants("eval", name):
                for judge_name in () if evaluation.measures else graph.spec.judging(name):
                    for judge, judging, _ in graph.parts.variants("judge", judge_name):
                        parts = {**graph.judged(judge, judging, setting), "eval": setting}
                        spec = VerdictsSpec(**{n: part.value for n, part in parts.items()})
                        if spec.scope:
                            yield old_scope(spec.table(), self.plugins), spec.scope

    def _scope_today(self, spec: Mapping[str, Any]) -> str:
        engine = spec["engine"]
        settings = {engine["name"]: {name: (v,) for name, v in engine["asked"].items()}}
        request = replace(NOTHING, engine=engine["name"], settings=settings)
        try:
            if old_scope(spec, self.plugins) != spec["scope"]:
                return ""
            graph = Graph(request, self.catalogue, self.plugins, self.data)
            pieces = {kind: spec[kind] for kind in ("judge", "eval") if kind in spec}
            built = {
                kind: graph.parts.build(kind, piece["name"], piece["asked"])
                for kind, piece in pieces.items()
            }
            about = [built["eval"][1]] if "eval" in built else []
            judged = graph.judged(*built["judge"], *about)
        except UsageError:
            return ""
        model = judged["judge_model"].value.model
        unchanged = model.identity == spec["judge_model"]["model"]["identity"]
        return str(judged["scope"].value) if unchanged else ""

    # -- answers -------------------------------------------------------------------

    def finished_answers(self) -> None:
        """The answers of finished stages, of one turn each."""
        for folder, manifest in self.old.manifests(TranscriptsSpec.kind):
            spec = manifest["spec"]
            if "sampling" not in spec or not self._remote(spec["engine"]["name"]):
                continue
            name = self._pool(spec)
            if name is None:
                self.taken.left[WHO_ANSWERED] += manifest["facts"]["transcripts"]
                continue
            if not self.old.table(folder / "transcripts.parquet"):
                continue
            transcripts = read_transcripts(folder / "transcripts.parquet")
            usd = manifest["facts"].get("endpoints", {}).get("usd")
            self.taken.replies += self._copy(name, self._answers(spec, transcripts, usd))

    def _answers(
        self, spec: Mapping[str, Any], transcripts: Iterable[Transcript], usd: float | None
    ) -> Iterator[tuple[str, Any]]:
        answers = list(transcripts)
        tokens = sum(t.prompt_tokens + t.completion_tokens for t in answers)
        subject = Subject(Model(**spec["subject"]["model"]), None, spec["subject"]["system"])
        for t in answers:
            cause = unfit(t)
            if cause:
                self.taken.left[cause] += 1
                continue
            request = ChatRequest(
                "", subject, t.messages[:-1], Sampling(**spec["sampling"]),
                request_seed(spec["seed"], t.sample.id, 0),
            )  # fmt: skip
            tokens_used = t.prompt_tokens, t.completion_tokens
            # Their sum was written down, and each had its share by its tokens.
            share = None if usd is None or not tokens else usd * sum(tokens_used) / tokens
            yield (
                reply_key("subject", request),
                {
                    "role": "subject",
                    "text": t.messages[-1].content,
                    "finish": t.finish,
                    "tokens": tokens_used,
                    "usd": share,
                },
            )

    def unfinished_answers(self) -> None:
        """The replies of stages that were not finished, of every role."""
        unknown = set(self.old.unfinished())
        for spec, cells in self.old.runs():
            keys = {c["transcripts"]: c["model"] for c in cells if c["transcripts"] in unknown}
            if not keys:
                continue
            try:
                graph = Graph(spec, self.catalogue, self.plugins, self.data)
                pools = {key: graph.pools(graph.model(keys[key])) for key in keys}
            except UsageError:
                continue
            for key, names in pools.items():
                unknown.discard(key)
                self._copy_replies(key, names)
        for key in unknown:
            self.taken.left[WHO_ANSWERED] += sum(1 for _ in self.old.rows(f"{key}/replies"))

    def _copy_replies(self, key: str, pools: Mapping[Role, str]) -> None:
        for role, name in pools.items():

            def rows(role: str = role) -> Iterator[tuple[str, Any]]:
                for reply, row in self.old.rows(f"{key}/replies"):
                    if (row["role"] == "subject") != (role == "subject"):
                        continue
                    if has_thoughts(row["text"]):
                        self.taken.left[WITH_THOUGHTS] += 1
                    else:
                        yield reply, row

            self.taken.replies += self._copy(name, rows())

    def _pool(self, spec: Mapping[str, Any]) -> str | None:
        engine = spec["engine"]
        settings = {engine["name"]: {name: (v,) for name, v in engine["asked"].items()}}
        request = replace(NOTHING, engine=engine["name"], settings=settings)
        try:
            graph = Graph(request, self.catalogue, self.plugins, self.data)
            return graph.pools(Model(**spec["subject"]["model"])).get("subject")
        except UsageError:
            return None

    def _remote(self, engine: str) -> bool:
        try:
            return bool(self.plugins.get("engine", engine).remote)
        except UsageError:
            return False

    # -- both ----------------------------------------------------------------------

    def _copy(self, name: str, rows: Iterable[tuple[str, Any]]) -> int:
        """Append what is not there yet; how many that were."""
        ledger = self.store.ledger(name)
        copied_before = LedgerIndex(ledger)
        copied_before.refresh()
        copied, fresh = 0, dict[str, Any]()
        for key, row in rows:
            if key in copied_before:
                self.taken.there += 1
                continue
            fresh[key] = row
            # In shards: a ledger may hold millions of rows, and each append is one file.
            if len(fresh) >= SHARD_ROWS:
                ledger.append(list(fresh.items()))
                copied += len(fresh)
                fresh = {}
        ledger.append(list(fresh.items()))
        return copied + len(fresh)


NOTHING: Final = Spec(
    models=(), inducers=(), values=(), evals=(), judges=(), seeds=(), settings={}, limit=None,
    data=None, sources=(), engine="", simulator=None, extractor="", profile="",
)  # fmt: skip
"""A spec that asks for nothing: plans are not made of it, only names."""
