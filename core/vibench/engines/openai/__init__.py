"""The openai engine: models behind OpenAI-compatible chat endpoints."""
