"""From words to what is saved: where danger and people belong, and what the sender is told."""

import gc
from datetime import UTC, datetime
from uuid import UUID

from geo.place import Position
from nlp.reading import DamageType, Status
from service.pipeline import Pipeline
from service.report import Message, ReadReport, Waiting

NOW = datetime(2026, 7, 10, 9, 0, tzinfo=UTC)


def read(
    pipeline: Pipeline, text: str, position: Position | None = None, *, drill: bool = False
) -> ReadReport:
    message = Message("file", "1", text, NOW, sender_municipality="30207", position=position, drill=drill)
    [report] = pipeline.process([Waiting(1, UUID(int=1), NOW, 0, message)])
    return report


def test_danger_belongs_to_the_place_where_people_are(pipeline: Pipeline) -> None:
    report = read(pipeline, "伊佐田町一丁目は停電。熊野川町日足で2人が家に取り残されています、助けてください")
    by_type = {each.type: each for each in report.observations}
    rescue, outage = by_type[DamageType.RESCUE_REQUEST], by_type[DamageType.POWER_OUTAGE]
    assert (rescue.urgent, outage.urgent) == (True, False)
    assert rescue.people.get("trapped") == 2
    assert not outage.people


def test_what_is_denied_is_never_urgent(pipeline: Pipeline) -> None:
    report = read(pipeline, "熊野川町日足、けが人なし、浸水なし")
    assert {each.status for each in report.observations} == {Status.DENIED}
    assert not any(each.urgent for each in report.observations)


def test_the_sender_is_told_what_was_understood_and_where(pipeline: Pipeline) -> None:
    assert read(pipeline, "熊野川町日足で停電").reply == "受け付けました：熊野川町日足 停電（発生中）。"
    assert read(pipeline, "熊野川町日足で停電", drill=True).reply.startswith("【訓練】")
    here = Position(33.7244, 135.9924, 10.0)
    assert read(pipeline, "停電しました", here).reply == "受け付けました：端末の位置 停電（発生中）。"


def test_the_sender_is_asked_for_what_lacks(pipeline: Pipeline) -> None:
    here = Position(33.7244, 135.9924, 10.0)
    assert "位置情報を送ってください" in read(pipeline, "停電しました").reply
    assert "場所と様子" in read(pipeline, "お疲れさまです").reply
    assert "何が起きているか" in read(pipeline, "現在地です", here).reply


def test_every_piece_of_evidence_stands_in_the_words(pipeline: Pipeline) -> None:
    text = "熊野川町日足で道路が冠水、車は通れません"
    report = read(pipeline, text)
    assert report.observations
    for observation in report.observations:
        assert observation.place_text in text
        assert all(0 <= span.start < span.end <= len(text) for span in observation.evidence)
        assert observation.why


def test_a_collection_of_garbage_does_not_look_through_what_was_loaded(pipeline: Pipeline) -> None:
    assert gc.get_freeze_count() > 100_000
