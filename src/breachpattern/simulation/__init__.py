"""A fictional force with known truth.

The room is a noun and the function is a verb: a package called ``simulate`` would hide the function of that name.
"""

from breachpattern.simulation.force import Simulation, simulate

__all__ = ["Simulation", "simulate"]
