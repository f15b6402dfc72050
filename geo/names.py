"""How Japanese place names vary: old and new characters, ヶ/ケ/が, 大字・字, 丁目 numerals, short forms.

Three steps, used alike on names and on text:
`fold` (NFKC, then `FOLD`) keeps every character in its place, so that a text folded by FOLD after NFKC
has the same offsets as before; `surface_forms` lists what people say for a name, folded, for a search
in folded text; `normal_form` is the key under which all spellings of one name meet.
"""

import re
import unicodedata
from functools import lru_cache
from types import MappingProxyType
from typing import Final

# Old, variant and vulgar characters -> the one that the gazetteer uses; pairs of one character each.
_PAIRS: Final = (
    "亞亜惡悪壓圧圍囲爲為壹壱榮栄營営衞衛驛駅圓円鹽塩緣縁應応歐欧毆殴櫻桜奧奥橫横溫温假仮會会繪絵"
    "壞壊懷懐擴拡殼殻覺覚學学嶽岳樂楽勸勧卷巻寬寛歡歓罐缶觀観關関陷陥顏顔歸帰氣気龜亀僞偽戲戯犧犠"
    "舊旧據拠擧挙虛虚峽峡挾挟狹狭鄕郷堯尭曉暁區区驅駆勳勲薰薫徑径惠恵溪渓谿渓經経繼継輕軽鷄鶏藝芸"
    "擊撃縣県儉倹劍剣險険圈圏檢検權権獻献顯顕驗験嚴厳巖巌廣広恆恒鑛鉱礦鉱效効號号國国黑黒濟済碎砕齋斎"
    "劑剤雜雑參参慘惨棧桟蠶蚕讚讃贊賛殘残絲糸兒児辭辞濕湿實実舍舎寫写釋釈壽寿收収從従澁渋獸獣縱縦"
    "肅粛處処緖緒敍叙將将稱称燒焼證証奬奨條条狀状乘乗淨浄剩剰疊畳繩縄壤壌孃嬢讓譲釀醸觸触囑嘱寢寝"
    "愼慎晉晋眞真刄刃盡尽圖図粹粋醉酔隨随髓髄數数樞枢瀨瀬淸清靜静齊斉攝摂竊窃專専戰戦淺浅潛潜"
    "纖繊踐践錢銭禪禅曾曽雙双壯壮搜捜插挿爭争莊荘裝装總総聰聡騷騒藏蔵臟臓卽即屬属續続墮堕對対帶帯"
    "滯滞臺台瀧滝擇択澤沢單単擔担膽胆團団彈弾斷断癡痴遲遅晝昼蟲虫鑄鋳廳庁聽聴鎭鎮遞逓鐵鉄轉転點点"
    "傳伝黨党盜盗燈灯當当嶋島嶌島嶹島德徳獨独讀読屆届繩縄貳弐腦脳霸覇廢廃拜拝賣売麥麦發発髮髪拔抜蠻蛮"
    "祕秘濱浜濵浜拂払佛仏竝並邊辺邉辺邊辺變変辨弁瓣弁辯弁舖舗穗穂寶宝襃褒豐豊沒没萬万滿満"
    "默黙彌弥藥薬譯訳豫予餘余與与譽誉搖揺樣様謠謡來来賴頼亂乱覽覧龍竜兩両獵猟綠緑鄰隣淚涙壘塁勵励"
    "禮礼隸隷靈霊齡齢曆暦歷歴戀恋練練爐炉勞労樓楼祿禄錄録灣湾內内吳呉增増彥彦悅悦戶戸敎教每毎步歩"
    "產産稅税脫脱靑青黃黄眞真槇槙遙遥瑤瑶萊莱諫諌祗祇頸頚檮梼礪砺蠣蛎鰺鯵蘆芦檜桧籠篭籔薮藪薮壺壷"
    "鶯鴬鷗鴎蟬蝉麴麹靱靭穐秋鴈雁舘館舩船埜野峯峰嵜崎﨑崎碕崎髙高冨富淵渕渊渕泻潟杦杉枩松柗松栁柳"
    "驒騨頰頬剝剥塡填噓嘘嚙噛囊嚢繫繋瀆涜俱倶鹼鹸麵麺屛屏幷并搔掻冲沖凉涼凜凛廐厩寳宝峩峨楳梅煕熙畧略體体軆体鄉郷鐡鉄"
    "齒歯郞郎雞鶏萠萌蘓蘇蠅蝿桒桑邨村圡土𠮷吉𣘺橋靏鶴靍鶴塲場閒間礒磯竈釜竃釜豬猪吞呑疉畳鬪闘摑掴攪撹蔣蒋賤賎儘侭灌潅"
)
_KANA: Final = "ヶケヵケッツっつャヤュユョヨァアィイゥウェエォオヰイヱエヲオゐいゑえヷワ"
# U+4E00 is a numeral, U+30FC a long vowel: neither is touched. 〇 (U+3007) and 零 stay too.

