"""The vllm engine: one engine for a base model and all adapters on it, in one stream."""
