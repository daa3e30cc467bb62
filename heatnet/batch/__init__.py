"""Batch runs: axes, seasons, engines, and a run that can be killed and resumed."""
