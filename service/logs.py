"""Logs: one JSON object a line on standard error; never words of a message, never a query string."""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

import structlog

CHATTY = ("alembic", "apscheduler", "httpx", "urllib3")  # a line for every poll says nothing


def configure(level: str) -> None:
    """Send every logger of the process, ours and the libraries', through one JSON formatter.

    `level` is DEBUG, INFO, WARNING or ERROR; raises ValueError for another word.
    """
    number = logging.getLevelNamesMapping().get(level.upper())
    if number is None:
        raise ValueError(f"log level is DEBUG, INFO, WARNING or ERROR, not {level}")
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        without_exception_text,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(number),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number)
    for chatty in CHATTY:
        logging.getLogger(chatty).setLevel(max(number, logging.WARNING))
    # uvicorn's access log writes query strings; the api logs its requests itself, by route.
    logging.getLogger("uvicorn.access").disabled = True


def without_exception_text(
    logger: Any, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replace exception information by the exception's type and the places it came through."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    if isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if isinstance(info, tuple) and info[0] is not None:
        event["failure"] = info[0].__name__
        event["frames"] = frames(info[2])
    event.pop("exc_text", None)
    event.pop("stack_info", None)
    return event


def frames(trace: TracebackType | None) -> list[str]:
    """`file:line function` of each frame, outermost first; no source lines, no values."""
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
