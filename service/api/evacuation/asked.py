"""Whose board is asked for, who may see it, who may write on it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from geo import codes
from service import access
from service.access import Principal
from service.api.services import Services
from service.collect.clean import clean_text
from service.evacuation.model import Facts
from service.problems import FORBIDDEN, TOO_MANY_REQUESTS, ProblemError, invalid
from service.report import NOTHING, PREFECTURE_DIGITS, Organization, Scope
from service.store.actions import Action
from service.store.database import Connection
from service.store.evacuation import facts, units

WRITES_PER_MINUTE: Final = 120
CODE_DIGITS: Final = 5
CLOCK_SLACK: Final = timedelta(minutes=2)  # a browser's clock may be ahead
OLDEST: Final = timedelta(hours=72)
NO_STORE: Final = {"Cache-Control": "no-store"}


def _cleaned(value: object) -> object:
    """JSON may carry lone surrogates, which pydantic would refuse whole."""
    return clean_text(value).strip() if isinstance(value, str) else value


Words = Annotated[str, BeforeValidator(_cleaned), Field(min_length=1, max_length=1000)]
Note = Annotated[str, BeforeValidator(_cleaned), Field(max_length=200)]
Code = Annotated[str, BeforeValidator(_cleaned), Field(min_length=1, max_length=100)]
Municipality = Annotated[str, Field(description="市区町村（5桁）。区は市のボードになります。")]


class Strict(BaseModel):
    """A body in which nothing unknown stands."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Board:
    """The municipality whose board is meant; `codes` are it and its wards."""

    code: str
    name: str
    codes: frozenset[str]

    @property
    def audience(self) -> tuple[str, ...]:
        """Who may read what is done on it."""
        return (self.code[:PREFECTURE_DIGITS], *sorted(self.codes))


def board_of(services: Services, principal: Principal, municipality: str | None) -> Board:
    """The board of `municipality`, by default the asker's own, if he may see it.

    Raises ProblemError `invalid-input`, `forbidden`.
    """
    given = municipality or principal.jurisdiction or ""
    if len(given) != CODE_DIGITS or given not in services.municipalities:
        raise invalid("municipality", "実在する市区町村のコード（5桁）を書いてください。")
    code = codes.parent(given) or given
    board = Board(code, services.municipalities.get(code, code), codes.with_wards(code))
    audience = principal.scope.audience
    if audience is not None and audience.isdisjoint(board.audience):
        raise ProblemError(FORBIDDEN, "ほかの市区町村の避難判断ボードは見られません。")
    return board


def writable(services: Services, principal: Principal, municipality: str, csrf: str | None) -> Board:
    """`board_of` for a write: the municipality's own people only, with the session's token.

    The prefecture sees and advises; 災害対策基本法 第60条 gives the decision to the mayor. See `proxied`.
    """
    access.require_csrf(principal, csrf)
    board = board_of(services, principal, municipality)
    own = principal.jurisdiction is None or (
        principal.jurisdiction == board.code
        and principal.organization is not None
        and principal.organization.kind == "municipality"
    )
    if not own:
        raise ProblemError(FORBIDDEN, "この市区町村の職員だけが記録できます。")
    _take(services, principal)
    return board


def proxied(services: Services, principal: Principal, municipality: str, csrf: str | None) -> Board:
    """`board_of` for what the governor does in the mayor's place: the municipality's own prefecture only.

    災害対策基本法 第60条第6項: when a municipality can no longer do all or most of its work.
    """
    access.require_csrf(principal, csrf)
    board = board_of(services, principal, municipality)
    organization = principal.organization
    if (
        organization is None
        or organization.kind != "prefecture"
        or not board.code.startswith(organization.code)
    ):
        raise ProblemError(FORBIDDEN, "代行は、この市区町村のある都道府県の指揮者だけが記録できます。")
    _take(services, principal)
    return board


def _take(services: Services, principal: Principal) -> None:
    wait = services.limiter.take(f"evacuation:{principal.subject}", WRITES_PER_MINUTE)
    if wait is not None:
        raise ProblemError(TOO_MANY_REQUESTS, retry_after_s=wait)


def looking(principal: Principal, board: Board) -> Scope:
    """The scope in which a board is read: its municipality's, whoever looks; nothing for whom it is not."""
    audience = principal.scope.audience
    if audience is not None and audience.isdisjoint(board.audience):
        return NOTHING
    return Scope(board.codes)


def make_units(services: Services, board: Board) -> None:
    """Make the units of a board that has none: the one write that looking at it may need."""
    with services.database.transaction() as conn:
        units.ensure(conn, board.code, board.codes)


def facts_of(conn: Connection, board: Board, at: datetime, *, drill: bool) -> Facts:
    """What is known for a board, whose units were made."""
    row = units.board(conn, board.code)
    return facts.read(conn, row, board.name, board.codes, at, drill=drill)


def moment(services: Services, field: str, given: datetime | None) -> datetime:
    """A time that somebody gave, by default now. Raises ProblemError for the future and the far past."""
    now = services.clock()
    if given is None:
        return now
    if given.tzinfo is None:
        raise invalid(field, "日時に時差（例 +09:00）を付けてください。")
    if given > now + CLOCK_SLACK:
        raise invalid(field, "これから先の時刻は記録できません。")
    if given < now - OLDEST:
        raise invalid(field, "3日より前の時刻は記録できません。")
    return min(given, now)


def action(
    board: Board, person: Principal, kind: str, reason: str, body: dict[str, object], *, drill: bool
) -> Action:
    """The record of what `person` did on a board."""
    return Action(
        kind=kind,
        actor=person.account,
        actor_name=person.name,
        audience=board.audience,
        organization_name=_name_of(person.organization),
        owner=board.code,
        reason=reason,
        body=body,
        drill=drill,
    )


def _name_of(organization: Organization | None) -> str:
    """As it stands in the record; a prefecture always has one, as what it does in another's place must."""
    if organization is None:
        return ""
    is_prefecture = organization.kind == "prefecture"
    return organization.name or (codes.prefecture_name(organization.code) if is_prefecture else "")
