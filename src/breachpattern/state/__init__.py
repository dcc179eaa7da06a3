"""States: what was accepted so far and what it came to, so that a nightly batch costs what it reaches."""

from breachpattern.state.changes import Changes
from breachpattern.state.lock import hold
from breachpattern.state.state import State

__all__ = ["Changes", "State", "hold"]