FOLD: Final[dict[int, str]] = {
    ord(pairs[i]): pairs[i + 1]
    for pairs in (_PAIRS, _KANA)
    for i in range(0, len(pairs), 2)
    if pairs[i] != pairs[i + 1]
}
"""One character to one character, for `str.translate` on NFKC text: offsets never move."""

_FOLDED: Final = frozenset(map(chr, FOLD))
_REMEMBERED_LENGTH: Final = 30  # a name's; whole sentences are not worth the memory
_DIGITS: Final = "〇一二三四五六七八九"
_KANJI_NUMBER: Final = "[〇一二三四五六七八九十]"
_COUNTED: Final = "丁目|条|線|号線|番町"
_KANJI_COUNTED: Final = re.compile(rf"(?<!第)({_KANJI_NUMBER}{{1,3}})(?={_COUNTED})")
_ARABIC_COUNTED: Final = re.compile(rf"(\d{{1,2}})(?={_COUNTED})")
_COUNTED_AT_ALL: Final = re.compile(_COUNTED)
_AZA: Final = re.compile(r"^(?:大字|小字|字)(?=.)")
_INNER_AZA: Final = re.compile(r"(?<=.)(?:大字|小字|字)(?=..)")
# 岩手県: 「第八地割字太田名部」 is 太田名部 to all who live there.
_JIWARI: Final = re.compile(r"^第?[〇一二三四五六七八九十0-9]+地割字?(?=..)")
_KANJI: Final = r"[一-鿿々〆]"
_BETWEEN: Final = MappingProxyType(
    {
        "ケ": ("が", "カ", "箇"),
        "が": ("ケ",),
        "ガ": ("ケ", "が"),
        "ノ": ("の", "之"),
        "之": ("ノ", "の"),
        "の": ("ノ",),
        "ツ": ("つ",),
        "つ": ("ツ",),
    }
)
_LINKED: Final = re.compile(rf"(?<={_KANJI})([ケがガノ之のツつ])(?={_KANJI})")
_CHOME_OF_MACHI: Final = re.compile(rf"(.{{2,}})町((?:\d{{1,2}}|{_KANJI_NUMBER}{{1,3}})丁目)")
_SCHOOLS: Final = (
    ("高等学校", ("高校", "高")),
    ("小学校", ("小", "小学")),
    ("中学校", ("中", "中学")),
    ("幼稚園", ("幼",)),
)
_BRACKETS: Final = re.compile(r"[(「【][^)」】]*[)」】]?")
_PART: Final = re.compile(
    r"(..学校|..高校|..公民館|..分校)[の・]?"
    r"(?:第[一二12]|新|旧|本)?(?:体育館|武道場|柔剣道場|講堂|校舎|グラウンド|運動場|校庭|屋上|駐車場|格技場).*$"
)
_FOUNDER: Final = re.compile(r"^.{0,8}?(?:市|町|村|県|都|府|道|区)立(?=.{3,})")
# Places somewhere, but common nouns in a report: found only by whoever asks for them by name. Words that
# are first of all names (清水, 山田, 朝日) are not here: the reader's part-of-speech check sorts them.
_WORDS: Final = (
    "土砂 部屋 水道 津波 公園 一部 裏山 駐車場 車場 道路 道 川 山 橋 谷 池 沢 浜 港 島 森 林 原 野 田 "
    "上 下 中 東 西 南 北 前 後 左 右 内 外 奥 浦 岸 本 新 元 今 大 小 学校 小学校 中学校 役場 市役所 "
    "支所 駅 駅前 病院 神社 寺 工場 団地 倉庫 現場 付近 周辺 地区 地域 地内 集落 全域 市内 町内 村内 "
    "区内 国道 県道 市道 町道 村道 農道 林道 高速 踏切 交差点 信号 水路 用水 河川 堤防 水門 水位 水田 "
    "田畑 畑 家 住宅 民家 自宅 車 車両 船 人 火事 火災 煙 雨 雪 風 地震 停電 断水 避難 避難所 救助 "
    "消防 消防署 消防団 分団 警察 本部 県庁 区役所 公民館 体育館 集会所 会館 広場 海岸 河口 下流 上流 "
    "対岸 左岸 右岸 頂上 山頂 斜面 崖 法面 側溝 電柱 電線 倒木 瓦 屋根 床 玄関 階 地下 地下道 歩道 "
    "車道 坂 坂道 峠 トンネル 入口 出口 北側 南側 東側 西側 中央 中心 南部 北部 東部 西部 中部 上部 "
    "下部 旭 昭和 平成 大正 明治 幸 栄 緑 希望 学園 大学 高校 大学前 役場前 温泉 牧場 農場 開拓 "
    "放水路 貯水池 浄水場 発電所 変電所 空港 埠頭 ふ頭 岸壁 防波堤 埋立 一丁目 二丁目 三丁目 四丁目 "
    "五丁目 六丁目 七丁目 八丁目 九丁目 十丁目 三人 二人 一人 四人 五人 一番 二番 三番 十番 二階 十分 "
    "一時 三時 二時 上流部 高台 低地 平地 山中 川下 川原 河原 土手 畦 水源 大水 出水 泥 砂 石 岩 岩場 "
    "砂場 土場 井戸 柱 門 塀 壁 窓 屋敷 旧道 新道 近道 横道 通り 大通 裏 表 横 角 曲 先 崎 鼻 口 戸 "
    "城 宮 堂 社 院 塔 塚 墓 墓地 霊園 ゴルフ場 競馬場 運動場 野球場 市場 役所 店 商店 商店街 事務所 "
    "会社 局 郵便局 銀行 保育園 幼稚園 孤立 安全 無事 異常 大丈夫 完了 通行 通行止 不能 危険 注意 "
    "警戒 確認 報告 連絡 至急 応援 要請 作業 対応 出動 帰宅 高齢者 住民 負傷 けが 怪我 死者 行方 不明 "
    "男性 女性 子供 老人 母 父 夫 妻 兄 今日 明日 昨日 朝 昼 夜 夕方 午前 午後 現在 時間 時点 以上 "
    "以下 以前 以後 途中 最中 浸水 冠水 氾濫 決壊 越水 崩落 陥没 倒壊 損壊 流出 流木 濁流 増水 満水 "
    "土石流 落石 地すべり がけ"
)


