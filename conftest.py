"""Root conftest: switches on `pytester`, which pytest allows in a root conftest only.

The plugin itself comes in through its entry point, as it does for a user.

Hypothesis, where it is installed, is imported once: its pytest plugin imports it at the end of
every run, and an in-process run of `pytester` forgets what it imported. Such tests take half the
time.
"""

import contextlib

with contextlib.suppress(ImportError):
    import hypothesis  # noqa: F401  (kept in sys.modules, not used here)

pytest_plugins = ["pytester"]
