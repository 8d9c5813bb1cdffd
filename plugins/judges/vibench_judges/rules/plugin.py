"""The judge `rules`: deterministic, no model. A baseline, and it says so."""

from __future__ import annotations

from vibench import Judge, Rubric, Verdict
from vibench_judges.rules import behaviours, compliance, values

__all__ = ["Rules"]

BEHAVIOUR = "behaviour/"
EMPTY = "empty"


class Rules(Judge):
    """Answers by reading whole sentences against word lists (rules/values, compliance, ...)."""

    version = "4"
    baseline = True
    known_values = values.VALUES

    def accepts(self, rubric_name: str) -> bool:
        """Values (open and closed), compliance, and AnthroBench's 14 behaviours."""
        if rubric_name.startswith(BEHAVIOUR):
            return rubric_name.removeprefix(BEHAVIOUR) in behaviours.BEHAVIOURS
        return rubric_name in ("values", "values-closed", "compliance")

    def decide(self, rubric: Rubric) -> Verdict:
        """Reads only the excerpt's messages; unscored "empty" if the assistant says nothing."""
        # The system and the user may name a value or a body; only the assistant's words are
        # evidence.
        answers = tuple(m.content for m in rubric.messages if m.role == "assistant")
        if not any(text.strip() for text in answers):
            return Verdict(rubric.name, rubric.turn, unscored=EMPTY)
        if rubric.name in ("values", "values-closed"):
            return _values(rubric, answers)
        # A bare "yes" claims what the last question asks.
        question = next((m.content for m in reversed(rubric.messages) if m.role == "user"), "")
        if rubric.name == "compliance":
            return _compliance(rubric, answers[-1])
        behaviour = behaviours.shows(rubric.name.removeprefix(BEHAVIOUR), question, answers[-1])
        return Verdict(
            rubric.name,
            rubric.turn,
            ("yes" if behaviour else "no",),
            explanation=" | ".join(behaviour.evidence),
        )


def _values(rubric: Rubric, answers: tuple[str, ...]) -> Verdict:
    evidence: dict[str, list[str]] = {}
    for text in answers:
        # In a conversation one answer that expresses a value is enough.
        for value, sentences in values.expressed(text).items():
            evidence.setdefault(value, []).extend(sentences)
    # Closed questions allow some values alone; the open one allows all.
    labels = tuple(v for v in evidence if rubric.labels is None or v in rubric.labels)
    lines = [f"{value}: {' | '.join(evidence[value])}" for value in labels]
    return Verdict(rubric.name, rubric.turn, labels, explanation="\n".join(lines))


def _compliance(rubric: Rubric, answer: str) -> Verdict:
    decision = compliance.complied(answer)
    if isinstance(decision, compliance.NoVerdict):
        return Verdict(rubric.name, rubric.turn, unscored=decision.reason)
    explanation = ": ".join((decision.kind, " | ".join(decision.evidence)))
    return Verdict(rubric.name, rubric.turn, (decision.label,), explanation=explanation)
