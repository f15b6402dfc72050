"""What routes share that change something for a person: who acts, how often, and words as JSON gives them."""

from typing import Final

from fastapi import Request

from service import access
from service.access import Principal
from service.api.door import CSRF_HEADER
from service.api.services import Services
from service.collect.clean import clean_text
from service.problems import TOO_MANY_REQUESTS, ProblemError
from service.store.placing import Author

DEEDS_PER_MINUTE: Final = 120  # of one person; somebody at the keyboard does one in two seconds


def cleaned(value: object) -> object:
    """JSON may carry lone surrogates, which pydantic would refuse whole."""
    return clean_text(value) if isinstance(value, str) else value


def author_of(person: Principal) -> Author:
    """Who acts, as the record keeps it."""
    organization = "" if person.organization is None else person.organization.name
    return Author(person.account, person.name, organization)


def admit(request: Request, services: Services, person: Principal) -> None:
    """Raises ProblemError `csrf` or `too-many-requests`."""
    access.require_csrf(person, request.headers.get(CSRF_HEADER))
    wait = services.limiter.take(f"deed:{person.subject}", DEEDS_PER_MINUTE)
    if wait is not None:
        raise ProblemError(TOO_MANY_REQUESTS, retry_after_s=wait)
