"""The engines that come with vibench, registered through the same door as anyone else's."""

from __future__ import annotations

from collections.abc import Callable

from vibench.hookspecs import hookimpl


@hookimpl
def register_engines(register: Callable[[str, str], None]) -> None:
    register("transformers", "vibench.engines.transformers.engine:TransformersEngine")
    register("vllm", "vibench.engines.vllm.engine:VLLM")
    register("openai", "vibench.engines.openai.engine:OpenAI")
