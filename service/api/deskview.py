"""What the desk shows, as JSON: incidents with their rulings, the queue, the record of actions."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from service import deeds, triage
from service.api.services import Services
from service.desk import Conflict, Done
from service.publish import geojson
from service.publish.geojson import jst
from service.report import Assignee, Incident, Ruling, Verification
from service.store.actions import Recorded
from service.store.desk import Deed, deed_of
from service.store.queue import Choices, Queued, Support
from service.words import STATUS_JA, TYPE_JA

KINDS_JA: Final = {
    "desk.verify": "確認済みにしました",
    "desk.reopen": "未確認に戻しました",
    "desk.reject": "棄却しました",
    "desk.type": "被害種別を直しました",
    "desk.status": "状態を決めました",
    "desk.place": "場所を決めました",
    "desk.assign": "担当を決めました",
    "desk.merge": "統合しました",
    "desk.split": "分けました",
    "desk.still": "続いていることを確かめました",
    "desk.undo": "操作を取り消しました",
    "desk.ask": "通報者に尋ねました",
    "incident.share": "ほかの組織と共有しました",
    "incident.unshare": "ほかの組織との共有をやめました",
    "taught.place": "教えた場所によって動きました",
    "taught.undo": "教えた場所の取り消しで元に戻りました",
    "tray.place": "通報に場所を付けました",
    "tray.pull": "通報として取り込みました",
    "tray.settle": "場所を決めずに済みとしました",
    "tray.undo": "通報への操作を取り消しました",
}


def ruling(given: Ruling, services: Services) -> dict[str, Any]:
    """A ruling; None and "" where nothing was decided."""
    place, status = given.place, given.status
    return {
        "version": given.version,
        "verification": given.verification.value,
        "reason": given.reason,
        "type": None if given.type is None else given.type.value,
        "type_ja": None if given.type is None else TYPE_JA[given.type],
        "status": None if status is None else status.status.value,
        "status_ja": None if status is None else STATUS_JA[status.status],
        "status_at": None if status is None else jst(status.at),
        "place": None
        if place is None
        else {
            "lat": place.lat,
            "lon": place.lon,
            "radius_m": place.radius_m,
            "municipality_name": services.municipalities.get(place.municipality or ""),
            "place_text": place.place_text,
            "drawn": place.shape is not None,
        },
        "assigned": assignee(given.assigned),
        "merged_into": None if given.merged_into is None else str(given.merged_into),
    }


def assignee(given: Assignee | None) -> dict[str, str] | None:
    """A person or a unit."""
    return None if given is None else {"kind": given.kind, "id": str(given.id), "name": given.name}


def support(given: Support) -> dict[str, Any]:
    """What an incident rests on."""
    return {
        "senders": given.senders,
        "photos": given.photos,
        "official": given.official,
        "since": given.since,
    }


def queued(one: Queued, services: Services) -> dict[str, Any]:
    """One entry of the queue."""
    return {
        "feature": geojson.feature(one.incident, services.municipalities),
        "ruling": ruling(one.incident.ruling, services),
        "danger": triage.danger(one.incident, one.support),
        "support": support(one.support),
        "reasons": [
            {"code": each.code, "count": each.count, "ja": each.words}
            for each in triage.reasons(one.incident, one.support)
        ],
    }


def choices(offered: Choices, services: Services) -> dict[str, Any]:
    """What the queue's filter may be set to; `none` is 市町村不明."""
    towns = sorted(offered.municipalities.items(), key=lambda one: one[0] or "~")
    return {
        "hidden": offered.hidden,
        "choices": {
            "type": [{"code": code, "count": count} for code, count in sorted(offered.types.items())],
            "municipality": [
                {"code": code or "none", "name": services.municipalities.get(code), "count": count}
                for code, count in towns
            ],
            "drill": [
                {"code": str(drill).lower(), "count": offered.drills.get(drill, 0)} for drill in (False, True)
            ],
        },
    }


def trail(actions: Sequence[Recorded], about: UUID, services: Services) -> list[dict[str, Any]]:
    """Everything that was done about an incident, newest first."""
    standing = deeds.standing(actions)
    return [action(one, about, services, standing=one.id in standing) for one in reversed(actions)]


def action(recorded: Recorded, about: UUID | None, services: Services, *, standing: bool) -> dict[str, Any]:
    """One action as it concerned the incident `about`; of other incidents it only tells how many."""
    what, deed = recorded.action, deed_of(recorded.action.body)
    edit = next((one for one in deed.edits if about in (None, one.incident_id)), None)
    return {
        "id": recorded.id,
        "at": jst(recorded.at),
        "kind": what.kind,
        "kind_ja": KINDS_JA.get(what.kind, what.kind),
        "by": what.actor_name,
        "organization": what.organization_name,
        "reason": what.reason,
        "before": None if edit is None else ruling(edit.before, services),
        "after": None if edit is None else ruling(edit.after, services),
        "changed": [] if edit is None else sorted(deeds.changed(edit.before, edit.after)),
        "incidents": len(deed.edits),
        "moved": len(deed.moves),
        "incident": _whole(deed, about),
        "taught": what.body.get("name") if what.kind.startswith("taught.") else None,
        "undoes": what.undoes,
        "standing": standing,
    }


def _whole(deed: Deed, about: UUID | None) -> str | None:
    """The incident that the other side of a merge or split is."""
    others = [one for one in deed.edits if one.incident_id != about]
    return str(others[0].incident_id) if deed.moves and others else None


def conflict(found: Conflict, services: Services) -> dict[str, Any]:
    """An incident as it is now, for somebody who decided about an older version of it."""
    by = found.by
    return {
        "id": str(found.seen.id),
        "seen": found.seen.version,
        "living": found.living,
        "theirs": {
            "feature": geojson.feature(found.last, services.municipalities),
            "ruling": ruling(found.last.ruling, services),
        },
        "by": None if by is None else action(by, found.seen.id, services, standing=True),
    }


def done(made: Done, services: Services) -> dict[str, Any]:
    """What an order came to."""
    return {
        "action": action(made.recorded, None, services, standing=True),
        "incidents": [geojson.feature(one, services.municipalities) for one in made.incidents],
    }


def neighbour(one: Incident, services: Services) -> dict[str, Any]:
    """An incident that may be the same thing."""
    feature = geojson.feature(one, services.municipalities)
    return feature | {"verified": one.verification is Verification.VERIFIED}
