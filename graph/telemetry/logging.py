"""What is logged, and where to; what must not be read in a log is taken out of every line."""

import logging
import re
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from graph.auth.static_tokens import PREFIX

_SECRETS = (
    # Of a url: what is before the host, even if it was cut short; and its query string.
    ("://", re.compile(r"(://)[^\s/'\"@]*@"), r"\1***@"),
    ("://", re.compile(r"(://)[^\s/'\"@:\[]*:(?!\d{1,5}\b)[^\s/'\"]*"), r"\1***"),
    ("://", re.compile(r"(://[^\s?'\"]*\?)[^\s'\"]*"), r"\1***"),
    # Tokens: in their header, ours, and those that begin as JWTs do.
    ("bearer", re.compile(r"(?i)\b(bearer) +[^\s'\",]{8,}"), r"\1 ***"),
    (PREFIX, re.compile(rf"\b{PREFIX}[\w-]+"), f"{PREFIX}***"),
    ("eyj", re.compile(r"\beyJ[\w-]{8,}(\.[\w-]*)*"), "***"),
)
"""Each after what it has in lower case: most lines have none of these, and are soon told."""


def redacted(text: str) -> str:
    """The text without tokens, and without the credentials of urls."""
    lower = text.lower()
    for sign, secret, instead in _SECRETS:
        if sign in lower:
            text = secret.sub(instead, text)
    return text


def _clean(value: object) -> object:
    if isinstance(value, str):
        return redacted(value)
    if value is None or isinstance(value, (int, float)):
        return value
    if isinstance(value, dict):
        return {str(name): _clean(part) for name, part in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [_clean(part) for part in value]
    return redacted(str(value))


def _redacted(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Before it is written: JSON and `repr` escape what secrets are known by, as line ends."""
    return {name: _clean(value) for name, value in line.items()}


def _json(_logger: WrappedLogger, _method: str, line: EventDict) -> str:
    return orjson.dumps(line).decode()


_text = structlog.dev.ConsoleRenderer(
    colors=False, exception_formatter=structlog.dev.plain_traceback
)


_OF_EVERY_RECORD = frozenset((*vars(logging.makeLogRecord({})), "message", "taskName"))
_TWICE = "color_message"
"""What uvicorn says in plain, too."""


class _Line(logging.Formatter):
    """A line of all that a record tells.

    structlog's own `ProcessorFormatter` copies every record twice, which takes longer than all
    else that is done for a line.
    """

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._steps: list[Processor] = [
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redacted,
            _json if as_json else _text,
        ]

    def format(self, record: logging.LogRecord) -> str:
        line: Any = {
            "event": record.getMessage(),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        for name, value in vars(record).items():
            if name not in _OF_EVERY_RECORD and name != _TWICE:
                line[name] = value
        if record.exc_info:
            line["exc_info"] = record.exc_info
        for step in self._steps:
            line = step(None, record.levelname, line)
        return str(line)


def configuration(*, as_json: bool) -> dict[str, Any]:
    """How all that is logged becomes lines on stderr: JSON, or text for people."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": _Line, "as_json": as_json}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {"uvicorn.error": {"level": "INFO"}},
    }
