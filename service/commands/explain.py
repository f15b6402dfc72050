"""One message's whole way on one page: what was seen in the words, by which rule, which places were weighed
and why one was taken. Nothing is stored and nothing leaves the terminal."""

from rich.console import Console, Group
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from geo.place import Location
from nlp.reading import Mention, Observation, Reading, Span
from service.pipeline import Understood
from service.words import LEVEL_JA, STATUS_JA, TYPE_JA

SPAN_STYLES = {"damage": "bold red", "place": "bold green", "status": "bold yellow", "people": "bold magenta"}


def explain(understood: Understood, console: Console) -> None:
    """Print the page."""
    reading = understood.reading
    console.print(Panel(_marked(reading), title="本文", title_align="left"))
    console.print(_decision(understood))
    console.print(_spans(reading))
    for mention, place in zip(reading.mentions, understood.places, strict=True):
        console.print(_place(mention, place))
    if any(observation.mention is None for observation in reading.observations):
        console.print(Panel(_where(understood.unsaid), title="場所の記載なし", title_align="left"))


def _all_spans(reading: Reading) -> list[Span]:
    spans = [mention.span for mention in reading.mentions]
    spans += [span for said in reading.observations for span in said.evidence]
    spans += list(reading.evidence)
    return sorted(set(spans), key=lambda span: (span.start, span.end, span.rule))


def _marked(reading: Reading) -> Text:
    text = Text(reading.text)
    for span in _all_spans(reading):
        kind = "place" if span in {m.span for m in reading.mentions} else span.label.split(":")[0]
        text.stylize(SPAN_STYLES.get(kind, "underline"), span.start, span.end)
    return text


def _decision(understood: Understood) -> Table:
    reading = understood.reading
    people = "、".join(f"{kind} {number}" for kind, number in reading.people.items() if number) or "—"
    flags = [
        "災害の報告" if reading.relevant else "災害の報告ではない",
        "緊急" if reading.urgent else "緊急でない",
        "訓練" if reading.drill else "",
        f"人数 {people}",
    ]
    table = Table(title="判断　" + "・".join(filter(None, flags)), title_justify="left", expand=True)
    for heading in ("種別", "状態", "場所（本文）", "位置", "精度", "根拠"):
        table.add_column(heading)
    for said in reading.observations:
        place = understood.place_of(said.mention)
        table.add_row(
            f"{TYPE_JA[said.type]}\n{said.type.value}",
            f"{STATUS_JA[said.status]}\n{said.status.value}",
            escape(_said_place(said, reading)),
            _where(place),
            _precision(place),
            escape(place.why),
        )
    return table


def _said_place(said: Observation, reading: Reading) -> str:
    return "—" if said.mention is None else reading.mentions[said.mention].span.text


def _where(place: Location) -> str:
    if place.lat is None or place.lon is None:
        return f"{'要選択' if place.ambiguous else '地図に示さない'}\n{place.municipality or '市区町村不明'}"
    return f"{place.lat:.5f}, {place.lon:.5f}\n{place.municipality}"


def _precision(place: Location) -> str:
    radius = "—" if place.radius_m is None else f"±{place.radius_m:,.0f} m"
    return f"{LEVEL_JA[place.level]}\n{radius}"


def _spans(reading: Reading) -> Table:
    table = Table(title="読み取り（文字位置・規則）", title_justify="left", expand=True)
    for heading in ("位置", "文字", "意味", "規則"):
        table.add_column(heading)
    for span in _all_spans(reading):
        table.add_row(f"{span.start}–{span.end}", escape(span.text), span.label, span.rule)
    return table


def _place(mention: Mention, place: Location) -> Panel:
    parts = " › ".join(f"{part.text}（{part.kind}）" for part in mention.parts)
    relation = mention.relation
    lines = [Text(f"構成　{parts}")]
    if mention.until:
        lines.append(Text("終点　" + " › ".join(f"{part.text}（{part.kind}）" for part in mention.until)))
    if relation:
        distance = "" if relation.distance_m is None else f" {relation.distance_m:g} m"
        lines.append(
            Text(f"関係　{relation.kind}{' ' + relation.direction if relation.direction else ''}{distance}")
        )
    table = Table(expand=True)
    for heading in ("候補", "市区町村", "精度", "点数", "内訳", "理由"):
        table.add_column(heading)
    for candidate in sorted(place.candidates, key=lambda each: -each.score):
        at = candidate.place
        scores = "\n".join(f"{name} {value:+.2f}" for name, value in candidate.scores.items())
        radius = f"{LEVEL_JA[at.level]} ±{at.radius_m:,.0f} m"
        table.add_row(
            escape(at.name), at.municipality, radius, f"{candidate.score:.2f}", scores, escape(candidate.why)
        )
    decision = Text(
        "判断　" + "　".join((*_where(place).splitlines(), *_precision(place).splitlines(), place.why))
    )
    return Panel(Group(*lines, table, decision), title=escape(mention.span.text), title_align="left")
