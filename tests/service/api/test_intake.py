"""Reports of other systems on a real database: what is stored and what is refused."""

import json
import uuid
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, Final

from hypothesis import HealthCheck, given
from hypothesis import settings as given_settings
from hypothesis import strategies as st

from service.access import Permission
from service.store.database import Database
from tests.service.api.inprocess import Api, NewKey, Serve, deliver, rows
from tests.service.api.line_events import body_of, text_event

BAD_INPUT: Final[Any] = [
    ({"text": " \n\t"}, "text"),
    ({"text": "あ" * 5001}, "text"),
    ({"text": 5}, "text"),
    ({"key": "a b"}, "key"),
    ({"key": ""}, "key"),
    ({"key": "k" * 201}, "key"),
    ({"key": "\ud800"}, "key"),
    ({"posted_at": "2026-07-29T11:58:00"}, "posted_at"),
    ({"posted_at": "2036-07-29T11:58:00+09:00"}, "posted_at"),
    ({"posted_at": "0001-01-01T00:00:00+09:00"}, "posted_at"),
    ({"posted_at": "きのう"}, "posted_at"),
    ({"sender_municipality": "302075"}, "sender_municipality"),
    ({"sender_municipality": "99999"}, "sender_municipality"),
    ({"sender_municipality": "30000"}, "sender_municipality"),
    ({"lat": 33.8}, "lon"),
    ({"lon": 135.8}, "lat"),
    ({"lat": 135.8, "lon": 33.8}, "lat"),
    ({"lat": 51.5, "lon": 135.8}, "lat"),
    ({"lat": 33.8, "lon": 0.1}, "lon"),
    ({"lat": 33.8, "lon": 135.8, "accuracy_m": -1}, "accuracy_m"),
    ({"drill": "maybe"}, "drill"),
    ({"txet": "あ"}, "txet"),
]

BROKEN_BODIES: Final[Any] = [
    b"[" * 1000 + b"]" * 1000,
    b'{"a":' * 1000 + b"1" + b"}" * 1000,
    b"[" * 100_000,
    b'{"key": "a", "text": "\xff\xfe"}',
    b'{"key": "a", "text": "a\x00b"}',
    b"\x00",
    b"",
    b"null",
    b'{"key": "a", "text": ' + b'["' * 900,
    b'{"key": "a", "text": "x", "lat": ' + b"9" * 5000 + b', "lon": 1}',
]

NO_NUMBERS: Final[Any] = ["NaN", "Infinity", "1e999", "-Infinity"]


def _report(**more: Any) -> dict[str, Any]:
    return {"key": "a-1", "text": "日足の国道168号、冠水して通れません", **more}


