"""`vibench judges list`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from vibench.cli.listings import Form, print_listing
from vibench.cli.screen import console
from vibench.errors import UsageError
from vibench.exhibits.lists import Listing
from vibench.interfaces import JudgeModel
from vibench.plugins import Plugins

__all__ = ["listing"]


@dataclass(frozen=True, slots=True)
class Listed:
    """An installed judge; `trouble` is the error if it could not be loaded or made.

    `purpose` is the first line of its docstring and `details` the rest.
    """

    name: str
    model: JudgeModel | None = None
    baseline: bool = False
    purpose: str = ""
    details: str = ""
    trouble: str = ""

    @property
    def asks(self) -> str:
        """The model it asks, as text."""
        if self.trouble:
            return "unknown"
        return self.model.model if self.model else "no model"

    @property
    def engine(self) -> str | None:
        """The engine it names, or the run's own; None if it asks no model."""
        return (self.model.engine or "the run's own") if self.model else None


def listing(form: Form) -> int:
    """Print every installed judge with its default parameters."""
    plugins = Plugins.discover()
    judges = [listed(plugins, name) for name in plugins.names("judge")]
    columns = ("judge", "model", "engine", "baseline", "purpose", "more", "trouble")
    rows = [
        (
            j.name,
            j.model.model if j.model else None,
            j.engine,
            j.baseline,
            j.purpose,
            j.details or None,
            j.trouble or None,
        )
        for j in judges
    ]
    notes = [f"{j.name}: {j.trouble}" for j in judges if j.trouble]
    for j in judges:
        if j.details:
            replacement = f" Use another model with --set {j.name}.model=NAME."
            notes.append(f"{j.name}: {j.details}{replacement if j.model else ''}")
    if any(j.model for j in judges):
        notes.append(
            "--set JUDGE.model=NAME makes a judge ask another model, JUDGE.engine=NAME on another "
            "engine. The model that judged is part of every key and table."
        )
    heads = ("judge", "asks", "engine", "baseline", "purpose")
    short = [(j.name, j.asks, j.engine, j.baseline, j.purpose) for j in judges]
    title = "Judges"
    print_listing(
        Listing(title, columns, rows, notes=tuple(notes)),
        form,
        console(),
        (Listing(title, heads, short, notes=tuple(f"\n{note}" for note in notes)),),
    )
    return 0


def listed(plugins: Plugins, name: str) -> Listed:
    """Return a judge with every parameter at its default."""
    try:
        contract = plugins.get("judge", name)
        first, _, rest = (contract.__doc__ or "").strip().partition("\n")
        about = Listed(name, None, contract.baseline, first, " ".join(rest.split()))
    except UsageError as error:
        return Listed(name, trouble=str(error))
    # In two steps, since a judge that cannot be made is listed with what its class says of it.
    try:
        judge = plugins.build("judge", name, {})
    except UsageError as error:  # It has a parameter without a default.
        return replace(about, trouble=str(error))
    return replace(about, model=judge.model)
