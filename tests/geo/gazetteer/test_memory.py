import pytest

from geo.coverage import Coverage
from geo.gazetteer.areas import MunicipalityAreas
from geo.gazetteer.memory import MemoryGazetteer, data_folder, load
from geo.gazetteer.verify import check
from geo.place import Gazetteer, Level, Place
from geo.sphere import metres_between


def place(name: str, kind: str, level: Level, code: str, lat: float = 35.0, lon: float = 135.0) -> Place:
    return Place(f"{kind}:{code}:{name}", name, "", kind, level, code, lat, lon, 500.0, "test")


ROWS = (
    place("広島県", "prefecture", Level.PREFECTURE, "34"),
    place("福山市", "municipality", Level.MUNICIPALITY, "34207"),
    place("松永町", "town", Level.TOWN, "34207"),
    place("松永町三丁目", "chome", Level.CHOME, "34207"),
    place("大字水道", "town", Level.TOWN, "34207"),
    place("門前町", "former_municipality", Level.FORMER_MUNICIPALITY, "17204"),
    place("門前町小山", "town", Level.TOWN, "17204"),
    place("市島町", "former_municipality", Level.FORMER_MUNICIPALITY, "28223"),
    place("市島町上鴨阪", "town", Level.TOWN, "28223"),
    place("市島町下鴨阪", "town", Level.TOWN, "28223"),
    place("上松永", "town", Level.TOWN, "28223"),
    place("松永駅", "station", Level.FACILITY, "34207"),
)


@pytest.fixture
def gazetteer() -> MemoryGazetteer:
    return MemoryGazetteer(ROWS)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("松永町", ["松永町"]),
        ("松永", ["松永町", "松永駅"]),
        ("松永町３丁目", ["松永町三丁目"]),
        ("松永町三丁目", ["松永町三丁目"]),
        ("水道", ["大字水道"]),
        ("大字水道", ["大字水道"]),
        ("小山", ["門前町小山"]),
        ("広島", ["広島県"]),
        ("福山", ["福山市"]),
        ("尾道", []),
    ],
)
def test_find(gazetteer: MemoryGazetteer, said: str, found: list[str]) -> None:
    assert [row.name for row in gazetteer.find(said)] == found


def test_names_leave_weak_forms_out_and_fold_the_rest(gazetteer: MemoryGazetteer) -> None:
    protocol: Gazetteer = gazetteer
    names = protocol.names()
    assert "水道" not in names
    assert {"松永", "松永町三丁目", "松永町3丁目", "小山", "門前町小山", "門前町"} <= set(names)
    assert list(names) == sorted(set(names))


def test_a_divided_village_is_named_by_what_its_halves_share() -> None:
    names = set(MemoryGazetteer(row for row in ROWS if row.municipality == "28223").names())
    assert {"鴨阪", "上鴨阪", "市島町上鴨阪", "上松永"} <= names
    assert "松永" not in names


def test_rows_and_municipality_by_code(gazetteer: MemoryGazetteer) -> None:
    assert {row.name for row in gazetteer.rows_of("17204")} == {"門前町", "門前町小山"}
    assert gazetteer.rows_of("99999") == []
    found = gazetteer.municipality("34207")
    assert found is not None
    assert found.name == "福山市"
    prefecture = gazetteer.municipality("34")
    assert prefecture is not None
    assert prefecture.name == "広島県"
    assert gazetteer.municipality("17204") is None
    assert [row.name for row in gazetteer.find_in("松永", "34207")] == ["松永町", "松永駅"]
    assert len(gazetteer) == len(list(gazetteer)) == len(ROWS)


@pytest.fixture(scope="module")
def nation() -> MunicipalityAreas:
    return MunicipalityAreas(MemoryGazetteer(load()), Coverage.of_package())


def test_the_packaged_tables_are_whole() -> None:
    assert [result for result in check(data_folder()) if result.outcome != "ok"] == []


@pytest.mark.parametrize(
    ("lat", "lon", "code"),
    [
        (34.4497, 133.2570, "34207"),  # 福山市松永支所
        (34.6577, 135.1440, "28106"),  # 神戸市長田区 新長田駅
        (35.0116, 135.7681, "26104"),  # 京都市役所
        (34.7108, 137.7261, "22138"),  # 浜松市役所
        (32.7914, 130.8164, "43443"),  # 益城町役場
        (26.2124, 127.6809, "47201"),  # 沖縄県庁
        (43.0621, 141.3544, "01101"),  # 札幌市役所
        (30.0, 150.0, None),
    ],
)
def test_municipality_of_known_points(
    nation: MunicipalityAreas, lat: float, lon: float, code: str | None
) -> None:
    assert nation.municipality_of(lat, lon) == code


def test_the_nations_municipalities(nation: MunicipalityAreas) -> None:
    names = {code: nation.municipality(code) for code in ("34207", "28106", "28100", "22139", "13")}
    assert [row.name for row in names.values() if row] == [
        "福山市",
        "神戸市長田区",
        "神戸市",
        "浜松市浜名区",
        "東京都",
    ]
    assert nation.municipality("22131") is None


@pytest.mark.parametrize(
    ("code", "name", "lat", "lon", "within_m"),
    [
        ("34207", "松永町", 34.4497, 133.2570, 1000),  # 松永支所 stands in it
        ("43443", "宮園", 32.7914, 130.8164, 1500),  # 益城町役場 stands in it
        ("17204", "町野", 37.4233, 137.0881, 500),  # 旧町野町, 町野支所
        ("34207", "松永駅", 34.4510, 133.2589, 300),
        ("13101", "丸の内1丁目", 35.6812, 139.7649, 600),
    ],
)
def test_known_places_stand_where_they_should(
    nation: MunicipalityAreas, code: str, name: str, lat: float, lon: float, within_m: float
) -> None:
    found = nation.gazetteer.find_in(name, code)
    assert found
    assert min(metres_between(row.lat, row.lon, lat, lon) for row in found) <= within_m
