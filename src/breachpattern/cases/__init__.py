"""One case at a time: what a single incident means, answered from state that is kept ready.

The engine works in columns over a whole extract; this room answers for one suspect and one victim in plain Python,
from what the engine left. Every rule here is the twin of one there and names it.
"""

import logging

from breachpattern.cases.index import CaseIndex

logging.getLogger(__name__).addHandler(logging.NullHandler())  # whoever embeds it says what becomes of its log

__all__ = ["CaseIndex"]
