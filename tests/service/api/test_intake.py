"""Intake on a real database: what is stored, what is refused, and that nothing is said before the commit."""

import asyncio
import io
import json
import random
import uuid
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as given_settings
from hypothesis import strategies as st
from PIL import Image
from pydantic import SecretStr
from sqlalchemy import text

from service import access
from service.access import Permission
from service.api.app import create_app
from service.api.pages import Site
from service.api.services import Services
from service.limits import Limiter
from service.settings import Settings
from service.store.database import Database
from tests.service.api.line_events import CHANNEL_SECRET, USER, body_of, event, message, signature, text_event

SECRET = b"a secret of tests"
NOW = datetime(2026, 7, 29, 3, 0, tzinfo=UTC)


def _services(database: Database, **changes: Any) -> Services:
    given = {"line_channel_secret": SecretStr(CHANNEL_SECRET), "database_url": None, **changes}
    return Services(database, Settings(**given), SECRET, Limiter(), lambda: NOW)


class Api:
    """The whole application, asked in process; each request may come from a thread of its own."""

    base_url = "http://testserver"

    def __init__(self, services: Services) -> None:
        self._app = create_app(services, cast("Site", None))

    def get(self, path: str) -> httpx.Response:
        return asyncio.run(self._ask("GET", path))

    def post(self, path: str, **how: Any) -> httpx.Response:
        return asyncio.run(self._ask("POST", path, **how))

    async def _ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(transport=transport, base_url=self.base_url) as client:
            return await client.request(method, path, **how)


Serve = Callable[..., Api]


@pytest.fixture
def serve(database: Database) -> Serve:
    """`serve(setting=value)` gives an api with these settings."""

    def make(store: Database = database, **changes: Any) -> Api:
        return Api(_services(store, **changes))

    return make


@pytest.fixture
def client(serve: Serve) -> Api:
    return serve()


@pytest.fixture
def new_key(database: Database) -> Callable[..., dict[str, str]]:
    def make(*scopes: Permission, municipality: str | None = None) -> dict[str, str]:
        with database.transaction() as conn:
            key = access.create_key(
                conn, SECRET, "test", scopes or (Permission.WRITE_REPORTS,), municipality, None
            )
        return {"Authorization": f"Bearer {key}"}

    return make


def _rows(database: Database) -> list[Any]:
    with database.transaction() as conn:
        return list(conn.execute(text("SELECT * FROM inbox ORDER BY id")))


def _line(client: Api, body: bytes, mark: str | None = None) -> Any:
    return client.post(
        "/hooks/line", content=body, headers={"x-line-signature": signature(body) if mark is None else mark}
    )


def _report(**more: Any) -> dict[str, Any]:
    return {"key": "a-1", "text": "日足の国道168号、冠水して通れません", **more}


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

PAGES: Final[Any] = [
    ({"Sec-Fetch-Site": "same-origin"}, 202),
    ({"Origin": "http://testserver"}, 202),
    ({}, 202),
    ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Sec-Fetch-Site": "same-site"}, 403),
    ({"Origin": "https://evil.example"}, 403),
    ({"Origin": "null"}, 403),
]

BAD_FIELDS: Final[Any] = [
    ("key", "1"),
    ("text", ""),
    ("lat", "x"),
    ("lat", "nan"),
    ("municipality", "1"),
    ("lon", "135.9"),
]

BAD_EVENTS: Final[Any] = [
    5,
    None,
    [],
    {},
    {"type": "message"},
    {"type": 5},
    {"type": ["message"]},
    event(1, "message", message=None),
    event(1, "message", message={"type": "text", "text": "a"}),
    event(1, "message", message=message(1, "text", text=5, quoteToken="q")),
    event(1, "message", message=message(1, "text", text="", quoteToken="q")),
    event(1, "message", message=message(1, "location", latitude="x", longitude=1)),
    event(1, "message", message=message(1, "location", latitude=10**400, longitude=1)),
    event(1, "message", message=message(1, "text", text="a", quoteToken="q"), timestamp=10**18),
    event(1, "unsend"),
]

OTHER_EVENTS: Final[Any] = [
    event(1, "unfollow"),
    event(1, "beacon", beacon={"hwid": "d41d8cd98f", "type": "enter"}),
    event(1, "somethingNew", something={"a": 1}),
    event(1, "message", message=message(1, "hologram")),
    event(
        1,
        "message",
        message=message(
            1, "sticker", packageId="1", stickerId="1", stickerResourceType="STATIC", quoteToken="q"
        ),
    ),
]

UNREADABLE_BODIES: Final[Any] = [b"[]", b"{}", b'{"events": 1}', b"x", b"[" * 5000, b'{"events":' * 1000]

