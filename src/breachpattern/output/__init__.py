"""Outputs: the engine's answers as tables of text, and the run folder that holds them."""
