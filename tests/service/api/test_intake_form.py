"""The phone form: photos, positions, who may send."""

import io
import uuid
from typing import Any, Final

from PIL import Image
from sqlalchemy import text

from service.store.database import Database
from tests.service.api.inprocess import NOW, Api, Serve, rows

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

NOT_A_PHOTO: Final[Any] = [b"GIF89a", b"%PDF-1.7", b"\xff\xd8\xff", b"x" * 100]


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
        (row,) = rows(database)
        assert row.message["position"] == [33.7, 135.9, 20]

    def test_same_key_again(self, client: Api, database: Database) -> None:
        key = str(uuid.uuid4())
        first, again = (self._send(client, self._photo(), key=key) for _ in range(2))
        assert first.json() == again.json()
        assert len(rows(database)) == 1

    def test_not_a_photo(self, client: Api, database: Database) -> None:
        for data in NOT_A_PHOTO:
            answer = self._send(client, data)
            assert answer.status_code == 400, data
            assert [error["field"] for error in answer.json()["errors"]] == ["photo"]
            assert rows(database) == []

    def test_bad_field(self, client: Api) -> None:
        for field, value in BAD_FIELDS:
            answer = self._send(client, None, **{field: value})
            assert answer.status_code == 400, field
            expected = "lat" if field == "lon" else field
            assert expected in [error["field"] for error in answer.json()["errors"]]

    def test_wrong_clock_costs_no_report(self, client: Api, database: Database) -> None:
        for wrong in ("2099-01-01T00:00:00+09:00", "昨日", "2026-07-29T10:00:00"):
            assert self._send(client, posted_at=wrong).status_code == 202
        assert {row.message["posted_at"] for row in rows(database)} == {NOW.isoformat()}

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
        assert rows(database) == []
