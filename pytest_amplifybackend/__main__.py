"""``python -m pytest_amplifybackend`` is the command ``amplifybackend-fake``."""

from __future__ import annotations

import sys

from pytest_amplifybackend._cli import main

if __name__ == "__main__":
    sys.exit(main())
