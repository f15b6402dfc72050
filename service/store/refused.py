"""Entries that are kept without being read: parts that no reader can take, and places held empty."""

from sqlalchemy import Connection, text

from service.report import Message, Receipt
from service.store import inbox


def bury(conn: Connection, message: Message, reason: str) -> Receipt:
    """Keep a part that cannot become a report as buried, for a person to look at.

    Once by (channel, key), like every entry. `reason` is shown to operators: never the sender's words.
    """
    receipt = inbox.put(conn, message)
    if receipt.created:
        conn.execute(
            text("UPDATE inbox SET state = 'buried', last_error = :reason WHERE report_id = :id"),
            {"id": receipt.report_id, "reason": reason[-inbox.ERROR_CHARACTERS :]},
        )
    return receipt


def forbid(conn: Connection, channel: str, key: str) -> bool:
    """Hold (channel, key) as erased before it came: taken back by its sender, it may yet be redelivered.

    False when it is there: erase it then. Waits for a transaction that is storing it.
    """
    held = conn.execute(
        text(
            "INSERT INTO inbox (channel, key, state) VALUES (:channel, :key, 'erased') "
            "ON CONFLICT (channel, key) DO NOTHING RETURNING id"
        ),
        {"channel": channel, "key": key},
    )
    return held.first() is not None
