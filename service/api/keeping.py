"""What deliveries bring, stored before it is acknowledged; those that come together share one commit."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import Final

from starlette.concurrency import run_in_threadpool

from service.collect import still
from service.collect.parcel import Answered, Left, Notice, Parcel, Unreadable, Unsent
from service.fuse import Fusing
from service.report import Message
from service.store import erase, inbox, questions, refused
from service.store.database import Connection, Database, StoreUnavailable

# So many wait for one commit at most, and are stored again one by one when one of them is refused.
MOST_TOGETHER: Final = 64

# What these do to earlier reports waits for the writer lock, which a worker may hold for a whole batch: new
# reports must not wait behind them.
CHANGES_EARLIER: Final = (Unsent, Answered, Left)

Parcels = Sequence[Parcel]
Kept = list[Notice]


class Keeper:
    """Stores deliveries in a thread of its own: a flood waits neither behind pages nor for a commit each.

    Deliveries that arrive while one transaction runs go into the next one together. Usable from several
    event loops at once.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: SimpleQueue[tuple[Parcels, Future[Kept]]] = SimpleQueue()
        self._thread = ThreadPoolExecutor(1, "keeper")

    async def keep(self, parcels: Parcels) -> Kept:
        """Everything of one delivery in one transaction, committed on return. Who is to be answered.

        Raises StoreUnavailable, StoreError: then nothing of this delivery is acknowledged.
        """
        notices = [parcel for parcel in parcels if isinstance(parcel, Notice)]
        if len(notices) == len(parcels):
            return notices  # said even while the database is away
        if any(isinstance(parcel, CHANGES_EARLIER) for parcel in parcels):
            return await run_in_threadpool(self._keep_apart, parcels)
        outcome: Future[Kept] = Future()
        self._waiting.put((parcels, outcome))
        self._thread.submit(self._keep_waiting)
        return await asyncio.wrap_future(outcome)

    def close(self) -> None:
        """Wait for what is being stored."""
        self._thread.shutdown()

    def _keep_apart(self, parcels: Parcels) -> Kept:
        with self._database.transaction() as conn:
            return keep_together(conn, [parcels])[0]

    def _keep_waiting(self) -> None:
        together: list[tuple[Parcels, Future[Kept]]] = []
        while len(together) < MOST_TOGETHER:
            try:
                delivery = self._waiting.get_nowait()
            except Empty:
                break
            if delivery[1].set_running_or_notify_cancel():
                together.append(delivery)
        if together:
            self._keep(together)

    def _keep(self, together: Sequence[tuple[Parcels, Future[Kept]]]) -> None:
        try:
            with self._database.transaction() as conn:
                kept = keep_together(conn, [parcels for parcels, _ in together])
        except Exception as failure:  # noqa: BLE001 -- handed to those who wait for it
            if len(together) > 1 and not isinstance(failure, StoreUnavailable):
                for delivery in together:  # one that cannot be stored must not refuse the others
                    self._keep([delivery])
                return
            for _, outcome in together:
                outcome.set_exception(failure)
            return
        for (_, outcome), notices in zip(together, kept, strict=True):
            outcome.set_result(notices)


def keep_together(conn: Connection, deliveries: Sequence[Parcels]) -> list[Kept]:
    """All `deliveries` in the caller's transaction: words before their unsending. Who is to be answered, by
    delivery."""
    messages = [parcel for parcels in deliveries for parcel in parcels if isinstance(parcel, Message)]
    if messages:
        inbox.put_many(conn, messages)
    kept = [[notice for parcel in parcels for notice in _noticed(conn, parcel)] for parcels in deliveries]
    for parcels in deliveries:
        for parcel in parcels:
            _take_back(conn, parcel)
    return kept


def _noticed(conn: Connection, parcel: Parcel) -> Kept:
    if isinstance(parcel, Unreadable):
        refused.bury(conn, parcel.message, parcel.reason)
    elif isinstance(parcel, Answered):
        return _answer(conn, parcel)
    return [parcel] if isinstance(parcel, Notice) else []


def _answer(conn: Connection, given: Answered) -> Kept:
    """Keep what a reporter answered to our question; what to say to that."""
    words = still.ANSWERS[given.answer]
    known = questions.answer(
        conn,
        questions.Answer(
            question=given.question,
            channel=given.channel,
            key=given.key,
            sender=given.sender,
            answer=given.answer,
            words=words,
            said_at=given.said_at,
            address=given.address,
        ),
        Fusing(),
    )
    thanks = still.THANKS[given.answer] if known else still.OVER
    return [] if given.reply_to is None else [Notice(given.channel, given.reply_to, thanks)]


def _take_back(conn: Connection, parcel: Parcel) -> None:
    if isinstance(parcel, Left):
        erase.forget_address(conn, parcel.channel, parcel.sender)
    # Its place is held first: a redelivery may yet bring the message, and one that is just being stored is
    # waited for.
    elif isinstance(parcel, Unsent) and not refused.forbid(conn, parcel.channel, parcel.key):
        erase.erase(conn, parcel.channel, parcel.key, Fusing())
