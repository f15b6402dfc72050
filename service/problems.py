"""Errors as RFC 9457 problems: one table of kinds, in words that tell a person what to do.

`docs/problems.md` documents every slug (a test compares). Nothing from below reaches a reader: a problem
carries only what stands here and what was said about the reader's own input.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

MEDIA_TYPE: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: `slug` is stable, `title` and `detail` are Japanese, `detail` says what to do."""

    slug: str
    status: int
    title: str
    detail: str


INVALID_INPUT: Final = Kind(
    "invalid-input", 400, "入力に誤りがあります", "示した項目を直して、もう一度送ってください。"
)
UNREADABLE_BODY: Final = Kind(
    "unreadable-body", 400, "本文を読み取れません", "本文の形式と文字コード（UTF-8）を確かめてください。"
)
SIGN_IN_REQUIRED: Final = Kind(
    "sign-in-required",
    401,
    "サインインが必要です",
    "サインインの画面から、もう一度サインインしてください。"
    "プログラムからは、APIキーをAuthorization: Bearerで送ってください。",
)
INVALID_KEY: Final = Kind(
    "invalid-key",
    401,
    "APIキーが無効です",
    "キーの写し間違い、期限切れ、失効を確かめ、管理者に新しいキーを求めてください。",
)
WRONG_CREDENTIALS: Final = Kind(
    "wrong-credentials",
    401,
    "サインインできません",
    "アカウント名とパスワードを確かめて、もう一度入力してください。",
)
INVALID_DEVICE: Final = Kind(
    "invalid-device",
    401,
    "この画面のリンクは使えません",
    "期限切れか、取り消されています。管理者に新しいリンクを求めてください。",
)
PROVIDER_REFUSED: Final = Kind(
    "provider-refused",
    401,
    "外部のサインインを確かめられません",
    "サインインの画面から、もう一度始めてください。続くときは管理者に時刻を伝えてください。",
)
PROVIDER_UNAVAILABLE: Final = Kind(
    "provider-unavailable",
    503,
    "外部のサインインにつながりません",
    "しばらく待って、もう一度試してください。急ぐときは名前とパスワードでサインインしてください。",
)
INVALID_SIGNATURE: Final = Kind(
    "invalid-signature", 401, "署名が一致しません", "送信側と受信側のチャネルシークレットを確かめてください。"
)
FORBIDDEN: Final = Kind(
    "forbidden", 403, "この操作の権限がありません", "必要な権限を管理者に確かめてください。"
)
CSRF: Final = Kind(
    "csrf", 403, "画面の有効期限が切れました", "画面を読み込み直して、もう一度操作してください。"
)
NOT_FOUND: Final = Kind(
    "not-found", 404, "見つかりません", "アドレスを確かめてください。統合や取消で無くなったこともあります。"
)
METHOD_NOT_ALLOWED: Final = Kind(
    "method-not-allowed",
    405,
    "この方法では使えません",
    "Allowヘッダーにあるメソッドを使ってください。",
)
NOT_ACCEPTABLE: Final = Kind(
    "not-acceptable",
    406,
    "求められた形式では出せません",
    "アドレスの後ろに?f=jsonを付けてください。",
)
ALREADY_TAUGHT: Final = Kind(
    "already-taught",
    409,
    "この名前は、すでに登録されています",
    "登録済みの場所と比べて、どちらを使うか選んでください。",
)
CHANGED_SINCE: Final = Kind(
    "changed-since",
    409,
    "ほかの人が先に変更しました",
    "画面を新しくして、今の状態を確かめてから、必要ならもう一度操作してください。",
)
ALREADY_STRUCK: Final = Kind(
    "already-struck",
    409,
    "この記録は、すでに訂正されています",
    "最新の訂正を確かめて、必要ならその記録を訂正してください。",
)
DESK_CONFLICT: Final = Kind(
    "desk-conflict",
    409,
    "ほかの人が先に変更しました",
    "今の内容と比べて、どちらにするか選んでください。まだ何も変わっていません。",
)
OVERTAKEN: Final = Kind(
    "overtaken",
    409,
    "その後に別の操作があるため、取り消せません",
    "laterに挙げた操作を先に取り消してください。",
)
OUTSIDE_MUNICIPALITY: Final = Kind(
    "outside-municipality",
    409,
    "市区町村の外の場所です",
    "場所を確かめてください。間違いでなければ、確かめたことを示して、もう一度登録してください。",
)
NAME_TAKEN: Final = Kind("name-taken", 409, "その名前は使われています", "別の名前を付けてください。")
BOARD_CHANGED: Final = Kind(
    "board-changed",
    409,
    "画面を開いた後に、内容が変わりました",
    "まだ記録していません。変わったところを確かめて、もう一度操作してください。",
)
TOO_LARGE: Final = Kind(
    "too-large", 413, "送られたデータが大きすぎます", "文を短くするか、写真を小さくして送ってください。"
)
UNSUPPORTED_MEDIA: Final = Kind(
    "unsupported-media-type",
    415,
    "この形式の本文は受け付けません",
    "Content-Typeを確かめてください。",
)
TOO_MANY_REQUESTS: Final = Kind(
    "too-many-requests",
    429,
    "回数の上限を超えました",
    "Retry-Afterの秒数だけ待って、もう一度送ってください。",
)
LOCKED_OUT: Final = Kind(
    "locked-out",
    429,
    "サインインを一時停止しています",
    "失敗が続いたため受け付けていません。Retry-Afterの秒数だけ待ってください。",
)
INTERNAL_ERROR: Final = Kind(
    "internal-error",
    500,
    "内部エラーが起きました",
    "しばらく待って、もう一度試してください。続くときは管理者に時刻を伝えてください。",
)
STORE_UNAVAILABLE: Final = Kind(
    "store-unavailable",
    503,
    "データベースに接続できません",
    "まだ保存されていません。Retry-Afterの秒数だけ待って、同じ内容をもう一度送ってください。",
)
NOT_CONFIGURED: Final = Kind(
    "not-configured", 503, "この受信口は設定されていません", "管理者が設定を済ませると使えます。"
)

