"""Which action at the desk may be taken back, and what taking it back means. Pure.

An action takes back another one by its number. Two actions are in each other's way when they changed the same
decision of the same incident; of such a pair the later one is taken back first, and brought back last.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from uuid import UUID

from service.report import Ruling
from service.store.actions import Recorded
from service.store.desk import Deed, Edit, deed_of

MEMBERS = "members"  # which reports the incident is made of
EVERYTHING = "*"  # the incident ended or began: nothing else of it can be taken back past that
DECISIONS = tuple(one.name for one in fields(Ruling) if one.name not in ("version", "shared"))

Touched = Mapping[UUID, frozenset[str]]


def changed(before: Ruling, after: Ruling) -> frozenset[str]:
    """The names of the decisions that differ."""
    return frozenset(name for name in DECISIONS if getattr(before, name) != getattr(after, name))


def touched(deed: Deed) -> Touched:
    """Which decisions of which incidents a deed changes."""
    moved = {one for move in deed.moves for one in (move.origin, move.to)}
    return {
        edit.incident_id: frozenset({EVERYTHING})
        if edit.whole
        else changed(edit.before, edit.after) | ({MEMBERS} if edit.incident_id in moved else frozenset())
        for edit in deed.edits
    }


def in_the_way(one: Touched, other: Touched) -> bool:
    """True when both changed the same decision of an incident."""
    return any(
        EVERYTHING in one[both] | other[both] or one[both] & other[both] for both in one.keys() & other.keys()
    )


def obstacle(actions: Sequence[Recorded], wanted: int) -> Recorded | None:
    """The action for whose sake `wanted` cannot be taken back now, None when it can.

    `actions` are all that touched its incidents, oldest first. What was taken back already is in its own
    way. Raises LookupError when `wanted` is none of them.
    """
    live, undone = _standing(actions)
    known = {one.id: one for one in actions}
    if wanted not in known:
        raise LookupError(f"no action {wanted}")
    if wanted not in live and wanted not in undone:
        return next(one for one in actions if one.action.undoes == wanted)
    place = live.get(wanted, undone.get(wanted, 0))
    later = [one for one, at in live.items() if at > place]
    if wanted in undone:
        # What comes back comes back in the order in which it was first done.
        later += [one for one, at in undone.items() if at < place]
    mine = touched(deed_of(known[wanted].action.body))
    blocking = [one for one in later if in_the_way(mine, touched(deed_of(known[one].action.body)))]
    return known[max(blocking)] if blocking else None


def standing(actions: Sequence[Recorded]) -> frozenset[int]:
    """The numbers of the actions that hold: done and not taken back, or brought back."""
    return frozenset(_standing(actions)[0])


def _standing(actions: Sequence[Recorded]) -> tuple[dict[int, int], dict[int, int]]:
    """What holds and what is taken back, each with the number under which it was first done."""
    live: dict[int, int] = {}
    undone: dict[int, int] = {}
    for one in actions:
        of = one.action.undoes
        if of is None:
            live[one.id] = one.id
        elif of in live:
            undone[one.id] = live.pop(of)
        elif of in undone:
            live[one.id] = undone.pop(of)
    return live, undone


def reverse(deed: Deed, present: Mapping[UUID, Ruling]) -> tuple[Edit, ...]:
    """The edits that give back what `deed` changed, and leave the rest of the present rulings."""
    return tuple(
        Edit(
            edit.incident_id,
            present[edit.incident_id],
            _restored(edit, present[edit.incident_id]),
            edit.whole,
        )
        for edit in deed.edits
    )


def _restored(edit: Edit, present: Ruling) -> Ruling:
    # What was changed since by other means than the desk's (a confirmation) stays as it is.
    names = changed(edit.before, edit.after) - changed(edit.after, present)
    back = {name: getattr(edit.before, name) for name in names}
    return replace(present, version=present.version + 1, **back)
