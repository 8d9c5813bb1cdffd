"""Talking to an OpenAI-compatible endpoint: where it is, what it is sent, how fast, what
its answers mean."""
