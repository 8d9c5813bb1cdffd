"""Stages in which an inducer trains an adapter; core checks it and measures its effect."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from vibench.errors import PluginError, StageError, UsageError
from vibench.hooks import cause
from vibench.interfaces import TrainingJob
from vibench.plugin_errors import title
from vibench.records import Adapter, PreferencePair, Subject, Value
from vibench.sessions.configs import InducerConfig
from vibench.sessions.open_sessions import LOADING
from vibench.sessions.prompt_files import write_pair
from vibench.stages.reference import subset_pairs, subset_units
from vibench.stages.specification import SubjectSpec
from vibench.stages.workload import NeedFacts, Workload

if TYPE_CHECKING:
    from vibench.interfaces import Inducer
    from vibench.sessions.work import Work

__all__ = ["AdapterSpec"]

FILES = ("adapter_config.json", "adapter_model.safetensors")

EPOCHS = 1.0
"""Taken for an inducer that has no parameter of this name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterSpec(SubjectSpec):
    """An adapter trained on the pairs of a value, from a subject that may have one already."""

    kind = "adapter"
    needed: ClassVar = {"subset": "subset", "start": "adapter", "reference": "reference"}
    until = True

    inducer: InducerConfig
    value: Value
    seed: int

    def run(self, work: Work) -> Mapping[str, Any]:
        """Train. The folder is a PEFT adapter as it stands, with its receipt."""
        work.process.sessions.close()  # The inducer loads the model itself: it needs the memory.
        work.progress(0, 0, f"{LOADING}{self.subject.model.name}")
        return self.train(work, subset_pairs(work))

    def train(self, work: Work, pairs: Sequence[PreferencePair]) -> Mapping[str, Any]:
        """Train on `pairs` and write the receipt; return the inducer's facts for the manifest.

        Raises PluginError if the inducer leaves no PEFT adapter.
        """
        inducer: Inducer = work.plugin(self.inducer)
        name = title(work.plugins.entry("inducer", self.inducer.name))
        reference: dict[str, tuple[float, float]] = {}
        if inducer.needs_reference:
            rows = json.loads(work.need("reference").file("reference.json").read_text())
            reference = {k: (v[0], v[1]) for k, v in rows.items()}
        subject = work.subject(self.subject)
        job = TrainingJob(
            subject,
            self.value,
            pairs,
            reference,
            self.seed,
            work.folder,
            work.store.scratch(work.stage.key),
            work.progress,
        )
        # The plugin writes into the folder of the artefact itself; what it leaves is checked
        # before it is committed.
        facts = inducer.train(job)
        check_adapter(work.folder, name)
        write_receipt_of(work.folder, self.inducer.parameters, subject, pairs, name)
        write_pair(work.folder, subject, self.inducer.parameters, pairs)
        return plain_facts(facts, name)

    def workload(self) -> Workload:
        """Return what a pair takes: a pass forward and back in each epoch."""
        epochs = float(self.inducer.parameters.get("epochs", EPOCHS))
        # A pair may give several rows, and plans count pairs. Before 0.3 a row was a pair.
        return Workload("training", "pairs_used", "rows_used", rounds=epochs, passes=1.0)

    def units(self, work: Mapping[str, int], facts: NeedFacts) -> float:
        """Return the number of pairs, each as often as there are epochs."""
        return subset_units(facts) * self.workload().rounds


def check_adapter(folder: Path, name: str) -> None:
    """Raise PluginError naming what an adapter's folder lacks, or why no engine can use it."""
    lacking = [file for file in FILES if not (folder / file).is_file()]
    if lacking:
        raise PluginError(
            f"{name} trained but left no {' and no '.join(lacking)} in the job's folder.",
            "Its train(job) must save a PEFT adapter there, as safetensors: "
            "model.save_pretrained(job.folder).",
        )

    from vibench.engines.adapter_kinds import AdapterError, UnsupportedAdapter, read_kind

    try:
        read_kind(folder)
    except UnsupportedAdapter as error:
        raise PluginError(
            f"{name} trained what no engine can use: {error}.",
            "Train LoRA with PEFT's own start (init_lora_weights=True), or see docs/engines.md for "
            "the kinds of adapters that engines carry.",
        ) from error
    except AdapterError:  # which PEFT words better, when the receipt is measured
        return


def write_receipt_of(
    folder: Path,
    parameters: Mapping[str, Any],
    start: Subject,
    pairs: Sequence[PreferencePair],
    name: str,
) -> None:
    """Measure by PEFT what the adapter does, from its saved files, for engines to be held to.

    It is core that does, for every inducer alike: a proof by the plugin that is to be proved
    would be none.
    """
    from vibench.engines.memory import free_memory
    from vibench.engines.receipt import measure_with_peft, write_receipt
    from vibench.training import LoadOptions

    free_memory()
    adapter = Adapter("receipt", start.model.source, str(folder))
    options = LoadOptions.of(parameters)
    try:
        dtype, rows = measure_with_peft(
            replace(start, adapter=adapter, system=None), pairs, **asdict(options)
        )
    except UsageError:
        raise
    except Exception as error:
        raise StageError(
            f"{name} left an adapter that PEFT cannot apply to '{start.model.name}': {cause(error)}"
        ) from error
    write_receipt(folder, dtype, rows)


def plain_facts(facts: object, name: str) -> Mapping[str, Any]:
    """The facts as JSON; what is none is written as text, so that no training is lost for it.

    Raises PluginError for anything but a mapping or None.
    """
    if facts is None:
        return {}
    if not isinstance(facts, Mapping):
        raise PluginError(
            f"{name} returned {facts!r:.60} from train(), which is not a mapping of facts.",
            "Return a dict or None.",
        )
    plain: dict[str, Any] = json.loads(json.dumps(dict(facts), default=str))
    return plain