KINDS: Final[Mapping[str, Kind]] = {
    kind.slug: kind
    for kind in (
        INVALID_INPUT,
        UNREADABLE_BODY,
        SIGN_IN_REQUIRED,
        INVALID_KEY,
        WRONG_CREDENTIALS,
        INVALID_DEVICE,
        PROVIDER_REFUSED,
        PROVIDER_UNAVAILABLE,
        INVALID_SIGNATURE,
        FORBIDDEN,
        CSRF,
        NOT_FOUND,
        METHOD_NOT_ALLOWED,
        NOT_ACCEPTABLE,
        ALREADY_TAUGHT,
        CHANGED_SINCE,
        ALREADY_STRUCK,
        DESK_CONFLICT,
        OVERTAKEN,
        OUTSIDE_MUNICIPALITY,
        NAME_TAKEN,
        BOARD_CHANGED,
        TOO_LARGE,
        UNSUPPORTED_MEDIA,
        TOO_MANY_REQUESTS,
        LOCKED_OUT,
        INTERNAL_ERROR,
        STORE_UNAVAILABLE,
        NOT_CONFIGURED,
    )
}

# What an HTTP status means when the framework raises it by itself.
BY_STATUS: Final[Mapping[int, Kind]] = {
    400: UNREADABLE_BODY,
    401: SIGN_IN_REQUIRED,
    403: FORBIDDEN,
    404: NOT_FOUND,
    405: METHOD_NOT_ALLOWED,
    406: NOT_ACCEPTABLE,
    413: TOO_LARGE,
    415: UNSUPPORTED_MEDIA,
    429: TOO_MANY_REQUESTS,
}

