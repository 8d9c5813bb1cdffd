"""Checks of a run's judges, before anything is planned for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from vibench.boundary import planning
from vibench.errors import SpecError
from vibench.plan.eval_requests import Asking
from vibench.plan.parts import Part

if TYPE_CHECKING:
    from vibench.interfaces import Judge
    from vibench.plugins import Plugins
    from vibench.spec import Spec

__all__ = ["check_judges"]


def check_judges(
    spec: Spec,
    plugins: Plugins,
    judged: Sequence[tuple[Asking, Sequence[tuple[Judge, Part, dict[str, Any]]]]],
) -> None:
    """Raise SpecError for judges that cannot answer, and UnknownName even if none is asked."""
    for name in set(spec.judge_names) - set(plugins.names("judge")):
        plugins.get("judge", name)  # says that it is unknown, and what there is
    judges = [judge for _, judges_of_eval in judged for judge, _, _ in judges_of_eval]
    if spec.judge_repeats > 1 and judges and all(j.model is None for j in judges):
        raise SpecError(
            f"--judge-repeats {spec.judge_repeats}: "
            f"{' and '.join(spec.judge_names)} asks no model, and gives the same answer "
            "each time.",
            "Name a judge that asks a model with --judge, or leave it out.",
        )
    for requests, judges_of_eval in judged:
        for judge, setting, _ in judges_of_eval:
            entry = plugins.entry("judge", setting.value.name)
            for rubric in requests.eval.rubric_names:
                with planning(entry, "accepts(rubric_name)"):
                    accepted = judge.accepts(rubric)
                if not accepted:
                    raise SpecError(
                        f"The judge '{setting.value.name}' cannot answer the question "
                        f"'{rubric}' that {type(requests.eval).__name__} asks.",
                        "Name another judge with --judge.",
                    )
