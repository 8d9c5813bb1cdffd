"""A preview of the first samples of a run: what would happen to them, without running a model.

Everything here is made by the code that runs make use of: their plan, dialogues, rubrics,
readers of replies and renderers. Only the models are replaced, by example replies.
"""
