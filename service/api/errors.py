"""Exceptions to problem responses; the kinds stand in service/problems.py."""

import json
from typing import Final

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.problems import (
    BY_STATUS,
    INTERNAL_ERROR,
    INVALID_INPUT,
    MEDIA_TYPE,
    STORE_RETRY_S,
    STORE_UNAVAILABLE,
    ProblemError,
    field_errors,
)
from service.store.database import StoreUnavailable

log: Final = structlog.get_logger("api")


def install(app: FastAPI) -> None:
    """Answer every exception of `app` with a problem."""
    app.add_exception_handler(ProblemError, _answer)
    app.add_exception_handler(RequestValidationError, _answer)
    app.add_exception_handler(StoreUnavailable, _answer)
    app.add_exception_handler(HTTPException, _answer)
    app.add_exception_handler(Exception, _unexpected)


def problem_of(failure: Exception) -> ProblemError:
    """The problem that stands for `failure`; what is not in the table is an internal error."""
    if isinstance(failure, ProblemError):
        return failure
    if isinstance(failure, HTTPException) and isinstance(failure.__cause__, ProblemError):
        return failure.__cause__  # raised below while the framework read the body
    if isinstance(failure, RequestValidationError):
        return ProblemError(INVALID_INPUT, errors=field_errors(failure.errors()))
    if isinstance(failure, StoreUnavailable):
        return ProblemError(STORE_UNAVAILABLE, retry_after_s=STORE_RETRY_S)
    if isinstance(failure, HTTPException) and failure.status_code in BY_STATUS:
        return ProblemError(BY_STATUS[failure.status_code])
    return ProblemError(INTERNAL_ERROR)


def response(problem: ProblemError) -> Response:
    """`problem` as application/problem+json."""
    body = json.dumps(problem.body(), ensure_ascii=False).encode()
    return Response(body, problem.kind.status, problem.headers(), MEDIA_TYPE)


async def _answer(request: Request, failure: Exception) -> Response:
    answer = response(problem_of(failure))
    if isinstance(failure, HTTPException) and failure.headers:
        answer.headers.update(failure.headers)
    return answer


async def _unexpected(request: Request, failure: Exception) -> Response:
    route = getattr(request.scope.get("route"), "path", "")
    log.error("unexpected_failure", route=route, failure=type(failure).__name__, at=_place(failure))
    return response(ProblemError(INTERNAL_ERROR))


def _place(failure: Exception) -> str:
    """The innermost frame as file:line; the exception's own text may quote what people wrote."""
    trace = failure.__traceback__
    where = ""
    while trace is not None:
        where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    return where