def fold(text: str) -> str:
    """NFKC and `FOLD`: the spelling in which names and texts are compared."""
    plain = unicodedata.normalize("NFKC", text)
    return plain if _FOLDED.isdisjoint(plain) else plain.translate(FOLD)


def normal_form(name: str) -> str:
    """The key of a name: folded, no spaces, 大字/字 prefix dropped, counted numerals (丁目, 条, 線) Arabic.

    「大字三ヶ尻」 and 「三ケ尻」 meet, 「松永町三丁目」 and 「松永町3丁目」 too. Idempotent.
    """
    return _remembered(name) if len(name) <= _REMEMBERED_LENGTH else _normal_form(name)


def _normal_form(name: str) -> str:
    plain, before = "".join(fold(name).split()), name
    # Spaces gone, a lone voicing mark joins its kana, and what they make is folded in its turn: ワ゛, ヷ, ワ.
    while plain != before:
        plain, before = fold(plain), plain
    return _key(plain)


_remembered = lru_cache(maxsize=20_000)(_normal_form)


def search_keys(name: str, kind: str) -> tuple[str, ...]:
    """The normal forms of all surface forms, without doubles: what an index files a place under."""
    return tuple(dict.fromkeys(_key(form) for form in surface_forms(name, kind)))


def _key(folded: str) -> str:
    """`normal_form` of a text that is folded and has no spaces."""
    while "字" in folded and (shorter := _AZA.sub("", folded)) != folded:
        folded = shorter
    if "地割" in folded:
        folded = _JIWARI.sub("", folded)
    if not _COUNTED_AT_ALL.search(folded):
        return folded
    return _KANJI_COUNTED.sub(lambda found: str(number_of(found[1])), folded)