NO_NUMBERS: Final[Any] = ["NaN", "Infinity", "1e999", "-Infinity"]

NOT_A_PHOTO: Final[Any] = [b"GIF89a", b"%PDF-1.7", b"\xff\xd8\xff", b"x" * 100]


class TestReports:
    def test_stored_then_accepted(
        self, client: Api, database: Database, new_key: Callable[..., dict[str, str]]
    ) -> None:
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
        (row,) = _rows(database)
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

    def test_same_key_is_one_report(
        self, client: Api, database: Database, new_key: Callable[..., dict[str, str]]
    ) -> None:
        one, other = new_key(), new_key()
        with ThreadPoolExecutor(8) as pool:
            answers = list(
                pool.map(lambda _: client.post("/reports", json=_report(), headers=one), range(16))
            )
        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.json()["id"] for answer in answers}) == 1
        # Another system may use the same words for its keys.
        assert client.post("/reports", json=_report(), headers=other).json()["id"] != answers[0].json()["id"]
        assert len(_rows(database)) == 2

    def test_key_gives_municipality(
        self, client: Api, database: Database, new_key: Callable[..., dict[str, str]]
    ) -> None:
        headers = new_key(municipality="30421")
        client.post("/reports", json=_report(), headers=headers)
        client.post("/reports", json=_report(key="a-2", sender_municipality="24562"), headers=headers)
        assert [row.message["sender_municipality"] for row in _rows(database)] == ["30421", "24562"]

    def test_bad_input_names_the_field(
        self,
        client: Api,
        database: Database,
        new_key: Callable[..., dict[str, str]],
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
            assert _rows(database) == []

    def test_numbers_that_are_none(self, client: Api, new_key: Callable[..., dict[str, str]]) -> None:
        for number in NO_NUMBERS:
            body = f'{{"key": "a", "text": "x", "lat": {number}, "lon": 135.8}}'
            answer = client.post(
                "/reports", content=body, headers={"Content-Type": "application/json", **new_key()}
            )
            assert answer.status_code == 400, number
            assert [error["field"] for error in answer.json()["errors"]] == ["lat"]

    def test_hostile_text_is_stored_harmless(
        self, client: Api, database: Database, new_key: Callable[..., dict[str, str]]
    ) -> None:
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
        stored = [row.message["text"] for row in _rows(database)]
        assert stored == [
            "ab",
            "火事\ufffd だ",
            "\u202e日足\u202c\nで冠水",
            "🌊" * 5000,
            "<script>x</script>",
            "a\nbc",
        ]

    def test_broken_bodies_are_refused(
        self, client: Api, database: Database, new_key: Callable[..., dict[str, str]]
    ) -> None:
        for body in BROKEN_BODIES:
            answer = client.post(
                "/reports", content=body, headers={"Content-Type": "application/json", **new_key()}
            )
            assert answer.status_code == 400, body[:60]
            assert answer.headers["content-type"] == "application/problem+json"
            assert _rows(database) == []

    def test_one_byte_too_many(
        self, client: Api, database: Database, new_key: Callable[..., dict[str, str]]
    ) -> None:
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
        assert len(_rows(database)) == 1

    def test_needs_the_right_key(
        self, client: Api, database: Database, new_key: Callable[..., dict[str, str]]
    ) -> None:
        assert client.post("/reports", json=_report()).status_code == 401
        wrong = {"Authorization": "Bearer hansho_wrong"}
        assert client.post("/reports", json=_report(), headers=wrong).status_code == 401
        reader = new_key(Permission.READ_INCIDENTS)
        assert client.post("/reports", json=_report(), headers=reader).status_code == 403
        assert _rows(database) == []

    def test_rate_limit(self, serve: Serve, new_key: Callable[..., dict[str, str]]) -> None:
        client = serve(api_limit_per_minute=2)
        one, other = new_key(), new_key()
        codes = [client.post("/reports", json=_report(key=f"{n}"), headers=one) for n in range(3)]
        assert [answer.status_code for answer in codes] == [202, 202, 429]
        assert int(codes[-1].headers["Retry-After"]) >= 1
        assert client.post("/reports", json=_report(), headers=other).status_code == 202

    def test_database_away(self, serve: Serve, new_key: Callable[..., dict[str, str]]) -> None:
        away = Database("postgresql://nobody@127.0.0.1:1/none")
        client = serve(away)
        answer = client.post("/reports", json=_report(), headers=new_key())
        body = body_of(text_event(1, "あ"))
        form = {"text": "あ", "key": str(uuid.uuid4())}
        for refused in (answer, _line(client, body), client.post("/form/reports", data=form)):
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
        new_key: Callable[..., dict[str, str]],
        said: str,
        key: str,
        more: dict[str, Any],
    ) -> None:
        body = json.dumps({"text": said, "key": key, **more})
        answer = client.post(
            "/reports", content=body, headers={"Content-Type": "application/json", **new_key()}
        )
        assert answer.status_code in {202, 400}


