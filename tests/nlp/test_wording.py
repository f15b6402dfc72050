"""What turns the status of a damage round: each line of wording.tsv reads as it says."""

from pathlib import Path

import pytest

from nlp.pipeline import Reader

LINES = [
    line.split("\t")
    for line in Path(__file__).with_name("wording.tsv").read_text(encoding="utf-8").splitlines()[1:]
    if not line.startswith("#")
]


@pytest.mark.parametrize(("text", "reads"), LINES, ids=[text for text, _ in LINES])
def test_wording_reads_as_an_officer_would_log_it(reader: Reader, text: str, reads: str) -> None:
    found = {f"{each.type.value}:{each.status.value}" for each in reader.read(text).observations}
    assert found == set(reads.split())


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("柳津町 けが人2名、死者なし", {"injured": 2}),
        ("今津町 死者なし。負傷者2名。", {"injured": 2}),
        ("神村町 負傷者2名、行方不明者なし", {"injured": 2}),
        ("柳津町で死者1、行方不明2、けが4", {"dead": 1, "missing": 2, "injured": 4}),
        ("今津町でけが人が3人、10時に搬送", {"injured": 3}),
        ("神村町の土砂崩れ、男性2名が意識なし", {"injured": 2}),
        ("金江町でガラスが割れ、1人が手を切りました", {"injured": 1}),
        ("柳津町で3人が波にさらわれて見えなくなった", {"missing": 3}),
        ("今津町の用水で車が流され、1名救助、2名行方不明", {"missing": 2}),
        ("松永町のエレベーターに4人閉じこめ", {"trapped": 4}),
        ("神村町で家がつぶれ、下敷きの2人を助け出しました", {}),
    ],
)
def test_people_are_counted_under_what_became_of_them(
    reader: Reader, text: str, counted: dict[str, int]
) -> None:
    people = reader.read(text).people
    assert {kind: count for kind, count in people.items() if count} == counted


@pytest.mark.parametrize(
    ("text", "drill"),
    [
        ("【訓練】今津町で火災発生、第1分団出動せよ", True),
        ("訓練であります。松永町で火災発生", True),
        ("訓練用の通報です。松永町で火災発生", True),
        ("訓練の途中です。松永町で火災発生、放水開始", True),
        ("これで訓練を終了します。今津町の火災は鎮火", True),
        ("これは訓練ではない。柳津町で火災発生", False),
        ("訓練ではありません。柳津町で火災発生", False),
        ("訓練の途中に柳津町で本当に火災発生", False),
        ("神村町で火事。訓練で使ったポンプで放水中", False),
    ],
)
def test_a_drill_is_what_is_called_one(reader: Reader, text: str, drill: bool) -> None:
    assert reader.read(text).drill is drill


@pytest.mark.parametrize(
    ("text", "urgent"),
    [
        ("神村町 家屋倒壊1棟、住人2名と連絡取れず", True),
        ("神村町 停電で呼吸器が止まった", True),
        ("神村町 子どもがいない。さっきまで川の横におった", True),
        ("神村町 川の横の家で転んでけが人1名", False),
        ("神村町 停電で父と連絡取れず", False),
        ("今津町の裏山から小石がぱらぱら落ちてきます", True),
        ("今津町の裏山から小石が落ちてくる。下の3軒には公民館へ移ってもらった", False),
        ("柳津町の港に津波の第一波。みんな丘の上に上がっとります", False),
        ("柳津町の港に津波の第一波。みんなまだ家におる", True),
        ("柳津町の港に津波の第一波。住民が避難できていません", True),
        ("柳津町に津波。島民は高台に上がっとらん", True),
        ("柳津町に津波です。みんな屋根の上にいます", True),
        ("柳津町で土砂が家に迫っています。みんな寝ています", True),
        ("柳津町に津波の第一波。全員退避を終えております", False),
        ("神村町の谷、石がごろごろ流れてくる。下に人家はありません", False),
        ("松永町でガスの臭い。元栓を閉めたのに臭いが消えん、みんな外へ出した", True),
    ],
)
def test_urgent_is_who_is_in_danger_now(reader: Reader, text: str, urgent: bool) -> None:
    assert reader.read(text).urgent is urgent
