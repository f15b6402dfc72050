"""`hansho work`: one worker process with its clock."""

import os
import signal
import socket

import structlog

from nlp.reading import DamageType
from service import access, logs, sealed, sharing
from service.collect import line, linepush, still
from service.commands.local import database
from service.refresh import open_pipeline
from service.settings import Settings
from service.store import questions, replies, taught
from service.store.database import Database
from service.words import TYPE_JA
from service.worker import Clock, Worker

REPLIES_EVERY_S = 1.0
REPLIES_AT_ONCE = 8  # one transaction holds their rows while the channel answers
UNLOADED_EVERY_S = 5.0
SHARES_EVERY_S = 30.0
QUESTIONS_AT_ONCE = 20
QUESTION_ATTEMPTS = (
    8  # 2 to 128 s, four minutes in all: LINE's limit of requests a minute passes in that time
)
REPLY_ATTEMPTS = 5  # 2, 4, 8, 16 s: a reply token is good for about a minute

log = structlog.get_logger("work")


def run_worker(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT; returns after the batch at hand is saved."""
    logs.configure(settings.log_level)
    with database(settings) as opened:
        secret = access.load_secret(settings)
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
                ("questions", REPLIES_EVERY_S, lambda: send_questions(opened, settings, secret)),
                ("unloaded", UNLOADED_EVERY_S, lambda: take_back_unloaded(opened)),
                ("shares", SHARES_EVERY_S, lambda: follow_agreements(opened)),
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


def send_questions(opened: Database, settings: Settings, secret: bytes) -> None:
    """Send the questions that are due, each in a transaction of its own; `secret` opens their addresses."""
    for _ in range(QUESTIONS_AT_ONCE):
        with opened.transaction() as conn:
            due = questions.waiting(conn, 1)
            for each in due:
                outcome = _send_question(settings, secret, each)
                if outcome is line.Answer.SENT:
                    questions.sent(conn, each.id)
                else:
                    again = outcome is line.Answer.RETRY and each.attempts + 1 < QUESTION_ATTEMPTS
                    questions.failed(conn, each.id, outcome.value, retry=again)
                log.info("question", outcome=outcome.value, attempts=each.attempts + 1)
        if not due:
            return


def _send_question(settings: Settings, secret: bytes, each: questions.Outgoing) -> line.Answer:
    try:
        to = sealed.unseal(secret, each.channel, each.address)
    except sealed.SealError:  # SECRET_KEY is another one since: nobody can be asked by what was kept
        log.error("question_unsealed", remedy="SECRET_KEY")  # noqa: TRY400 - the frames say nothing more
        return line.Answer.REFUSED
    words = still.question_text(
        TYPE_JA[DamageType(each.type)], each.place_text, each.said_at, drill=each.drill
    )
    return linepush.push(settings, to, words, each.id)


def take_back_unloaded(opened: Database) -> None:
    """Taught places that were taken out of the gazetteer as a source: their reports go back."""
    with opened.transaction() as conn:
        count = taught.take_back_unloaded(conn)
    if count:
        log.info("taught_places_unloaded", places=count)


def follow_agreements(opened: Database) -> None:
    """Incidents that an api left half way, when it died while an agreement was made or ended."""
    count = sharing.settle(opened)
    if count:
        log.info("incidents_shown_as_agreed", incidents=count)
