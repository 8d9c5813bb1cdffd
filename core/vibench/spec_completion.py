"""From a run's options to its spec: the one place that fills in defaults."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.errors import SpecError, UnknownName
from vibench.files_in_options import with_absolute_files
from vibench.matrix_file import read_matrix
from vibench.option_values import checked_options
from vibench.preferences.pair_files import files_by_value
from vibench.run_options import ALL_VALUES, RunOptions, options_from_flags
from vibench.settings_in_use import settings_in_use
from vibench.spec import UNTOUCHED, Spec, judge_of

if TYPE_CHECKING:
    from vibench.plugins import Plugins
    from vibench.registry import Catalogue, Profile

__all__ = ["complete", "from_flags"]

EMBEDDED, PAPER = "embedded", "paper"


def from_flags(
    catalogue: Catalogue,
    plugins: Plugins,
    *,
    matrix: Path | None = None,
    evaluating: bool = True,
    **flags: Any,
) -> Spec:
    """Return the spec of a command line; `flags` is what `options_from_flags` takes.

    Flags win over the matrix file. Raises what `options_from_flags`, `read_matrix` and
    `complete` raise.
    """
    options = options_from_flags(**flags)
    options = options.over(read_matrix(matrix)) if matrix else options
    return complete(options, catalogue, plugins, evaluating)


def complete(
    options: RunOptions, catalogue: Catalogue, plugins: Plugins, evaluating: bool = True
) -> Spec:
    """Return the spec: the options, the profile's for those left out, and checked settings.

    The profile is the one that is set; else `embedded` if no model is set or all that are
    come with the project; else `paper`. Without `evaluating` the run is one of preference
    data alone: it needs no eval, the judges are the profile's verifiers, and the profile
    is `embedded` if no source but the embedded one and no file of pairs is set.

    Plugins in files have absolute paths in the spec.

    Raises SpecError (no eval; a setting that does not fit), UnknownName (a value, profile,
    or plugin with settings) and PluginError.
    """
    options = with_absolute_files(checked_options(options), plugins)
    profile = catalogue.profile(options.profile or _default_profile(options, catalogue, evaluating))
    if evaluating and not options.evals:
        names = ", ".join(plugins.names("eval")) or "none is installed"
        raise SpecError("No eval is set.", f"Set one with --eval: {names}.")
    _check_judges(options, evaluating)
    spec = _with_profile(options, profile, catalogue, evaluating)
    if evaluating:
        _check_trained(spec, plugins)
    settings = settings_in_use(spec, options.settings, profile, plugins)
    return replace(spec, settings=settings)


def _with_profile(
    options: RunOptions, profile: Profile, catalogue: Catalogue, evaluating: bool
) -> Spec:
    """Return the spec without settings."""
    chosen = tuple(catalogue.values) if ALL_VALUES in options.values else tuple(options.values)
    pairs = files_by_value(options.pairs, chosen)
    values = chosen or tuple(pairs) or profile.values
    judges = profile.judges if evaluating else profile.verifiers
    from_profile = {
        "models": profile.models,
        "judges": _judges_of(judges, options.evals),
        # General preference sets are searched only for values without pairs of their own.
        "sources": () if pairs.keys() >= {*values} else profile.sources,
        "engine": profile.engine,
        "simulator": profile.simulator,
        "extractor": profile.extractor,
    }
    resolved = {
        "inducers": tuple(dict.fromkeys((UNTOUCHED, *options.inducers))),
        "values": values,
        "evals": options.evals,
        "pairs": pairs,
        "settings": {},
        "profile": profile.name,
        # Looked up once: a value that only pairs define has a name and nothing else, which
        # later steps could not tell from an unknown one.
        "definitions": {name: catalogue.value(name, name in pairs) for name in values},
        "embedded_data": profile.embedded_data,
    }
    return Spec(**{**from_profile, **options.given, **resolved})


def _check_judges(options: RunOptions, evaluating: bool) -> None:
    """Raise SpecError for a judge of an eval that the run does not have."""
    for evaluation in (judge_of(text)[0] for text in options.judges):
        if evaluation and not evaluating:
            raise SpecError(
                f"A judge is set for the eval '{evaluation}', but this command runs no eval.",
                "Write the judge alone: --judge JUDGE.",
            )
        if evaluation and evaluation not in options.evals:
            hint = UnknownName("eval", evaluation, options.evals).hint
            raise SpecError(
                f"A judge is set for '{evaluation}', which is not an eval of this run.", hint
            )


def _check_trained(spec: Spec, plugins: Plugins) -> None:
    """Raise SpecError for pairs to train on in a run without an inducer that trains."""
    steps = dict.fromkeys(step for name in spec.inducers for step in name.split("+"))
    if spec.pairs and not any(plugins.get("inducer", step).trains for step in steps):
        raise SpecError(
            f"Pairs are set for {' and '.join(spec.pairs)}, but no inducer of this run trains"
            f" ({', '.join(steps)}).",
            "Add one that does (--inducer dpo), or leave --pairs out.",
        )


def _judges_of(judges: Sequence[str], evals: Sequence[str]) -> tuple[str, ...]:
    """Return a profile's judges without those of other evals."""
    return tuple(text for text in judges if judge_of(text)[0] in ("", *evals))


def _default_profile(options: RunOptions, catalogue: Catalogue, evaluating: bool) -> str:
    shipped = (
        all(map(catalogue.embedded, options.models))
        if evaluating
        else {*options.sources} <= {EMBEDDED} and not options.pairs
    )
    return EMBEDDED if shipped else PAPER