class TestReports:
    def test_stored_then_accepted(self, client: Api, database: Database, new_key: NewKey) -> None:
        answer = client.post(
            "/reports",
            json=_report(
                posted_at="2026-07-29T11:58:00+09:00",
                sender="山",
                sender_municipality="302074",
                lat=33.8,
                lon=135.85,
                accuracy_m=12,
                drill=True,
            ),
            headers=new_key(),
        )
        assert answer.status_code == 202
        (row,) = rows(database)
        assert answer.json()["id"] == str(row.report_id)
        assert answer.json()["receipt"] == f"/reports/{row.report_id}/receipt"
        assert datetime.fromisoformat(answer.json()["received_at"]).utcoffset() == timedelta(hours=9)
        assert (row.channel, row.state) == ("api", "waiting")
        assert row.message["sender_municipality"] == "30207"
        assert row.message["position"] == [33.8, 135.85, 12]
        assert row.message["posted_at"] == "2026-07-29T02:58:00+00:00"
        assert row.message["drill"] is True
        assert len(row.message["sender"]) == 64
        assert "山" not in json.dumps(row.message["sender"])

    def test_same_key_is_one_report(self, client: Api, database: Database, new_key: NewKey) -> None:
        one, other = new_key(), new_key()
        with ThreadPoolExecutor(8) as pool:
            answers = list(
                pool.map(lambda _: client.post("/reports", json=_report(), headers=one), range(16))
            )
        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.json()["id"] for answer in answers}) == 1
        # Another system may use the same words for its keys.
        assert client.post("/reports", json=_report(), headers=other).json()["id"] != answers[0].json()["id"]
        assert len(rows(database)) == 2

    def test_key_gives_municipality(self, client: Api, database: Database, new_key: NewKey) -> None:
        headers = new_key(municipality="30421")
        client.post("/reports", json=_report(), headers=headers)
        client.post("/reports", json=_report(key="a-2", sender_municipality="24562"), headers=headers)
        assert [row.message["sender_municipality"] for row in rows(database)] == ["30421", "24562"]

    def test_bad_input_names_the_field(
        self,
        client: Api,
        database: Database,
        new_key: NewKey,
    ) -> None:
        for change, field in BAD_INPUT:
            answer = client.post(
                "/reports",
                content=json.dumps(_report(**change)),
                headers={"Content-Type": "application/json", **new_key()},
            )
            assert answer.status_code == 400, change
            assert answer.headers["content-type"] == "application/problem+json"
            assert field in [error["field"] for error in answer.json()["errors"]]
            assert rows(database) == []

    def test_numbers_that_are_none(self, client: Api, new_key: NewKey) -> None:
        for number in NO_NUMBERS:
            body = f'{{"key": "a", "text": "x", "lat": {number}, "lon": 135.8}}'
            answer = client.post(
                "/reports", content=body, headers={"Content-Type": "application/json", **new_key()}
            )
            assert answer.status_code == 400, number
            assert [error["field"] for error in answer.json()["errors"]] == ["lat"]

    def test_hostile_text_is_stored_harmless(self, client: Api, database: Database, new_key: NewKey) -> None:
        headers = {"Content-Type": "application/json", **new_key()}
        texts = [
            "a\0b",
            "火事\ud83d だ",
            "\u202e日足\nで冠水",
            "🌊" * 5000,
            "<script>x</script>",
            "a\r\nb\x1bc",
        ]
        for number, said in enumerate(texts):
            body = json.dumps(_report(key=f"h{number}", text=said))
            assert client.post("/reports", content=body, headers=headers).status_code == 202
        stored = [row.message["text"] for row in rows(database)]
        assert stored == [
            "ab",
            "火事\ufffd だ",
            "\u202e日足\u202c\nで冠水",
            "🌊" * 5000,
            "<script>x</script>",
            "a\nbc",
        ]

    def test_broken_bodies_are_refused(self, client: Api, database: Database, new_key: NewKey) -> None:
        for body in BROKEN_BODIES:
            answer = client.post(
                "/reports", content=body, headers={"Content-Type": "application/json", **new_key()}
            )
            assert answer.status_code == 400, body[:60]
            assert answer.headers["content-type"] == "application/problem+json"
            assert rows(database) == []

    def test_one_byte_too_many(self, client: Api, database: Database, new_key: NewKey) -> None:
        headers = {"Content-Type": "application/json", **new_key()}
        frame = b'{"key": "a", "text": "x"%s}'
        fits = frame % (b" " * (1_048_576 - len(frame) + 2))
        assert len(fits) == 1_048_576
        assert client.post("/reports", content=fits, headers=headers).status_code == 202
        assert client.post("/reports", content=fits + b" ", headers=headers).status_code == 413

        # Without Content-Length the bytes are counted as they come.
        async def pieces() -> AsyncIterator[bytes]:
            for piece in (fits[:500_000], fits[500_000:], b" "):
                yield piece

        assert client.post("/reports", content=pieces(), headers=headers).status_code == 413
        assert len(rows(database)) == 1

    def test_needs_the_right_key(self, client: Api, database: Database, new_key: NewKey) -> None:
        assert client.post("/reports", json=_report()).status_code == 401
        wrong = {"Authorization": "Bearer hansho_wrong"}
        assert client.post("/reports", json=_report(), headers=wrong).status_code == 401
        reader = new_key(Permission.READ_INCIDENTS)
        assert client.post("/reports", json=_report(), headers=reader).status_code == 403
        assert rows(database) == []

    def test_rate_limit(self, serve: Serve, new_key: NewKey) -> None:
        client = serve(api_limit_per_minute=2)
        one, other = new_key(), new_key()
        codes = [client.post("/reports", json=_report(key=f"{n}"), headers=one) for n in range(3)]
        assert [answer.status_code for answer in codes] == [202, 202, 429]
        assert int(codes[-1].headers["Retry-After"]) >= 1
        assert client.post("/reports", json=_report(), headers=other).status_code == 202

    def test_database_away(self, serve: Serve, new_key: NewKey) -> None:
        away = Database("postgresql://nobody@127.0.0.1:1/none")
        client = serve(away)
        answer = client.post("/reports", json=_report(), headers=new_key())
        body = body_of(text_event(1, "あ"))
        form = {"text": "あ", "key": str(uuid.uuid4())}
        for refused in (answer, deliver(client, body), client.post("/form/reports", data=form)):
            assert refused.status_code == 503
            assert int(refused.headers["Retry-After"]) >= 1
            assert refused.headers["content-type"] == "application/problem+json"
        away.dispose()

    @given_settings(
        max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(
        said=st.text(st.characters(), max_size=50),
        key=st.text(st.characters(), max_size=20),
        more=st.dictionaries(
            st.sampled_from(["lat", "lon", "sender", "posted_at"]), st.none() | st.floats() | st.text()
        ),
    )
    def test_never_an_internal_error(
        self,
        client: Api,
        new_key: NewKey,
        said: str,
        key: str,
        more: dict[str, Any],
    ) -> None:
        body = json.dumps({"text": said, "key": key, **more})
        answer = client.post(
            "/reports", content=body, headers={"Content-Type": "application/json", **new_key()}
        )
        assert answer.status_code in {202, 400}


class TestReceipt:
    def test_follows_the_report(self, client: Api, new_key: NewKey) -> None:
        accepted = client.post("/reports", json=_report(), headers=new_key()).json()
        answer = client.get(accepted["receipt"])
        assert answer.json() == {"state": "waiting", "understood": None}
        assert answer.headers["Cache-Control"] == "no-store"

    def test_unknown(self, client: Api) -> None:
        assert client.get(f"/reports/{uuid.uuid4()}/receipt").status_code == 404
        assert client.get("/reports/1/receipt").status_code == 400