STORE_RETRY_S: Final = 5  # a restart of PostgreSQL takes a few seconds


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field of the input, in Japanese; never repeats the value."""

    field: str
    message: str


class ProblemError(Exception):
    """Raised anywhere below a route to answer with a problem of `kind`.

    `detail` replaces the kind's own detail; `retry_after_s` becomes the Retry-After header (whole
    seconds); `members` stand beside the standard ones, for those who may read what is in them. Nothing
    else may repeat a message's text, a name or an account.
    """

    def __init__(
        self,
        kind: Kind,
        detail: str | None = None,
        errors: Sequence[FieldError] = (),
        retry_after_s: int | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(kind.slug)
        self.kind = kind
        self.detail = detail or kind.detail
        self.errors = tuple(errors)
        self.retry_after_s = retry_after_s
        self.members = dict(members or {})

    def headers(self) -> dict[str, str]:
        """Response headers that belong to the problem."""
        headers = {"Cache-Control": "no-store"}
        if self.retry_after_s is not None:
            headers["Retry-After"] = str(self.retry_after_s)
        if self.kind.status == 401:
            headers["WWW-Authenticate"] = 'Bearer realm="hansho"'
        return headers

    def body(self) -> dict[str, Any]:
        """The members of the problem document (RFC 9457, section 3)."""
        document: dict[str, Any] = {
            "type": f"/problems/{self.kind.slug}",
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
        }
        if self.errors:
            document["errors"] = [{"field": e.field, "message": e.message} for e in self.errors]
        return document | self.members


def invalid(field: str, message: str) -> ProblemError:
    """An `invalid-input` problem about one field."""
    return ProblemError(INVALID_INPUT, errors=(FieldError(field, message),))


# pydantic's error types in the words of a form; {…} are filled from the error's `ctx`.
MESSAGES: Final[Mapping[str, str]] = {
    "missing": "必須の項目です。",
    "extra_forbidden": "この項目はありません。",
    "string_type": "文字列で書いてください。",
    "string_too_short": "{min_length}文字以上で書いてください。",
    "string_too_long": "{max_length}文字以内で書いてください。",
    "string_pattern_mismatch": "形式が違います。",
    "string_unicode": "UTF-8として正しくない文字があります。",
    "int_type": "整数で書いてください。",
    "int_parsing": "整数で書いてください。",
    "int_from_float": "整数で書いてください。",
    "float_type": "数値で書いてください。",
    "float_parsing": "数値で書いてください。",
    "finite_number": "有限の数値で書いてください。",
    "bool_type": "trueまたはfalseで書いてください。",
    "bool_parsing": "trueまたはfalseで書いてください。",
    "greater_than": "{gt}より大きい値にしてください。",
    "greater_than_equal": "{ge}以上にしてください。",
    "less_than": "{lt}より小さい値にしてください。",
    "less_than_equal": "{le}以下にしてください。",
    "literal_error": "{expected}のどれかにしてください。",
    "enum": "{expected}のどれかにしてください。",
    "uuid_type": "UUIDで書いてください。",
    "uuid_parsing": "UUIDで書いてください。",
    "datetime_type": "日時はISO 8601（例 2026-07-29T10:30:00+09:00）で書いてください。",
    "datetime_parsing": "日時はISO 8601（例 2026-07-29T10:30:00+09:00）で書いてください。",
    "datetime_from_date_parsing": "日時はISO 8601（例 2026-07-29T10:30:00+09:00）で書いてください。",
    "timezone_aware": "日時に時差（例 +09:00）を付けてください。",
    "json_invalid": "JSONとして読み取れません。",
    "json_type": "JSONとして読み取れません。",
    "model_attributes_type": "オブジェクト（{{ }}）で書いてください。",
    "model_type": "オブジェクト（{{ }}）で書いてください。",
    "dict_type": "オブジェクト（{{ }}）で書いてください。",
    "list_type": "配列で書いてください。",
    "bytes_type": "本文がありません。",
}


def field_errors(errors: Sequence[Mapping[str, Any]]) -> tuple[FieldError, ...]:
    """pydantic's error list as field errors in Japanese, without the offending values."""
    return tuple(FieldError(_field(error.get("loc", ())), _message(error)) for error in errors)


def _field(loc: Sequence[str | int]) -> str:
    """`("body", "lat")` → `lat`: the name that the sender wrote, not where the framework looked."""
    parts = [str(part) for part in loc]
    if len(parts) > 1 and parts[0] in {"body", "query", "path", "header", "cookie"}:
        parts = parts[1:]
    return ".".join(parts) or "body"


def _message(error: Mapping[str, Any]) -> str:
    template = MESSAGES.get(str(error.get("type", "")))
    if template is None:
        return "値が正しくありません。"
    return template.format_map({key: str(value) for key, value in (error.get("ctx") or {}).items()})
