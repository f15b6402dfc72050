"""The OpenAPI document is true: schemathesis sends each route what it allows and judges the answers."""

from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from service.access import Permission
from tests.service.api.world import World, report

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
# The stream never ends; readiness (no worker runs) and the hook (no channel is set) rightly say 503 here.
LEFT_OUT = "^/(stream|readyz|hooks/line)$"


# Of 85 routes with 200 examples each: parts that several processes share.
PARTS = 8
EVERY = (pytest.param(200, part, marks=pytest.mark.slow, id=f"200-{part}") for part in range(PARTS))


@pytest.mark.parametrize(("examples", "part"), [pytest.param(8, None, id="8"), *EVERY])
def test_every_route_answers_as_documented(world: World, examples: int, part: int | None) -> None:
    report(world.services, "one")
    key = world.key(Permission.READ_INCIDENTS, Permission.WRITE_REPORTS, Permission.READ_METRICS)
    document = world.client().get("/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document).exclude(path_regex=LEFT_OUT)
    operations = list(schema.get_all_operations())
    chosen = operations if part is None else operations[part::PARTS]
    assert chosen
    for result in chosen:
        operation: Any = result.ok()  # type: ignore[union-attr]
        _throw(operation.as_strategy(), world.url, key, examples)


def _throw(strategy: Any, url: str, key: str, examples: int) -> None:
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {key}"

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def one(case: Any) -> None:
        case.call_and_validate(base_url=url, session=session, checks=list(CHECKS))

    one()