@lru_cache(maxsize=1_000)
def number_of(kanji: str) -> int:
    """The number 1 to 99 that 「十二」, 「二十一」 or 「二一」 writes."""
    if "十" not in kanji:
        return int("".join(str(_DIGITS.index(digit)) for digit in kanji))
    tens, _, ones = kanji.partition("十")
    return (number_of(tens) if tens else 1) * 10 + (number_of(ones) if ones else 0)


def kanji_of(number: int) -> str:
    """「二十一」 for 21 (1 to 99)."""
    tens, ones = divmod(number, 10)
    ten = "" if tens == 0 else ("十" if tens == 1 else _DIGITS[tens] + "十")
    return ten + (_DIGITS[ones] if ones else "")


def is_weak(form: str) -> bool:
    """True for a form that alone says nothing: one character, two kana, a number, or a common word.

    Such forms stay findable in a known municipality, but do not belong into a nationwide search.
    """
    return _is_weak_key(normal_form(form))


def strong_forms(name: str, kind: str) -> tuple[str, ...]:
    """The surface forms that are not weak: what a nationwide search looks for."""
    return tuple(form for form in surface_forms(name, kind) if not _is_weak_key(_key(form)))


def _is_weak_key(key: str) -> bool:
    return len(key) < 2 or key in _WEAK_WORDS or _WEAK_PATTERN.fullmatch(key) is not None


def readings_of(kana: str) -> tuple[str, ...]:
    """How a name of this reading is written by ear: hiragana without small letters, with and without its
    まち, ちょう, むら, そん or し; nothing for a reading that is empty or has digits."""
    plain = unicodedata.normalize("NFKC", kana).translate(_BY_EAR)
    if not _BY_EAR_ONLY.fullmatch(plain):
        return ()
    bare = _READ_ENDINGS.sub("", plain)
    return (plain, bare) if len(bare) >= 3 else (plain,)


def surface_forms(name: str, kind: str) -> tuple[str, ...]:
    """What people say for `name` of the given `Place.kind`, folded, the full name first, without doubles.

    Kinds known: prefecture, municipality, former_municipality, town, koaza, chome, station, office, school,
    hall, hospital, shelter, facility; any other kind gets the spellings only. Weak forms are included: ask
    `is_weak`.
    """
    full = "".join(fold(name).split())
    forms: dict[str, None] = {}
    for form in (full, *_SHORTENERS.get(kind, _no_short_forms)(full)):
        if form in forms:
            continue
        for spelling in _spellings(form):
            forms.setdefault(spelling)
    forms.pop("", None)
    return tuple(forms)


def _spellings(form: str) -> list[str]:
    """`form` with kanji and Arabic counts, and with ケ/が, ノ/の, ツ/つ between kanji."""
    plain = [form]
    if _COUNTED_AT_ALL.search(form):
        plain += _counted_spellings(form)
    found = _LINKED.search(form)
    # 山の上, 川の中: with の in a short name the phrase is likelier than the place.
    if found and (found[1] in "ケガツ" or len(form) >= 4):
        plain += [form[: found.start()] + other + form[found.end() :] for other in _BETWEEN[found[1]]]
    return plain


def _counted_spellings(form: str) -> list[str]:
    return [
        _KANJI_COUNTED.sub(lambda found: str(number_of(found[1])), form),
        _ARABIC_COUNTED.sub(lambda found: kanji_of(int(found[1])) or found[1], form),
    ]


def _no_short_forms(name: str) -> tuple[str, ...]:
    return ()


def _short_prefecture(name: str) -> tuple[str, ...]:
    return (name[:-1],) if name[-1:] in "都府県" else ()