class TestForm:
    def _photo(self, **how: Any) -> bytes:
        written = io.BytesIO()
        exif = Image.Exif()
        exif[0x0112] = 6  # turned by 90 degrees
        exif[0x010F] = "CANARY-MAKER"
        Image.new("RGB", (2400, 1200), "red").save(
            written, "JPEG", exif=exif, comment=b"CANARY-COMMENT", **how
        )
        return written.getvalue()

    def _send(self, client: Api, photo: bytes | None = None, **fields: str) -> Any:
        data = {"text": "家の前の道が川です", "key": str(uuid.uuid4()), **fields}
        files = {"photo": ("a.jpg", photo, "image/jpeg")} if photo is not None else None
        return client.post("/form/reports", data=data, files=files)

    def test_photo_is_upright_small_and_bare(self, client: Api, database: Database) -> None:
        answer = self._send(
            client,
            self._photo(),
            lat="33.7",
            lon="135.9",
            accuracy="20",
            posted_at="2026-07-29T11:59:00+09:00",
        )
        assert answer.status_code == 202
        with database.transaction() as conn:
            (photo,) = conn.execute(text("SELECT jpeg, width, height FROM photos"))
        assert (photo.width, photo.height) == (800, 1600)
        assert b"CANARY" not in photo.jpeg
        with Image.open(io.BytesIO(photo.jpeg)) as kept:
            assert kept.format == "JPEG"
            assert kept.size == (800, 1600)
            assert not kept.getexif()
        (row,) = _rows(database)
        assert row.message["position"] == [33.7, 135.9, 20]

    def test_same_key_again(self, client: Api, database: Database) -> None:
        key = str(uuid.uuid4())
        first, again = (self._send(client, self._photo(), key=key) for _ in range(2))
        assert first.json() == again.json()
        assert len(_rows(database)) == 1

    def test_not_a_photo(self, client: Api, database: Database) -> None:
        for data in NOT_A_PHOTO:
            answer = self._send(client, data)
            assert answer.status_code == 400, data
            assert [error["field"] for error in answer.json()["errors"]] == ["photo"]
            assert _rows(database) == []

    def test_bad_field(self, client: Api) -> None:
        for field, value in BAD_FIELDS:
            answer = self._send(client, None, **{field: value})
            assert answer.status_code == 400, field
            expected = "lat" if field == "lon" else field
            assert expected in [error["field"] for error in answer.json()["errors"]]

    def test_wrong_clock_costs_no_report(self, client: Api, database: Database) -> None:
        for wrong in ("2099-01-01T00:00:00+09:00", "昨日", "2026-07-29T10:00:00"):
            assert self._send(client, posted_at=wrong).status_code == 202
        assert {row.message["posted_at"] for row in _rows(database)} == {NOW.isoformat()}

    def test_only_our_own_page(self, client: Api) -> None:
        for headers, status in PAGES:
            data = {"text": "冠水", "key": str(uuid.uuid4())}
            answer = client.post("/form/reports", data=data, headers=headers)
            assert answer.status_code == status, headers

    def test_rate_limit_of_an_address(self, serve: Serve) -> None:
        client = serve(report_limit_per_minute=2)
        assert [self._send(client).status_code for _ in range(3)] == [202, 202, 429]

    def test_photo_too_large(self, serve: Serve, database: Database) -> None:
        client = serve(max_photo_bytes=2000)
        assert self._send(client, b"\xff\xd8" + b"x" * 2000).status_code == 413
        assert _rows(database) == []


class TestReceipt:
    def test_follows_the_report(self, client: Api, new_key: Callable[..., dict[str, str]]) -> None:
        accepted = client.post("/reports", json=_report(), headers=new_key()).json()
        answer = client.get(accepted["receipt"])
        assert answer.json() == {"state": "waiting", "understood": None}
        assert answer.headers["Cache-Control"] == "no-store"

    def test_unknown(self, client: Api) -> None:
        assert client.get(f"/reports/{uuid.uuid4()}/receipt").status_code == 404
        assert client.get("/reports/1/receipt").status_code == 400


