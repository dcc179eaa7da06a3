"""The review pack: a run folder as pages to read, sort and print, without a network and without a server."""

from breachpattern.report.decisions import Decision
from breachpattern.report.pack import Pack, write_pack

__all__ = ["Decision", "Pack", "write_pack"]
