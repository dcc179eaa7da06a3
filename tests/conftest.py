"""Examples of properties: drawn anew on every run of a developer, the same ones on every run of CI."""

import os

from hypothesis import settings

settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")
