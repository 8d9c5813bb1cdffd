"""A watch on an engine's process: if it is killed, vLLM's client would wait forever."""

from __future__ import annotations

import contextlib
import threading
from multiprocessing.connection import wait
from typing import Any

__all__ = ["watch"]


def watch(engine: Any) -> None:
    """From now on, a call of the engine raises EngineDeadError if its process is killed.

    vLLM (0.32) informs its client of an engine that ends with an exception, but not of one that
    is killed, as by the system when memory runs out.
    """
    from vllm.v1.engine.exceptions import EngineDeadError

    client = engine.engine_core
    processes = getattr(client.resources.engine_manager, "processes", [])
    answers, calls = client.outputs_queue, client.utility_results
    if not processes:
        return

    def report_death() -> None:
        # A step waits for the queue of outputs, and a call such as `add_lora` for its own result:
        # both have to be woken.
        wait([process.sentinel for process in processes])
        answers.put(EngineDeadError())
        for call in list(calls.values()):
            with contextlib.suppress(Exception):  # It was answered just now.
                call.set_exception(EngineDeadError())

    threading.Thread(target=report_death, name="vibench-engine-watch", daemon=True).start()
