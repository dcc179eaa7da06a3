"""Models as files that cannot run code: readable JSON for our own, skops with a fixed list of types for all others."""