class TestLine:
    def test_without_a_secret(self, serve: Serve) -> None:
        client = serve(line_channel_secret=None)
        assert _line(client, body_of()).status_code == 503

    def test_verification_request(self, client: Api, database: Database) -> None:
        assert _line(client, body_of()).status_code == 200
        assert _rows(database) == []

    def test_text_and_location(self, client: Api, database: Database) -> None:
        place = message(
            2, "location", latitude=33.8078, longitude=135.8512, title="詰所", address="新宮市熊野川町日足"
        )
        body = body_of(text_event(1, "日足で冠水"), event(2, "message", message=place))
        assert _line(client, body).status_code == 200
        words, where = _rows(database)
        assert words.message["text"] == "日足で冠水"
        assert words.message["reply_to"].startswith("nHuy")
        assert words.key == "444573844083572738"
        assert where.message["text"] == "詰所\n新宮市熊野川町日足"
        assert where.message["position"] == [33.8078, 135.8512, None]
        assert words.message["sender"] == where.message["sender"] != USER
        assert USER not in str(_rows(database))

    def test_flipped_bits(self, client: Api, database: Database) -> None:
        body = body_of(text_event(1, "熊野川町日足で冠水、車が動けません"))
        mark = signature(body)
        chance = random.Random(1)  # noqa: S311
        for number in range(1000):
            changed, sign = bytearray(body), bytearray(mark.encode())
            target = changed if number % 2 else sign
            at = chance.randrange(len(target) * 8)
            target[at // 8] ^= 1 << (at % 8)
            answer = client.post(
                "/hooks/line", content=bytes(changed), headers=[(b"x-line-signature", bytes(sign))]
            )
            assert answer.status_code == 401
        assert client.post("/hooks/line", content=body).status_code == 401
        assert _rows(database) == []

    def test_one_bad_event_among_five(self, client: Api, database: Database) -> None:
        bad = text_event(3, "消してはいけない言葉")
        del bad["timestamp"]
        events = [text_event(1, "一"), text_event(2, "二"), bad, text_event(4, "四"), text_event(5, "五")]
        assert _line(client, body_of(*events)).status_code == 200
        rows = _rows(database)
        assert sorted(row.message["text"] for row in rows if row.state == "waiting") == [
            "一",
            "二",
            "五",
            "四",
        ]
        (buried,) = [row for row in rows if row.state == "buried"]
        assert "消してはいけない言葉" in buried.message["text"]
        assert "消してはいけない言葉" not in buried.last_error
        assert USER not in str(rows)
        assert _line(client, body_of(*events)).status_code == 200
        assert len(_rows(database)) == 5

    def test_bad_events_are_kept(self, client: Api, database: Database) -> None:
        for bad in BAD_EVENTS:
            assert _line(client, body_of(bad, text_event(2, "二"))).status_code == 200
            assert sorted(row.state for row in _rows(database)) == ["buried", "waiting"], bad
            with database.transaction() as conn:
                conn.execute(text("DELETE FROM inbox"))

    def test_other_events_are_no_reports(self, client: Api, database: Database) -> None:
        for other in OTHER_EVENTS:
            assert _line(client, body_of(other)).status_code == 200, other
            assert _rows(database) == []

    def test_unreadable_body(self, client: Api, database: Database) -> None:
        for body in UNREADABLE_BODIES:
            assert _line(client, body).status_code == 400, body[:60]
            assert _rows(database) == []

    def test_redelivered_concurrently(self, client: Api, database: Database) -> None:
        bodies = [
            body_of({**text_event(n, f"{n}番"), "deliveryContext": {"isRedelivery": bool(copy)}})
            for n in range(25)
            for copy in range(8)
        ]
        random.Random(2).shuffle(bodies)  # noqa: S311
        with ThreadPoolExecutor(8) as pool:
            codes = list(pool.map(lambda body: _line(client, body).status_code, bodies))
        assert set(codes) == {200}
        assert len(_rows(database)) == 25

    @pytest.mark.parametrize("unsent_first", [False, True])
    def test_unsend_erases(self, client: Api, database: Database, unsent_first: bool) -> None:
        said = text_event(1, "取り消す言葉")
        gone = event(2, "unsend", unsend={"messageId": said["message"]["id"]})
        del gone["replyToken"]
        for each in (gone, said) if unsent_first else (said, gone):
            assert _line(client, body_of(each)).status_code == 200
        (row,) = _rows(database)
        assert row.state == "erased"
        assert "取り消す言葉" not in str(row)

    def test_place_abroad_is_no_position(self, client: Api, database: Database) -> None:
        place = message(1, "location", latitude=21.3, longitude=-157.8, title="Honolulu")
        _line(client, body_of(event(1, "message", message=place)))
        (row,) = _rows(database)
        assert row.message["position"] is None
        assert row.message["text"] == "Honolulu"

    def test_body_limit(self, client: Api) -> None:
        body = body_of() + b" " * 1_048_576
        assert _line(client, body).status_code == 413
