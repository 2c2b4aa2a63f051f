"""botocore's DEBUG log, without secrets while a fake is active.

On that level botocore logs requests and answers whole: configs, and the session token that signs
them. pytest shows it all for a test that fails (``-o log_level=DEBUG``).
"""

from __future__ import annotations

import logging
import re

from pytest_amplifybackend._api.secrets.texts import Scrubber, secrets_of

_LOGGERS = ("botocore.auth", "botocore.endpoint", "botocore.parsers")
"""The loggers that write requests and answers; aiobotocore uses the same."""

_TOKEN = re.compile(r"^x-amz-security-token:(.+)$", re.MULTILINE | re.IGNORECASE)
"""The session token in what is signed."""


class Redacted:
    """A change of the process: what the loggers write is redacted, for any handler."""

    def __init__(self) -> None:
        self._filter = _Redacting()

    def apply(self) -> None:
        """Add the filter."""
        for name in _LOGGERS:
            logging.getLogger(name).addFilter(self._filter)

    def undo(self) -> None:
        """Take it off; does nothing where it is not there."""
        for name in _LOGGERS:
            logging.getLogger(name).removeFilter(self._filter)


class _Redacting(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        secrets = {*secrets_of([record.args, text]), *_TOKEN.findall(text)}
        if secrets:
            record.msg, record.args = Scrubber(secrets)(text), None
        return True
