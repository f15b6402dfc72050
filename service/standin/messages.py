"""Message objects as LINE checks them: text with quick replies whose buttons are postbacks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

MAX_MESSAGES: Final = 5
MAX_TEXT_UNITS: Final = 5000  # UTF-16 code units, as LINE counts
MAX_BUTTONS: Final = 13
MAX_LABEL: Final = 20
MAX_DATA: Final = 300


class ApiError(Exception):
    """A refusal in LINE's shape: `{"message": …, "details": […]}`."""

    def __init__(
        self,
        status: int,
        message: str,
        details: Sequence[Mapping[str, str]] = (),
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"message": message, **(more or {})}
        if details:
            self.body["details"] = list(details)


@dataclass(frozen=True, slots=True)
class Said:
    """A text and the buttons (label, data) below it."""

    text: str
    choices: tuple[tuple[str, str], ...] = ()


def parse(messages: object) -> list[Said]:
    """What the message objects say, of the kinds that we send. Raises ApiError 400."""
    if not isinstance(messages, list) or not 1 <= len(messages) <= MAX_MESSAGES:
        raise _invalid("messages", "Size must be between 1 and 5")
    found = []
    for at, message in enumerate(messages):
        text = message.get("text") if isinstance(message, dict) else None
        if not isinstance(message, dict) or message.get("type") != "text":
            raise _invalid(f"messages[{at}].type", "Must be one of the following values: [text]")
        if not isinstance(text, str) or not text:
            raise _invalid(f"messages[{at}].text", "May not be empty")
        if len(text.encode("utf-16-le", "surrogatepass")) // 2 > MAX_TEXT_UNITS:
            raise _invalid(f"messages[{at}].text", f"Length must be between 0 and {MAX_TEXT_UNITS}")
        found.append(Said(text, _choices(message.get("quickReply"), f"messages[{at}].quickReply")))
    return found


def _choices(quick: object, where: str) -> tuple[tuple[str, str], ...]:
    if quick is None:
        return ()
    items = quick.get("items") if isinstance(quick, dict) else None
    if not isinstance(items, list) or not 1 <= len(items) <= MAX_BUTTONS:
        raise _invalid(f"{where}.items", f"Size must be between 1 and {MAX_BUTTONS}")
    return tuple(_button(item, f"{where}.items[{at}]") for at, item in enumerate(items))


def _button(item: object, where: str) -> tuple[str, str]:
    action = item.get("action") if isinstance(item, dict) and item.get("type") == "action" else None
    if not isinstance(action, dict) or action.get("type") != "postback":
        raise _invalid(f"{where}.action", "Must be one of the following values: [postback]")
    label, data = action.get("label"), action.get("data")
    if not isinstance(label, str) or not 1 <= len(label) <= MAX_LABEL:
        raise _invalid(f"{where}.action.label", f"Length must be between 1 and {MAX_LABEL}")
    if not isinstance(data, str) or not 1 <= len(data) <= MAX_DATA:
        raise _invalid(f"{where}.action.data", f"Length must be between 1 and {MAX_DATA}")
    return label, data


def _invalid(where: str, what: str) -> ApiError:
    return ApiError(400, "The request body has 1 error(s)", [{"message": what, "property": where}])
