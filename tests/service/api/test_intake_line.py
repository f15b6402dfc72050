"""LINE's webhook: signatures, redelivery, bad events, unsending."""

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import pytest
from sqlalchemy import text

from service.store.database import Database
from tests.service.api.inprocess import Api, Serve, deliver, rows
from tests.service.api.line_events import USER, body_of, event, message, signature, text_event

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


class TestLine:
    def test_without_a_secret(self, serve: Serve) -> None:
        client = serve(line_channel_secret=None)
        assert deliver(client, body_of()).status_code == 503

    def test_verification_request(self, client: Api, database: Database) -> None:
        assert deliver(client, body_of()).status_code == 200
        assert rows(database) == []

    def test_text_and_location(self, client: Api, database: Database) -> None:
        place = message(
            2, "location", latitude=33.8078, longitude=135.8512, title="詰所", address="新宮市熊野川町日足"
        )
        body = body_of(text_event(1, "日足で冠水"), event(2, "message", message=place))
        assert deliver(client, body).status_code == 200
        words, where = rows(database)
        assert words.message["text"] == "日足で冠水"
        assert words.message["reply_to"].startswith("nHuy")
        assert words.key == "444573844083572738"
        assert where.message["text"] == "詰所\n新宮市熊野川町日足"
        assert where.message["position"] == [33.8078, 135.8512, None]
        assert words.message["sender"] == where.message["sender"] != USER
        assert USER not in str(rows(database))

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
        assert rows(database) == []

    def test_one_bad_event_among_five(self, client: Api, database: Database) -> None:
        bad = text_event(3, "消してはいけない言葉")
        del bad["timestamp"]
        events = [text_event(1, "一"), text_event(2, "二"), bad, text_event(4, "四"), text_event(5, "五")]
        assert deliver(client, body_of(*events)).status_code == 200
        kept = rows(database)
        assert sorted(row.message["text"] for row in kept if row.state == "waiting") == [
            "一",
            "二",
            "五",
            "四",
        ]
        (buried,) = [row for row in kept if row.state == "buried"]
        assert "消してはいけない言葉" in buried.message["text"]
        assert "消してはいけない言葉" not in buried.last_error
        assert USER not in str(kept)
        assert deliver(client, body_of(*events)).status_code == 200
        assert len(rows(database)) == 5

    def test_bad_events_are_kept(self, client: Api, database: Database) -> None:
        for bad in BAD_EVENTS:
            assert deliver(client, body_of(bad, text_event(2, "二"))).status_code == 200
            assert sorted(row.state for row in rows(database)) == ["buried", "waiting"], bad
            with database.transaction() as conn:
                conn.execute(text("DELETE FROM inbox"))

    def test_other_events_are_no_reports(self, client: Api, database: Database) -> None:
        for other in OTHER_EVENTS:
            assert deliver(client, body_of(other)).status_code == 200, other
            assert rows(database) == []

    def test_unreadable_body(self, client: Api, database: Database) -> None:
        for body in UNREADABLE_BODIES:
            assert deliver(client, body).status_code == 400, body[:60]
            assert rows(database) == []

    def test_redelivered_concurrently(self, client: Api, database: Database) -> None:
        bodies = [
            body_of({**text_event(n, f"{n}番"), "deliveryContext": {"isRedelivery": bool(copy)}})
            for n in range(25)
            for copy in range(8)
        ]
        random.Random(2).shuffle(bodies)  # noqa: S311
        with ThreadPoolExecutor(8) as pool:
            codes = list(pool.map(lambda body: deliver(client, body).status_code, bodies))
        assert set(codes) == {200}
        assert len(rows(database)) == 25

    @pytest.mark.parametrize("unsent_first", [False, True])
    def test_unsend_erases(self, client: Api, database: Database, unsent_first: bool) -> None:
        said = text_event(1, "取り消す言葉")
        gone = event(2, "unsend", unsend={"messageId": said["message"]["id"]})
        del gone["replyToken"]
        for each in (gone, said) if unsent_first else (said, gone):
            assert deliver(client, body_of(each)).status_code == 200
        (row,) = rows(database)
        assert row.state == "erased"
        assert "取り消す言葉" not in str(row)

    def test_place_abroad_is_no_position(self, client: Api, database: Database) -> None:
        place = message(1, "location", latitude=21.3, longitude=-157.8, title="Honolulu")
        deliver(client, body_of(event(1, "message", message=place)))
        (row,) = rows(database)
        assert row.message["position"] is None
        assert row.message["text"] == "Honolulu"

    def test_body_limit(self, client: Api) -> None:
        body = body_of() + b" " * 1_048_576
        assert deliver(client, body).status_code == 413
