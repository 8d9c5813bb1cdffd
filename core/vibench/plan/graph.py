"""The stages behind a cell, each added once and after what it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vibench.engines.template_files import local_facts
from vibench.errors import SpecError
from vibench.interfaces import Engine, Eval, Judge
from vibench.plan.eval_requests import Asking, MeasuringEval
from vibench.plan.parts import Part, Parts, part, stage_keys
from vibench.prices import Spending, how_to_price
from vibench.records import Model, Sampling, Subject, Thinking, digest
from vibench.sessions.bills import Role, bills_of
from vibench.sessions.configs import DataPlace
from vibench.sessions.stage_work import Need
from vibench.spec import engine_of
from vibench.stages.receipt import ReceiptSpec
from vibench.stages.specification import StageSpec
from vibench.stages.stage import Stage
from vibench.stages.transcripts import ConversationsSpec, MeasurementSpec

if TYPE_CHECKING:
    from vibench.data import DataFiles
    from vibench.plugins import Plugins
    from vibench.registry import Catalogue
    from vibench.spec import Spec

__all__ = ["Graph", "Named"]


Named = Sequence[tuple[str, str]]
"""The keys of what a stage needs, each with the name that the stage has for it."""


class Graph:
    """The DAG while it grows. Equal work has an equal key, so it is added once."""

    def __init__(self, spec: Spec, catalogue: Catalogue, plugins: Plugins, data: DataFiles) -> None:
        self.spec = spec
        self.plugins = plugins
        self.data = data
        self.parts = Parts(spec, plugins)
        self.stages: dict[str, Stage] = {}
        self.catalogue = catalogue
        self.reply_pools: dict[Model, dict[Role, str]] = {}
        self.max_errors = Part(spec.max_errors, "")
        self.judging: dict[tuple[Any, ...], dict[str, Part]] = {}
        self.engine = self.parts.single("engine", spec.engine)[1]
        self.simulator_engine, name = engine_of(spec.simulator or "", plugins)
        self.simulator = self._simulator(name) if name else None

    def stage(
        self,
        form: type[StageSpec],
        label: str,
        parts: Mapping[str, Part],
        needs: Named = (),
        work: Mapping[str, int] | None = None,
    ) -> str:
        """Add a stage unless an equal one is there; return its key."""
        if form.bounded:
            # No part of the key: what is within one bound is as good as within another.
            parts = {**parts, "max_errors": self.max_errors}
        # Needs are part of the key: a change anywhere upstream gives new keys to everything
        # downstream, and to nothing else.
        likenesses = [(key, self.stages[key].likeness) for _, key in needs]
        key, likeness = stage_keys(form, parts, likenesses)
        if key not in self.stages:
            # Only for a new key: of a hundred thousand cells most stages are there already.
            spec = form(**{name: p.value for name, p in parts.items()})
            needed = tuple(self.need(form, name, need) for name, need in needs)
            holding = spec.holding(self.plugins)
            self.stages[key] = Stage(key, label, needed, spec, holding, work or {}, likeness)
        return key

    def need(self, form: type[StageSpec], name: str, key: str) -> Need:
        """Return a need of a stage; it has the kind that the stage's own kind declares."""
        kind = form.needed[name]
        assert self.stages[key].kind == kind, f"{form.__name__}.{name} is of the kind {kind}"
        return Need(name, kind, key)

    def spending(self) -> Spending:
        """Return prices and budget. Raises SpecError for a budget that could not be kept: of a
        model at an endpoint without a price."""
        spending = Spending(self.catalogue.prices, self.spec.budget_usd)
        if spending.budget is None:
            return spending
        for stage in self.stages.values():
            for bill in bills_of(stage.spec.models(), self.plugins, spending).values():
                if bill.price is None:
                    raise SpecError(
                        f"A budget is set, but the price of '{bill.model}' is not known.",
                        how_to_price(bill.model),
                    )
        return spending

    def transcripts(
        self, name: str, subject: Subject, requests: Asking, sampling: Sampling, seed: int
    ) -> str:
        parts = {
            "subject": self.parts.subject(subject),
            "engine": self.engine,
            "eval": requests.part,
            "sampling": self.parts.known(sampling),
            "seed": self.parts.known(seed),
        }
        roles = [role for role in requests.eval.roles if role != "subject"]
        if roles:
            parts["simulator"] = self.parts.subject(Subject(self.played_by(requests.eval, roles)))
            if self.simulator_engine:
                parts["simulator_engine"] = self.parts.single("engine", self.simulator_engine)[1]
        if subject.model not in self.reply_pools:
            self.reply_pools[subject.model] = self.pools(subject.model)
        # No part of the key: which replies were taken over from another store does not change the
        # answers.
        if pools := self.reply_pools[subject.model]:
            parts["pools"] = Part(pools, "")
        return self.stage(
            ConversationsSpec,
            f"{name}: {requests.part.value.name}",
            parts,
            [("samples", requests.samples), *self.adapted(name, subject)],
            {"completions": requests.completions},
        )

    def pools(self, model: Model) -> dict[Role, str]:
        """The ledgers of replies that were taken over from other stores, of those that are asked
        at endpoints: by who answers, as what was asked is in each reply's key."""
        roles: dict[Role, tuple[Model, str]] = {"subject": (model, self.spec.engine)}
        if self.simulator is not None:
            roles["simulator"] = self.simulator, self.simulator_engine or self.spec.engine
        return {
            role: f"replies-{digest([who.identity, self.parts.single('engine', engine)[1].key])}"
            for role, (who, engine) in roles.items()
            if self.plugins.get("engine", engine).remote
        }

    def measured(self, name: str, subject: Subject, requests: MeasuringEval) -> str:
        """The transcripts of an eval that measures by itself. It says how answers are drawn,
        so that they do not depend on the run's sampling and seed."""
        return self.stage(
            MeasurementSpec,
            f"{name}: {requests.part.value.name}",
            {
                "subject": self.parts.subject(subject),
                "engine": self.engine,
                "eval": requests.part,
                "asks": requests.asks,
                "limit": part(self.spec.limit),
                "data": self.place(),
            },
            self.adapted(name, subject),
            {"requests": requests.requests},
        )

    def adapted(self, name: str, subject: Subject) -> Named:
        """Return what asking a subject with an adapter needs: that, and the proof of its effect."""
        if subject.adapter is None:
            return ()
        return [("adapter", subject.adapter.key), ("receipt", self.receipt(name, subject))]

    def receipt(self, name: str, subject: Subject) -> str:
        assert subject.adapter is not None
        # Without the system prompt: an adapter is proved once, whatever prompts are put on top of
        # it.
        bare = Subject(subject.model, subject.adapter)
        return self.stage(
            ReceiptSpec,
            f"{name}: adapter in effect",
            {"subject": self.parts.subject(bare), "engine": self.engine},
            [("adapter", subject.adapter.key)],
        )

    def judged(
        self, judge: Judge, setting: Part, *about: Part, repeats: int = 1, repeat: int = 0
    ) -> dict[str, Part]:
        """Return the parts of a stage that name its judge.

        Verdicts that cost a model's time are kept in a ledger that outlasts the stage. Its
        `scope` is the judge and the eval whose answers are judged (`about`): another subject
        that says the same, a stage with more samples, or one of a mended file finds in it
        what the one before was told. A judge of another version has another scope. An eval
        of another version has not: a question is known by its whole content in a ledger, so
        that one which the new version asks as the old did need not be paid for again.
        `repeats` is how often each question is put to a model, `repeat` which of several
        times it is where each has a stage of its own.
        """
        # Thousands of stages are judged alike; what they share is put together once. A setting's
        # key says nothing of the model and the engine, which are known by what they stand for.
        alike = (setting.key, judge.model, tuple(p.key for p in about), repeats, repeat)
        if alike not in self.judging:
            self.judging[alike] = self._judged(judge, setting, about, repeats, repeat)
        return self.judging[alike]

    def _judged(
        self, judge: Judge, setting: Part, about: Sequence[Part], repeats: int, repeat: int
    ) -> dict[str, Part]:
        if judge.model is None:
            return {"judge": setting}
        name = judge.model.engine or self.spec.engine
        model = self.model(judge.model.model, name, (setting.value.name, judge.model.thinking))
        self._check_engine_of_judge(name, setting.value.name)
        parts = {
            "judge": setting,
            "judge_model": self.parts.subject(Subject(model)),
            "engine": self.parts.single("engine", name)[1],
        }
        scope = digest([*(p.key for p in parts.values()), *(p.likeness for p in about)])
        parts["scope"] = Part(scope, "")
        if repeats > 1:  # No part of the scope: the first of three is what one is.
            # Votes by spelling, since values are named freely, once were votes by wording.
            parts["repeats"] = part(repeats, [repeats, "by spelling"])
        if repeat:
            parts["repeat"] = part(repeat)
        return parts

    def check_template(self, subject: Subject, inducer: str) -> None:
        """Raise SpecError for a subject that needs the chat template of an endpoint's model."""
        engine = self.spec.engine
        if subject.template_system == "append" and self.plugins.get("engine", engine).remote:
            raise SpecError(
                f"'{inducer}' is to keep the chat template's own system prompt, but at the "
                f"endpoint of the engine '{engine}' the template is unknown.",
                "Use another --engine, or leave out template_system=append.",
            )

    def _check_engine_of_judge(self, engine: str, judge: str) -> None:
        """Raise SpecError for a setting that would do nothing: thoughts of a judge are its own."""
        settings = self.parts.single("engine", engine)[1].value.parameters
        engines = {self.spec.engine, self.simulator_engine}
        if engine not in engines and settings.get("thinking", "template") != "template":
            raise SpecError(
                f"{engine}.thinking is for subjects, but the engine '{engine}' runs judges alone.",
                f"Set {judge}.thinking instead.",
            )

    def _simulator(self, name: str) -> Model:
        """The simulated user's model. The run's engine has its setting of thoughts for subjects;
        one that runs the simulator alone has it for that."""
        engine = self.simulator_engine
        shared = engine in ("", self.spec.engine)
        return self.model(name, engine, ("simulator", "template") if shared else None)

    def model(
        self, text: str, engine: str = "", thinking: tuple[str, Thinking] | None = None
    ) -> Model:
        """The model that a name stands for on an engine (the run's own unless given), to be asked
        for thoughts as the plugin of `thinking` has it, or else the engine."""
        name = engine or self.spec.engine
        contract: type[Engine] = self.plugins.get("engine", name)
        settings = self.parts.single("engine", name)[1].value.parameters
        plugin, setting = thinking or (name, settings.get("thinking", "template"))
        if setting != "template" and "thinking" not in settings:
            raise SpecError(
                f"{plugin}.thinking is '{setting}', but the engine '{name}' cannot tell a model "
                "whether to think.",
                f"Leave it out, and set it where '{text}' is served; or use another engine "
                "(transformers, vllm).",
            )
        if contract.remote:
            return Model(text, text, f"endpoint:{text}")
        model = replace(self.catalogue.model(text), thinking=setting)
        if setting != "template":
            # Now rather than hours later, when the model is loaded.
            local_facts(model, settings.get("chat_template", ""))
        return model

    def place(self) -> Part:
        """Return the place of the data: needed to do the work, but not part of any key."""
        folder = str(self.data.folder.resolve()) if self.data.folder else None
        return Part(DataPlace(folder, self.data.embedded, self.data.datasets), "")

    def played_by(self, evaluation: Eval, roles: Sequence[str]) -> Model:
        if self.simulator is None:
            raise SpecError(
                f"The eval '{type(evaluation).__name__}' also needs a {' and a '.join(roles)}, "
                "but no model is set for it.",
                "Name one with --simulator.",
            )
        return self.simulator