def _short_municipality(name: str) -> tuple[str, ...]:
    bare = name.split("郡", 1)[1] if re.match(r".{1,4}郡.", name) and name[-1:] in "町村" else name
    if found := re.fullmatch(r"(.+市)(.+区)", bare):
        # 中央, 北, 南 alone are words: a ward is never said without its 区.
        return (found[2],)
    # A town's bare name needs two characters at least (津市 is no 津).
    short = bare[:-1] if bare[-1:] in "市町村" and len(bare) >= 3 else ""
    return (bare, short)


def _short_town(name: str) -> tuple[str, ...]:
    bare = joined = _JIWARI.sub("", name)
    if "字" in name:
        bare = _AZA.sub("", bare)
        joined = _INNER_AZA.sub("", bare)
    forms = [bare, joined]
    if len(joined) >= 3 and joined[-1] == "町":
        forms.append(joined[:-1])
    return tuple(forms)


def _short_chome(name: str) -> tuple[str, ...]:
    bare = _INNER_AZA.sub("", _AZA.sub("", name)) if "字" in name else name
    found = _CHOME_OF_MACHI.fullmatch(bare) if "町" in bare else None
    return (bare, found[1] + found[2]) if found else (bare,)


def _short_station(name: str) -> tuple[str, ...]:
    bare = re.sub(r"\(.*?\)", "", name)
    if bare.endswith("駅") and len(bare) > 1:
        return (bare, bare[:-1])
    # 停留場 are stops of trams: 「〜電停」 is how their cities say it.
    return (bare + "駅", bare, bare + "電停")


def _short_office(name: str) -> tuple[str, ...]:
    forms = []
    if found := re.search(r"(.+[市町村区])(役所|役場)$", name):
        forms.append(found[1].split("郡")[-1] + found[2])
        forms.append(found[1].split("郡")[-1] + "庁舎")
    if found := re.search(r"[市町村区](?:役所|役場)?(.{1,8}?)(?:総合|地域)?(支所|出張所|庁舎)$", name):
        forms.append(found[1] + found[2])
    return tuple(forms)


def _short_school(name: str) -> tuple[str, ...]:
    bare = without_part(name)
    forms = [bare]
    for full, shorts in _SCHOOLS:
        if bare.endswith(full) and len(bare) > len(full):
            forms += [bare.removesuffix(full) + short for short in shorts]
    return tuple(forms)


def _short_facility(name: str) -> tuple[str, ...]:
    return (without_part(name),)


def without_part(name: str) -> str:
    """「八木中学校」 for 延岡市立八木中学校(体育館): whose it is and which part is meant are not said."""
    bare = _FOUNDER.sub("", _BRACKETS.sub("", name)) or name
    return _PART.sub(r"\1", bare)


_SHORTENERS: Final = MappingProxyType(
    {
        "prefecture": _short_prefecture,
        "municipality": _short_municipality,
        "former_municipality": _short_municipality,
        "town": _short_town,
        "chome": _short_chome,
        "station": _short_station,
        "office": _short_office,
        "school": _short_school,
        "koaza": _short_town,
        "hall": _short_facility,
        "hospital": _short_facility,
        "shelter": _short_facility,
        "facility": _short_facility,
    }
)
_WEAK_WORDS: Final = frozenset(normal_form(word) for word in _WORDS.split())
_WEAK_PATTERN: Final = re.compile(
    r"[ぁ-ゖー]{1,2}|[ァ-ヺー]{1,2}|[\d〇一二三四五六七八九十百千]+"
    r"|\d+(?:丁目|条|線|号線|番町|区|号|番|番地)|第\d+"
)
# Small letters are big for who writes by ear, and katakana hiragana.
_BY_EAR: Final = {code: chr(code - 0x60) for code in range(ord("ァ"), ord("ヶ") + 1)} | dict(
    zip(map(ord, "ァィゥェォッャュョヮぁぃぅぇぉっゃゅょゎ"), "あいうえおつやゆよわ" * 2, strict=True)
)
_BY_EAR_ONLY: Final = re.compile(r"[ぁ-ゖー]{3,}")
_READ_ENDINGS: Final = re.compile(r"(?<=...)(?:ちよう|まち|むら|そん|し)$")
