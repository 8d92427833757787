"""What is logged, and where to; what must not be read in a log is taken out of every line."""

import re
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

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


def _uncoloured(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Uvicorn tells some lines twice, once in colours."""
    line.pop("color_message", None)
    return line


_FACTS: list[Processor] = [
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _uncoloured,
]
_console = structlog.dev.ConsoleRenderer(
    colors=False, exception_formatter=structlog.dev.plain_traceback
)


def _json(_logger: WrappedLogger, _method: str, line: EventDict) -> str:
    return redacted(orjson.dumps(line, default=str).decode())


def _text(logger: WrappedLogger, method: str, line: EventDict) -> str:
    return redacted(_console(logger, method, line))


def configuration(*, as_json: bool) -> dict[str, Any]:
    """How all that is logged becomes lines on stderr: JSON, or text for people."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _FACTS,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    *((structlog.processors.format_exc_info,) if as_json else ()),
                    _json if as_json else _text,
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {"uvicorn.error": {"level": "INFO"}},
    }
