"""Examples of properties: drawn anew on every run of a developer, the same ones on every run of CI.

No test fails because the machine is busy: speed is measured in ``benchmarks``.
"""

import os

from hypothesis import settings

settings.register_profile("work", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "work")
