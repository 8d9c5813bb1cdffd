"""What would happen to the first samples of a run, without running a model.

Everything here is made by the code that runs make use of: their plan, dialogues, rubrics,
readers of replies and renderers. Only the models are replaced, by example replies.
"""
