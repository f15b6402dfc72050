"""From when on information is old: by type, status and municipality, after what was known last."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from nlp.reading import DamageType, Status
from service import lifetimes
from service.fuse import Fusing
from service.lifetimes import AGEING, PACKAGED, PACKAGED_MINUTES, LifetimesError
from service.report import Incident, Ruling, Verification
from service.store import codec
from tests.service.store.samples import NOON, observation

HOUR = timedelta(hours=1)


def incident(ruling: Ruling = Ruling(), **given: Any) -> Incident:  # noqa: B008 - frozen
    return Fusing().summarize(UUID(int=1), [observation(UUID(int=2), **given)], ruling)


def test_every_type_has_its_times_and_reason_and_the_unsure_never_live_longer() -> None:
    assert set(PACKAGED_MINUTES) == set(DamageType)
    for kind, (present, feared, hearsay, why) in PACKAGED_MINUTES.items():
        assert 15 <= hearsay <= feared <= present <= 1440, kind
        assert why


def test_what_is_over_or_rejected_does_not_grow_old() -> None:
    assert PACKAGED.stale_at(incident()) == NOON + 2 * HOUR
    for status in set(Status) - set(AGEING):
        assert PACKAGED.stale_at(incident(status=status)) is None
    assert PACKAGED.stale_at(replace(incident(), verification=Verification.REJECTED)) is None


def test_the_last_report_or_the_last_confirmation_counts() -> None:
    confirmed = incident(Ruling(confirmed_at=NOON + HOUR))
    assert PACKAGED.stale_at(confirmed) == NOON + 3 * HOUR
    assert PACKAGED.stale_at(replace(confirmed, last_reported_at=NOON + 5 * HOUR)) == NOON + 7 * HOUR
    assert codec.ruling_from_json(codec.ruling_to_json(confirmed.ruling)) == confirmed.ruling


def test_the_most_particular_time_of_an_own_table_counts(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text(
        "\ufeffmunicipality,type,status,minutes\n,road_flooding,*,90\n34,*,present,45\n"
        "34207,road_flooding,present,30\n34205,*,*,20\n",
        encoding="utf-8",
    )
    own = lifetimes.load(file)

    def minutes(code: str | None, kind: DamageType, status: Status = Status.PRESENT) -> float:
        life = own.of(kind, status, code)
        assert life is not None
        return life.total_seconds() / 60

    assert minutes("34207", DamageType.ROAD_FLOODING) == 30
    assert minutes("34207", DamageType.FIRE) == 45
    assert minutes("34205", DamageType.FIRE, Status.HEARSAY) == 20
    assert minutes("30207", DamageType.ROAD_FLOODING, Status.FEARED) == 90
    assert minutes(None, DamageType.FIRE) == 60
    assert own.stale_at(incident()) == NOON + timedelta(minutes=30)
    assert lifetimes.load(None) is PACKAGED


@pytest.mark.parametrize(
    "row",
    [
        "3420,fire,present,10",
        "34207,flood,present,10",
        "34207,fire,over,10",
        "34207,fire,resolved,10",
        "34207,fire,present,0",
        "34207,fire,present,x",
        "34207,fire",
        ",,,",
    ],
)
def test_a_row_that_cannot_be_used_is_named(tmp_path: Path, row: str) -> None:
    file = tmp_path / "own.csv"
    file.write_text(f"municipality,type,status,minutes\n34207,fire,present,10\n{row}\n", encoding="utf-8")
    with pytest.raises(LifetimesError, match="3行目"):
        lifetimes.load(file)
    file.write_text("a,b\n", encoding="utf-8")
    with pytest.raises(LifetimesError, match="municipality,type,status,minutes"):
        lifetimes.load(file)
