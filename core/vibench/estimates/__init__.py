"""Estimates before a run: GPU hours, dollars, sizes."""
