"""Plain words of the kinds of action and of damage types, by which a search of the chronology finds them."""

from collections.abc import Mapping
from typing import Final

from nlp.reading import DamageType
from service.words import TYPE_JA

KIND_JA: Final[Mapping[str, str]] = {
    "desk.verify": "確認済とした",
    "desk.reopen": "未確認に戻した",
    "desk.reject": "棄却した",
    "desk.type": "種別を直した",
    "desk.status": "状態、解消とした",
    "desk.place": "場所を決めた",
    "desk.assign": "担当、割り当てた",
    "desk.merge": "事案をまとめた",
    "desk.split": "事案を分けた",
    "desk.ask": "問い合わせた",
    "desk.still": "続いていることを確かめた",
    "desk.undo": "操作を取り消した",
    "incident.share": "共有した",
    "incident.unshare": "共有をやめた",
    "share.agree": "共有することにした",
    "share.end": "共有することをやめた",
    "evacuation.order": "避難情報、避難指示、高齢者等避難、緊急安全確保を発令した",
    "evacuation.dismiss": "避難情報、避難指示、高齢者等避難、緊急安全確保の発令を見送った",
    "evacuation.lift": "避難情報、避難指示、高齢者等避難、緊急安全確保を解除した",
    "evacuation.proxy_begin": "知事の代行を始めた",
    "evacuation.proxy_end": "知事の代行を終えた",
    "evacuation.line": "発令基準の判断",
    "evacuation.criteria": "発令基準の表を書き換えた",
    "evacuation.units": "発令単位を入れ替えた",
    "evacuation.shelter": "避難場所・避難所の記録",
    "evacuation.heard": "報告を受けた",
    "organization.create": "組織を登録した",
    "organization.change": "組織の名前や区域を変えた",
    "people.create": "利用者を登録した",
    "people.change": "利用者の役割や所属を変えた",
    "people.provider": "外部のサインインが利用者の役割や所属を変えた",
    "people.password": "利用者のパスワードを作り直した",
    "people.signout": "利用者をサインアウトさせた",
    "device.create": "端末リンクを発行した",
    "device.revoke": "端末リンクを無効にした",
    "taught.place": "教えられた地名によって場所が決まった",
    "taught.undo": "教えられた地名の取り消しによって場所が元に戻った",
    "tray.place": "通報に場所を付けた",
    "tray.pull": "通報として取り込んだ",
    "tray.settle": "場所を決めずに済みとした",
    "tray.undo": "通報への操作を取り消した",
}


def kinds_saying(words: str) -> frozenset[str]:
    """The kinds of action whose plain words hold `words`, for a search."""
    return frozenset(kind for kind, label in KIND_JA.items() if words in label)


def types_saying(words: str) -> frozenset[str]:
    """The codes of damage types whose Japanese holds `words`."""
    return frozenset(kind.value for kind in DamageType if words in TYPE_JA[kind])
