from sqlalchemy import text

from service.store import replies
from service.store.database import Database
from tests.service.store.samples import deliver, message, read, store


def test_an_answer_is_taken_by_one_sender_and_retried_only_when_asked(database: Database) -> None:
    waiting = deliver(database, *(message(key, reply_to=f"token {key}") for key in "abc"))
    store(database, *(read(one, reply=f"受付 {one.message.key}") for one in waiting))
    with database.transaction() as first, database.transaction() as second:
        one, two = replies.waiting(first, 2)
        (three,) = replies.waiting(second, 2)
        assert (one.reply_to, one.text, one.attempts) == ("token a", "受付 a", 0)
        replies.sent(first, one.id)
        replies.failed(first, two.id, "HTTP 500", retry=True)
        replies.failed(second, three.id, "HTTP 400", retry=False)
    with database.transaction() as conn:
        assert replies.waiting(conn, 9) == [], "the one to be retried is not due yet"
        conn.execute(text("UPDATE replies SET retry_at = now() WHERE state = 'waiting'"))
        (again,) = replies.waiting(conn, 9)
        assert (again.id, again.attempts) == (two.id, 1)
        replies.expired(conn, again.id)
        states = conn.execute(text("SELECT state FROM replies ORDER BY reply_to")).scalars().all()
    assert states == ["sent", "expired", "failed"]
