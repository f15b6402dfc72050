"""Words of 100 messages: read by those who answer for them, and in nothing else that the service lets out."""

import httpx
import pytest
from sqlalchemy import text

from service.access import Permission, Role
from service.store import inbox, save, workers
from service.store.database import StoreError
from tests.service.api.listening import fetch
from tests.service.api.test_matrix import MATRIX, A, asker
from tests.service.api.world import World, real_logs
from tests.service.store.samples import NearestOfType, observation, read

CANARIES = [f"金糸雀{number:03d}号" for number in range(100)]


def told(world: World) -> None:
    """A hundred messages by the api, each read and stored as the worker does."""
    sender = world.client(world.key(Permission.WRITE_REPORTS, code=A))
    for number, canary in enumerate(CANARIES):
        body = {"key": f"k{number}", "text": f"松永町で冠水。{canary}から。", "sender_municipality": A}
        assert sender.post("/reports", json={**body, "sender": canary}).status_code == 202
        # What cannot be taken is refused without repeating it.
        wrong = sender.post("/reports", json={**body, "lat": canary, "posted_at": canary})
        assert wrong.status_code == 400
        assert canary not in wrong.text
    database = world.services.database
    with workers.register(database, "test") as lease:
        with database.transaction() as conn:
            claimed = inbox.claim(conn, lease.id, 500)
        with database.transaction() as conn:
            save.save(conn, [read(one, observation(one.report_id)) for one in claimed], NearestOfType())


def everything_got(client: httpx.Client, incident: str) -> str:
    """All that the GET routes of the matrix answer to this client, headers too."""
    got = ""
    for method, route in MATRIX:
        if method != "get" or route == "/stream":
            continue
        address = route.replace("{incident_id}", incident).replace("{path}", "css/page.css")
        answer = client.get(address)
        got += answer.text + str(answer.headers)
    with client.stream("GET", "/stream?since=0") as answer:
        if answer.status_code == 200:
            for line in answer.iter_lines():
                got += line
                if line.startswith("event: pulse"):
                    break
    return got


def test_words_are_in_no_log_metric_error_or_foreign_answer(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    with real_logs():
        told(world)
        [incident] = fetch(world.signed_in(Role.OFFICER, A))[1]
        whole = world.signed_in(Role.OFFICER, A).get(f"/incidents/{incident}/reports").text
        assert all(canary in whole for canary in CANARIES), "who answers for it reads every word"
        strangers = ("nobody", "key of A", "key of B", "viewer of A", "officer of B", "administrator of B")
        for who in (*strangers, "device"):
            got = everything_got(asker(world, who), incident)
            assert not [canary for canary in CANARIES if canary in got], who
        metrics = world.client().get("/metrics").text
        database = world.services.database
        spoiling = text("UPDATE reports SET text = NULL WHERE text LIKE :like")
        with pytest.raises(StoreError) as failed, database.transaction() as conn:
            conn.execute(spoiling, {"like": f"%{CANARIES[0]}%"})
    out, err = capsys.readouterr()
    assert '"route": "/reports"' in err, "the log was looked at"
    assert not [canary for canary in CANARIES if canary in out + err + metrics + str(failed.value)]
