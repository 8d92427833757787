"""The format of the log: JSON or text lines on stderr, from which secrets are redacted."""

import logging
import re
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from graph.auth.static_tokens import PREFIX

_SECRETS = (
    # Of a URL: the credentials before the host, also if it is cut off, and the query string.
    ("://", re.compile(r"(://)[^\s/'\"@]*@"), r"\1***@"),
    ("://", re.compile(r"(://)[^\s/'\"@:\[]*:(?!\d{1,5}\b)[^\s/'\"]*"), r"\1***"),
    ("://", re.compile(r"(://[^\s?'\"]*\?)[^\s'\"]*"), r"\1***"),
    # Tokens: in the Authorization header, static tokens, and anything that looks like a JWT.
    ("bearer", re.compile(r"(?i)\b(bearer) +[^\s'\",]{8,}"), r"\1 ***"),
    (PREFIX, re.compile(rf"\b{PREFIX}[\w-]+"), f"{PREFIX}***"),
    ("eyj", re.compile(r"\beyJ[\w-]{8,}(\.[\w-]*)*"), "***"),
)
"""A marker in lower case, a pattern and its replacement.

The pattern is tried only on lines with the marker, which few lines have.
"""


def redact(text: str) -> str:
    """Replace tokens and the credentials of URLs in a text by asterisks."""
    lower = text.lower()
    for marker, pattern, replacement in _SECRETS:
        if marker in lower:
            text = pattern.sub(replacement, text)
    return text


def _redact_value(value: object) -> object:
    if isinstance(value, str):
        return redact(value)
    if value is None or isinstance(value, (int, float)):
        return value
    if isinstance(value, dict):
        return {str(name): _redact_value(part) for name, part in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [_redact_value(part) for part in value]
    return redact(str(value))


def _redact_event(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Redact all values of an event.

    This comes before rendering: JSON and `repr` escape the characters, such as line ends, by
    which the patterns recognize secrets.
    """
    return {name: _redact_value(value) for name, value in event.items()}


def _render_json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    return orjson.dumps(event).decode()


_render_text = structlog.dev.ConsoleRenderer(
    colors=False, exception_formatter=structlog.dev.plain_traceback
)

_STANDARD_ATTRIBUTES = frozenset((*vars(logging.makeLogRecord({})), "message", "taskName"))
_DUPLICATE_ATTRIBUTE = "color_message"
"""uvicorn's copy of the message with escape sequences."""


class _LineFormatter(logging.Formatter):
    """Formats a log record with its additional attributes as one line.

    structlog's own `ProcessorFormatter` copies each record twice, which takes more time than
    everything else that is done for a line.
    """

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._processors: list[Processor] = [
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redact_event,
            _render_json if as_json else _render_text,
        ]

    def format(self, record: logging.LogRecord) -> str:
        event: Any = {
            "event": record.getMessage(),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        for name, value in vars(record).items():
            if name not in _STANDARD_ATTRIBUTES and name != _DUPLICATE_ATTRIBUTE:
                event[name] = value
        if record.exc_info:
            event["exc_info"] = record.exc_info
        for processor in self._processors:
            event = processor(None, record.levelname, event)
        return str(event)


def create_log_config(*, as_json: bool) -> dict[str, Any]:
    """Return the configuration of the standard library's logging."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": _LineFormatter, "as_json": as_json}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {"uvicorn.error": {"level": "INFO"}},
    }
