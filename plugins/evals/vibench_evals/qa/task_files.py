"""lm-eval's own tasks, loaded by lm-eval. Only this module, `model`, `requests` and `once`
import it."""

from __future__ import annotations

import logging
import os
import urllib.error
import urllib.request
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from vibench import DataError, UsageError, quiet
from vibench_evals.qa.sources import QuestionSource
from vibench_evals.qa.tasks import Leaf

__all__ = ["load", "silent"]

PATIENCE = 10.0
"""Seconds to wait for the hub before only its cache is used."""


def load(leaves: Sequence[Leaf], source: QuestionSource) -> dict[str, Any]:
    """lm-eval's task objects by name, with their questions read.

    Raises DataError where questions cannot be had, and UsageError for tasks that cannot run
    here (a package of theirs that is missing, code of the data set's own).
    """
    folders = tuple(dict.fromkeys(leaf.file.parent for leaf in leaves))
    definitions = [{"task": leaf.name, **leaf.over, **source.overrides(leaf)} for leaf in leaves]
    with silent(), _hub(source.remote), _explained(leaves):
        loaded = _tasks(folders).load([{"group": "vibench", "task": definitions}])
    tasks: dict[str, Any] = loaded["tasks"]
    return tasks


@cache
def _tasks(folders: tuple[Path, ...]) -> Any:
    from lm_eval.tasks import TaskManager

    # The default index of 14,000 tasks takes 5 to 7 s to build.
    return TaskManager(include_defaults=False, include_path=list(folders))


@contextmanager
def silent() -> Iterator[None]:
    """Within it the model libraries and lm-eval say errors only."""
    import datasets

    logger = logging.getLogger("lm_eval")
    before, bars = logger.level, datasets.are_progress_bars_disabled()
    with quiet(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logger.setLevel(logging.ERROR)
        datasets.disable_progress_bars()
        try:
            yield
        finally:
            logger.setLevel(before)
            if not bars:
                datasets.enable_progress_bars()


@contextmanager
def _hub(needed: bool) -> Iterator[None]:
    """Within it the hub's client looks into its cache only, if the hub is to be `asked` and
    does not answer soon: by itself it would try for half a minute, for every data set."""
    import datasets
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE, datasets.config.HF_HUB_OFFLINE
    # Without the check, the hub's client retries for half a minute for every data set.
    if needed and not before[0] and not _answers(_endpoint()):
        constants.HF_HUB_OFFLINE = datasets.config.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE, datasets.config.HF_HUB_OFFLINE = before


def _endpoint() -> str:
    from huggingface_hub import constants

    return str(constants.ENDPOINT)


@cache
def _answers(endpoint: str) -> bool:
    request = urllib.request.Request(endpoint, method="HEAD", headers={"User-Agent": "vibench"})
    try:
        urllib.request.urlopen(request, timeout=PATIENCE).close()
    except urllib.error.HTTPError as error:
        error.close()
    except (OSError, ValueError):
        return False
    return True


@contextmanager
def _explained(leaves: Sequence[Leaf]) -> Iterator[None]:
    """Turn what the libraries raise about tasks and data sets into a sentence and a way out."""
    names = ", ".join(dict.fromkeys(leaf.dataset or leaf.name for leaf in leaves))
    try:
        yield
    except ImportError as error:
        package = (error.name or str(error)).partition(".")[0]
        raise UsageError(
            f"lm-eval's task '{leaves[0].name}' needs the Python package '{package}', which is "
            "not installed.",
            f"Install it with: pip install {package} (lm-eval's README has its extras by task).",
        ) from error
    except RuntimeError as error:
        if "scripts are no longer supported" not in str(error):
            raise
        raise UsageError(
            f"The data set {names} is a program, and vibench runs no code of data sets.",
            "Choose another task.",
        ) from error
    except KeyError as error:
        raise DataError(
            f"The data set {names} has no {error}, a split or column that lm-eval reads.",
            "Fetch the whole of it (hf download NAME --repo-type dataset), or mend the definition "
            "of a task of your own.",
        ) from error
    except ValueError as error:
        if "BuilderConfig" not in str(error) and "find cache" not in str(error):
            raise
        raise DataError(
            f"The data set {names} is here, but not the part of it that is asked: {error}",
            "Fetch the whole of it (hf download NAME --repo-type dataset), with its README.md.",
        ) from error
    except (ConnectionError, FileNotFoundError) as error:
        reason = str(error).splitlines()[0]
        if os.environ.get("HF_HUB_OFFLINE"):
            reason = "HF_HUB_OFFLINE is set"
        elif not _answers(_endpoint()):
            reason = f"{_endpoint()} does not answer"
        raise DataError(
            f"The questions of {names} can neither be had from the hub ({reason}) nor from its "
            "cache on this machine.",
            "Run again with a network (and without HF_HUB_OFFLINE), or name a folder that has "
            "them with --data FOLDER (docs/qa.md says in which form).",
        ) from error
