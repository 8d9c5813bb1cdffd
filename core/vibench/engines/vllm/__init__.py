"""The parts of the `vllm` engine: what is asked, what room adapters need, the engine itself."""
