"""From what was asked to what must be done: a DAG of stages with content keys.

Planning is pure: it reads the catalogue, the plugins' contracts and the prompt files, and
runs nothing. A stage's key is the hash of everything that determines its result and of the
keys it needs, so equal work has one key and appears once: one vanilla baseline, one
reference pass, one set of transcripts for all judges.
"""

from __future__ import annotations

from vibench.plan.plan import Cell, Plan
from vibench.plan.planner import make_plan
from vibench.stages.stage import Stage

__all__ = ["Cell", "Plan", "Stage", "make_plan"]
