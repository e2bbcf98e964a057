"""Simulated callers and their judge: whole dialogues in text, judged by what was said and what the diary then holds.

Nothing of the agent is imported here: calls go through the pipe of `voicefleet rehearse` (`door`). docs/evaluation.md.
"""
