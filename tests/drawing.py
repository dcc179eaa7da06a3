"""How many examples a property draws: a share of what its test says, which is the count of a full run."""

from hypothesis import settings

FULL = 50


def up_to(full: int) -> int:
    """Return the examples that the profile in force draws where a full run draws so many; one at least."""
    return -(-full * settings().max_examples // FULL)
