"""``python -m breachpattern``: the command line."""

import sys

from breachpattern.cli import main

if __name__ == "__main__":
    sys.exit(main())
