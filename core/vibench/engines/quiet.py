"""Silence for the model libraries, whose messages would bury vibench's own.

transformers, datasets, TRL and PEFT warn and draw progress bars on import, load, save
and train. vibench shows its own progress, and it checks and reports itself what matters of
theirs (rows dropped, adapter keys missing, references that do not fit).
"""

from __future__ import annotations

import contextlib
import logging
import os
import warnings
from collections.abc import Iterator

__all__ = ["quiet"]

LOGGERS = ("transformers", "datasets", "trl", "peft", "accelerate", "huggingface_hub")


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Within it, Python warnings are off and the libraries log errors only."""
    # TRL warns of its experimental trainers (ORPO) unless this is set.
    os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")
    before = {name: logging.getLogger(name).level for name in LOGGERS}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            for name in LOGGERS:
                logging.getLogger(name).setLevel(logging.ERROR)
            with _no_progress_bars():
                yield
        finally:
            for name, level in before.items():
                logging.getLogger(name).setLevel(level)


@contextlib.contextmanager
def _no_progress_bars() -> Iterator[None]:
    from transformers.utils import logging as transformers_logging

    # A switch of its own: these bars are not log messages.
    enabled = transformers_logging.is_progress_bar_enabled()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        if enabled:
            transformers_logging.enable_progress_bar()
