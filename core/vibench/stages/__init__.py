"""Stages: one unit of work in a plan, of one kind, with a content key."""
