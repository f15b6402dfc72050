"""`hansho work`: one worker process with its clock."""

import os
import signal
import socket

import structlog

from service import logs
from service.collect import line
from service.commands.local import database
from service.refresh import open_pipeline
from service.settings import Settings
from service.store import replies, taught
from service.store.database import Database
from service.worker import Clock, Worker

REPLIES_EVERY_S = 1.0
REPLIES_AT_ONCE = 8  # one transaction holds their rows while the channel answers
UNLOADED_EVERY_S = 5.0
REPLY_ATTEMPTS = 5  # 2, 4, 8, 16 s: a reply token is good for about a minute

log = structlog.get_logger("work")


def run_worker(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT; returns after the batch at hand is saved."""
    logs.configure(settings.log_level)
    with database(settings) as opened:
        pipeline, refresh = open_pipeline(opened)
        worker = Worker(
            opened,
            pipeline,
            name=f"{socket.gethostname()}:{os.getpid()}",
            batch=settings.worker_batch,
            refresh=refresh,
        )
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: worker.stop())
        clock = Clock(
            worker.holds_clock,
            [
                ("replies", REPLIES_EVERY_S, lambda: send_replies(opened, settings)),
                ("unloaded", UNLOADED_EVERY_S, lambda: take_back_unloaded(opened)),
            ],
        )
        clock.start()
        try:
            worker.run()
        finally:
            clock.stop()


def send_replies(opened: Database, settings: Settings) -> None:
    """Send the answers that are due; one that the channel takes no longer is given up."""
    with opened.transaction() as conn:
        for each in replies.waiting(conn, REPLIES_AT_ONCE):
            outcome = line.reply(settings, each.reply_to, each.text)
            if outcome is line.Answer.SENT:
                replies.sent(conn, each.id)
            elif outcome is line.Answer.EXPIRED:
                replies.expired(conn, each.id)
            else:
                again = outcome is line.Answer.RETRY and each.attempts + 1 < REPLY_ATTEMPTS
                replies.failed(conn, each.id, outcome.value, retry=again)
            log.info("reply", outcome=outcome.value, attempts=each.attempts + 1)


def take_back_unloaded(opened: Database) -> None:
    """Taught places that were taken out of the gazetteer as a source: their reports go back."""
    with opened.transaction() as conn:
        count = taught.take_back_unloaded(conn)
    if count:
        log.info("taught_places_unloaded", places=count)
