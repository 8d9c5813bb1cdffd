"""Rubrics, judges' prompts and replies, structured answers, and the judge that asks a model."""
