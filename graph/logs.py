"""What is logged, and where to; what must not be read in a log is taken out of every line."""

import logging
import re
from copy import copy, deepcopy
from typing import Any

from uvicorn.config import LOGGING_CONFIG
from uvicorn.logging import AccessFormatter, DefaultFormatter

from graph.auth.tokens import PREFIX

_SECRETS = (
    # Of a url: what is before the host, even if it was cut short; and its query string.
    (re.compile(r"(://)[^\s/'\"@]*@"), r"\1***@"),
    (re.compile(r"(://)[^\s/'\"@:\[]*:(?!\d{1,5}\b)[^\s/'\"]*"), r"\1***"),
    (re.compile(r"(://[^\s?'\"]*\?)[^\s'\"]*"), r"\1***"),
    # Tokens: in their header, ours, and those that begin as JWTs do.
    (re.compile(r"(?i)\b(bearer) +[^\s'\",]{8,}"), r"\1 ***"),
    (re.compile(rf"\b{PREFIX}[\w-]+"), f"{PREFIX}***"),
    (re.compile(r"\beyJ[\w-]{8,}(\.[\w-]*)*"), "***"),
)


def redacted(text: str) -> str:
    """The text without tokens, and without the credentials of urls."""
    for secret, instead in _SECRETS:
        text = secret.sub(instead, text)
    return text


class Line(DefaultFormatter):
    """A line of the log, with its trace if it has one."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, redacted."""
        return redacted(super().format(record))


class AccessLine(AccessFormatter):
    """A line of the access log."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """The line without the query string, in which a whole query may stand."""
        client, method, path, *more = record.args if isinstance(record.args, tuple) else ()
        shown = copy(record)
        shown.args = (client, method, str(path).partition("?")[0], *more)
        return redacted(super().formatMessage(shown))


def configuration() -> dict[str, Any]:
    """Uvicorn's own configuration, redacting, for all that is logged."""
    config: dict[str, Any] = deepcopy(LOGGING_CONFIG)
    config["formatters"]["default"]["()"] = Line
    config["formatters"]["access"]["()"] = AccessLine
    config["root"] = {"handlers": ["default"], "level": "INFO"}
    return config
