"""The chronology over HTTP: what is in it, for whom, entries by hand, filters, files."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import openpyxl
import pytest
from sqlalchemy import text

from geo.place import Level
from nlp.reading import DamageType
from service.access import Role
from service.api import chronology as module
from service.api.pages import Site
from service.api.services import Services
from service.publish.geojson import JST
from service.store import actions
from service.store.actions import Action
from service.store.database import StoreError
from tests.service.api.desks import JSON, of_both, problem, said, somebody_of
from tests.service.api.world import World, report, running

KURE: dict[str, Any] = {
    "municipality": "34202",
    "lat": 34.25,
    "lon": 132.56,
    "place_text": "呉の谷",
    "type": DamageType.FIRE,
}
HOSTILE = ("=1+2", "+1", "-1", "@SUM(A1)", "\t=1", "＝1+2", " =1", '=HYPERLINK("x")')


@pytest.fixture
def one(services: Services, site: Site) -> Iterator[World]:
    with running(services, site) as made:
        report(services, "one")
        said(services, "two", "呉の谷で火事", "34202", **KURE)
        yield made


def entry(**given: Any) -> JSON:
    now = datetime.now(JST).isoformat()
    return {"key": str(uuid4()), "at": now, "category": "received", "text": "消防署から入電"} | given


def write(client: httpx.Client, **given: Any) -> JSON:
    answer = client.post("/chronology", json=entry(**given))
    assert answer.status_code == 201, answer.text
    body: JSON = answer.json()
    return body


def lines(client: httpx.Client, **query: Any) -> list[JSON]:
    answer = client.get("/chronology", params=query)
    assert answer.status_code == 200, answer.text
    found: list[JSON] = answer.json()["lines"]
    return found


def act(
    world: World, kind: str, code: str = "34207", audience: tuple[str, ...] | None = None, **given: Any
) -> int:
    readers = audience or (code[:2], code)
    with world.services.database.transaction() as conn:
        return actions.record(conn, Action(kind, None, "職員 太郎", readers, owner=code, **given)).id


def test_reports_deeds_and_entries_stand_in_one_list_newest_first(one: World) -> None:
    officer = somebody_of(one, "34207")
    [line] = lines(officer)
    incident = line["incidents"][0]
    with one.services.database.transaction() as conn:
        conn.execute(text("SELECT 1"))
    act(one, "desk.verify", incident_id=incident, reason="消防署が現地で確認", organization_name="福山市")
    write(officer, origin="福山消防署", recipient="本部", response="広報車を手配")
    entry_line, action, reported = lines(officer)
    assert (reported["source"], reported["text"]) == (
        "report",
        "道路冠水（発生中）松永町（2026-07-29 12:00 投稿）",
    )
    assert (reported["origin"], reported["category_ja"], reported["response"]) == (
        "福山市からの通報（test）",
        "受信",
        "未確認",
    )
    assert reported["words"] == "松永町で道路が冠水しています"
    assert action["text"] == "「道路冠水（松永町）」を確認済とした。理由：消防署が現地で確認"
    assert (action["author"], action["category"]) == ("職員 太郎（福山市）", "done")
    assert (entry_line["origin"], entry_line["recipient"], entry_line["response"]) == (
        "福山消防署",
        "本部",
        "広報車を手配",
    )
    assert entry_line["author"].startswith("officer-of-34207")
    assert entry_line["municipality_name"] == "福山市"


def test_what_was_taken_back_is_named_where_the_reader_sees_it(one: World) -> None:
    officer = somebody_of(one, "34207")
    [line] = lines(officer)
    about = {"incident_id": line["incidents"][0]}
    act(one, "desk.undo", undoes=act(one, "desk.verify", **about), **about)
    assert lines(officer)[0]["text"] == "「道路冠水（松永町）」を確認済とした操作を取り消した。"
    hidden = act(one, "desk.reject", audience=("34",), **about)
    act(one, "desk.undo", undoes=hidden, **about)
    assert lines(officer)[0]["text"] == "「道路冠水（松永町）」への操作を取り消した。"


def test_one_municipality_never_sees_anothers_lines(one: World) -> None:
    ours, theirs, prefecture = of_both(one)
    write(ours, text="福山の記録")
    write(theirs, text="呉の記録")
    write(prefecture, text="県の記録")
    write(prefecture, text="県から福山へ", municipality="34207", category="sent")
    act(one, "desk.reject", "34202", reason="いたずら")
    act(one, "evacuation.order", "34207", body={"level": 4, "units": [{"code": "1", "name": "松永地区"}]})
    for path in ("/chronology", "/chronology.csv"):
        told = ours.get(path).text
        assert "福山の記録" in told
        assert "県から福山へ" in told
        assert "福山市松永地区に避難指示（警戒レベル4）を発令した" in told
        for foreign in ("呉の", "県の記録", "いたずら", "棄却"):
            assert foreign not in told
    assert "呉の谷" in theirs.get("/chronology").text
    assert "松永" not in theirs.get("/chronology").text
    for words in ("呉の記録", "県の記録", "福山の記録", "呉の谷", "松永町", "いたずら"):
        assert words in prefecture.get("/chronology").text
    # Neither do filters tell of them.
    assert lines(ours, q="呉の") == []
    assert lines(ours, municipality="34202") == []
    assert lines(ours, incident=lines(theirs, source="report")[0]["incidents"][0]) == []


def test_viewers_read_neither_words_nor_names(one: World) -> None:
    officer, viewer = somebody_of(one, "34207"), somebody_of(one, "34207", Role.VIEWER)
    write(officer)
    act(one, "desk.verify", organization_name="福山市")
    told = viewer.get("/chronology").text
    assert "冠水しています" not in told
    assert "officer-of" not in told
    assert "職員 太郎" not in told
    assert "消防署から入電" in told
    assert "冠水しています" not in viewer.get("/chronology.csv").text
    assert lines(viewer, q="冠水しています") == []
    problem(viewer.post("/chronology", json=entry()), 403, "forbidden")
    problem(one.reader().get("/chronology"), 403, "forbidden")


def test_an_entry_is_written_once_whatever_the_network_does(one: World) -> None:
    officer = somebody_of(one, "34207")
    given = entry()
    first, again = officer.post("/chronology", json=given), officer.post("/chronology", json=given)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert len(lines(officer, source="entry")) == 1
    other = somebody_of(one, "34207")
    problem(other.post("/chronology", json=given), 400, "invalid-input")


def test_a_wrong_entry_is_struck_by_a_later_one_once_and_by_its_headquarters_only(one: World) -> None:
    ours, theirs, prefecture = of_both(one)
    wrong = write(ours, text="松永橋が流失")
    number = int(wrong["id"].removeprefix("e-"))
    right = write(ours, text="松永橋は通行止め。流失は誤り", strikes=number)
    new, old = lines(ours, source="entry")
    assert (new["strikes"], new["may_strike"]) == (number, True)
    assert (old["text"], old["struck_by"], old["may_strike"]) == (
        "松永橋が流失",
        int(right["id"].removeprefix("e-")),
        False,
    )
    problem(ours.post("/chronology", json=entry(strikes=number)), 409, "already-struck")
    problem(theirs.post("/chronology", json=entry(strikes=number)), 404, "not-found")
    later = int(right["id"].removeprefix("e-"))
    problem(prefecture.post("/chronology", json=entry(strikes=later)), 403, "forbidden")
    assert not lines(prefecture, source="entry")[0]["may_strike"]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE chronology_entries SET text = 'x'",
        "DELETE FROM chronology_entries",
        "TRUNCATE chronology_entries CASCADE",
    ],
)
def test_what_was_written_cannot_be_changed(one: World, change: str) -> None:
    officer = somebody_of(one, "34207")
    written = write(officer)
    with pytest.raises(StoreError), one.services.database.transaction() as conn:
        conn.execute(text(change))
    assert lines(officer, source="entry") == [written]


def test_filters(one: World) -> None:
    officer = somebody_of(one, "34")
    write(officer, category="decided", text="ＡＢＣ体制へ移行", drill=True)
    act(one, "evacuation.dismiss", body={"level": 3})
    assert {line["source"] for line in lines(officer, source="report,entry")} == {"report", "entry"}
    assert [line["source"] for line in lines(officer, category="decided")] == ["action", "entry"]
    assert [line["text"] for line in lines(officer, q="abc")] == ["ＡＢＣ体制へ移行"]
    assert [line["source"] for line in lines(officer, q="見送った")] == ["action"]
    assert [line["municipality"] for line in lines(officer, q="火災")] == ["34202"]
    assert [line["drill"] for line in lines(officer, drill="true")] == [True]
    assert {line["municipality"] for line in lines(officer, municipality="34207")} == {"34207"}
    assert len(lines(officer, municipality="34")) == 3
    soon = (datetime.now(JST) + timedelta(hours=1)).isoformat()
    assert lines(officer, datetime=f"{soon}/..") == []
    assert len(lines(officer, datetime=f"../{soon}")) == 4
    for name, value in (
        ("datetime", "yesterday"),
        ("source", "mail"),
        ("after", "x"),
        ("after", "2026-01-01_0_x"),
        ("incident", "x"),
        ("limit", "0"),
        ("colour", "red"),
        ("q", "x" * 101),
    ):
        problem(officer.get("/chronology", params={name: value}), 400, "invalid-input")


def test_pages_hold_every_line_once(one: World) -> None:
    officer = somebody_of(one, "34")
    moment = datetime(2026, 7, 29, 12, 0, tzinfo=JST)
    for number in range(7):
        write(officer, text=str(number), at=(moment + timedelta(minutes=number // 3)).isoformat())
    everything = [line["id"] for line in lines(officer)]
    seen: list[str] = []
    after = ""
    while True:
        body = officer.get("/chronology", params={"limit": 2, "after": after}).json()
        seen += [line["id"] for line in body["lines"]]
        after = body["next"]
        if after is None:
            break
    assert seen == everything
    assert len(seen) == 9


def test_the_csv_opens_in_excel_and_runs_nothing(one: World) -> None:
    officer = somebody_of(one, "34207")
    for number, words in enumerate(HOSTILE):
        write(officer, text=words or "x", origin=words, drill=number == 0)
    answer = officer.get("/chronology.csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert "chronology_kunren_" in answer.headers["content-disposition"]
    table = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert len(table) == 1 + len(HOSTILE)
    assert table[0]["通報の文面"] == "松永町で道路が冠水しています", "oldest first"
    assert (table[0]["市区町村コード"], table[0]["市区町村"]) == ("34207", "福山市")
    for row in table:
        for cell in row.values():
            assert not cell.strip().startswith(("=", "+", "-", "@", "＝"))
    assert [row["訓練"] for row in table] == ["", "【訓練】", *[""] * (len(HOSTILE) - 1)]


def test_a_file_that_does_not_hold_all_says_so(one: World, monkeypatch: pytest.MonkeyPatch) -> None:
    officer = somebody_of(one, "34207")
    for number in range(3):
        write(officer, text=f"記録{number}")
    whole = officer.get("/chronology.csv").text
    assert module.CUT not in whole
    monkeypatch.setattr(module, "MOST_EXPORTED", 2)
    monkeypatch.setattr(module, "MOST_LISTED", 2)
    table = list(csv.DictReader(io.StringIO(officer.get("/chronology.csv").text.removeprefix("\ufeff"))))
    assert [row["内容"] for row in table] == [module.CUT, "記録1", "記録2"]
    book = openpyxl.load_workbook(io.BytesIO(officer.get("/chronology.xlsx").content))
    assert module.CUT in book.worksheets[0]["A1"].value


def test_the_excel_file_holds_text_only(one: World) -> None:
    officer = somebody_of(one, "34207")
    for words in HOSTILE:
        write(officer, text=words, drill=True)
    write(officer, text="制御文字\x01と\U0001f6a8")
    answer = officer.get("/chronology.xlsx", params={"source": "entry"})
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    [sheet] = book.worksheets
    assert sheet.title == "【訓練】クロノロジー"
    banner, header, *table = list(sheet.iter_rows())
    assert "【訓練】" in banner[0].value
    names = [cell.value for cell in header]
    assert names[:3] == ["訓練", "時刻（日本時間）", "区分"]
    for row in table:
        assert all(cell.data_type == "s" or cell.value is None for cell in row)
    column = names.index("内容")
    assert [row[column].value for row in table][: len(HOSTILE)] == [words.strip() for words in HOSTILE]
    assert datetime.fromisoformat(table[0][1].value)
    assert "kunren" in answer.headers["content-disposition"]


def test_a_report_without_a_place_and_its_placing_are_told(one: World) -> None:
    officer = somebody_of(one, "34207")
    unplaced = {
        "lat": None,
        "lon": None,
        "radius_m": None,
        "level": Level.MUNICIPALITY,
        "place_text": "てんぐ橋",
    }
    report(one.services, "three", **unplaced)
    [item] = officer.get("/tray").json()["items"]
    officer.post(f"/tray/{item['id']}/place", json={"ordinals": [0], "lat": 34.5, "lon": 133.3})
    assert [line["text"] for line in lines(officer, source="action")] == [
        "「道路冠水（てんぐ橋）」の通報1件に場所を付けた。"
    ]


def test_unknown_kinds_of_deed_are_shown_plainly(one: World) -> None:
    officer = somebody_of(one, "34207")
    act(one, "future.deed", reason="理由")
    assert [line["text"] for line in lines(officer, source="action")] == [
        "操作（future.deed）を行った。理由：理由",
    ]


def test_bad_entries_are_refused_in_words(one: World) -> None:
    officer = somebody_of(one, "34207")
    for wrong in (
        {"text": " "},
        {"text": "x" * 2001},
        {"at": "2026-07-29T10:00:00"},
        {"at": (datetime.now(UTC) + timedelta(minutes=5)).isoformat()},
        {"category": "chat"},
        {"municipality": "34202"},
        {"municipality": "99999"},
        {"incident": str(uuid4())},
        {"key": "x"},
    ):
        problem(officer.post("/chronology", json=entry(**wrong)), 400, "invalid-input")
    problem(officer.post("/chronology", json=entry(strikes=99)), 404, "not-found")
