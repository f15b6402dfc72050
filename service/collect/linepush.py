"""LINE Messaging API, the other way: a question pushed to a member, with answers to press.

Shapes and rules: developers.line.biz/en/reference/messaging-api (send push message, quick reply, postback).
LINE answers 200 also for a member who blocked the account, and says 409 for a retry of what it had taken.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from linebot.v3.messaging import (
    PostbackAction,
    PushMessageRequest,
    QuickReply,
    QuickReplyItem,
    TextMessage,
)

from service.collect.line import MAX_REPLY_CHARACTERS, REPLY_TIMEOUT_S, Answer, sent
from service.collect.still import ANSWERS, data_of
from service.settings import Settings

MONTHLY_LIMIT: Final = "monthly limit"  # LINE's words in a 429 that no retry of this month cures


def push(settings: Settings, user_id: str, text: str, question: UUID) -> Answer:
    """Ask a member with one text message and three buttons. Takes up to 13 s; call it in the worker.

    The question's id is also the retry key: however often it is sent, LINE delivers it once.
    """
    message = TextMessage(text=text[:MAX_REPLY_CHARACTERS], quickReply=QuickReply(items=_buttons(question)))
    request = PushMessageRequest(to=user_id, messages=[message])
    return sent(
        settings,
        lambda api: api.push_message(
            request, x_line_retry_key=str(question), _request_timeout=REPLY_TIMEOUT_S
        ),
        _answer,
    )


def _buttons(question: UUID) -> Sequence[QuickReplyItem]:
    return [
        QuickReplyItem(action=PostbackAction(label=label, data=data_of(question, answer), displayText=label))
        for answer, label in ANSWERS.items()
    ]


def _answer(status: int, body: str) -> Answer:
    if status == 409:
        return Answer.SENT
    if status == 429 and MONTHLY_LIMIT in body.lower():
        return Answer.LIMIT
    return Answer.RETRY if status in {0, 429} or status >= 500 else Answer.REFUSED
