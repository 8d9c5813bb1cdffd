"""`vibench judges list`."""

from __future__ import annotations

from dataclasses import dataclass

from vibench.cli.listings import Form, print_listing
from vibench.cli.screen import console
from vibench.errors import UsageError
from vibench.exhibits.listing import Listing
from vibench.interfaces import JudgeModel
from vibench.plugins import Plugins

__all__ = ["listing"]


@dataclass(frozen=True, slots=True)
class Listed:
    """One installed judge. `trouble` says why nothing more is known of it."""

    name: str
    model: JudgeModel | None = None
    baseline: bool = False
    purpose: str = ""
    more: str = ""
    trouble: str = ""

    @property
    def asks(self) -> str:
        if self.trouble:
            return "not known"
        return self.model.model if self.model else "decides by itself"

    @property
    def engine(self) -> str | None:
        """The engine it names; the run's own if it names none, None if it asks nobody."""
        return (self.model.engine or "the run's own") if self.model else None


def listing(form: Form) -> int:
    """Print every installed judge, as it is unless parameters are set."""
    plugins = Plugins.discover()
    found = [listed(plugins, name) for name in plugins.names("judge")]
    columns = ("judge", "model", "engine", "baseline", "purpose", "more", "trouble")
    rows = [
        (j.name, j.model.model if j.model else None, j.engine, j.baseline, j.purpose,
         j.more or None, j.trouble or None)
        for j in found
    ]  # fmt: skip
    notes = [f"{j.name}: {j.trouble}" for j in found if j.trouble]
    for j in found:
        if j.more:
            stands_in = f" What stands in is named with --set {j.name}.model=NAME."
            notes.append(f"{j.name}: {j.more}{stands_in if j.model else ''}")
    if any(j.model for j in found):
        notes.append(
            "--set JUDGE.model=NAME has a judge ask another model, JUDGE.engine=NAME on another "
            "engine; which model judged is part of every key and table."
        )
    heads = ("judge", "asks", "on the engine", "baseline", "what it is for")
    shown = [(j.name, j.asks, j.engine, j.baseline, j.purpose) for j in found]
    title = "Judges"
    print_listing(
        Listing(title, columns, rows, notes=tuple(notes)),
        form,
        console(),
        (Listing(title, heads, shown, notes=tuple(f"\n{note}" for note in notes)),),
    )
    return 0


def listed(plugins: Plugins, name: str) -> Listed:
    """A judge as its plugin is with every parameter at its default."""
    try:
        contract = plugins.get("judge", name)
        first, _, more = (contract.__doc__ or "").strip().partition("\n")
        about = Listed(name, None, contract.baseline, first, " ".join(more.split()))
    except UsageError as error:
        return Listed(name, trouble=str(error))
    try:
        judge = plugins.build("judge", name, {})
    except UsageError as error:  # it has a parameter without a default
        return Listed(name, None, about.baseline, about.purpose, about.more, str(error))
    return Listed(name, judge.model, about.baseline, about.purpose, about.more)
