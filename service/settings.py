"""Every setting of the service, read from the environment; .env.example documents each (a test compares)."""

from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings by environment variable; names are the upper-case field names, without a prefix."""

    model_config = SettingsConfigDict(env_file=None, extra="ignore", frozen=True)

    database_url: str | None = Field(
        default=None,
        description="PostgreSQL with PostGIS, as a URL. Empty: a private cluster in STATE.",
    )
    state: Path = Field(
        default=Path(".state"),
        description="Folder that keeps all that `hansho up` stores.",
    )
    host: str = Field(default="127.0.0.1", description="Address the api listens on.")
    port: int = Field(default=8000, ge=1, le=65535, description="Port the api listens on.")
    public_url: str | None = Field(
        default=None, description="Address people open, for links and cookies. Empty: http://HOST:PORT."
    )
    secret_key: SecretStr | None = Field(
        default=None,
        description="Key of the hashes of API keys, sessions and senders. Empty: kept in STATE/secret_key.",
    )
    drill: str = Field(
        default="kumano",
        description="Drill that `hansho up` replays: a name in service/drills or a path. Empty: none.",
    )
    line_channel_secret: SecretStr | None = Field(
        default=None,
        description="Channel secret of LINE's Messaging API. Empty: the webhook answers 503.",
    )
    line_channel_access_token: SecretStr | None = Field(
        default=None, description="Channel access token of the LINE Messaging API, for replies."
    )
    line_api_url: str = Field(
        default="https://api.line.me", description="LINE's API. Point it to the stand-in to try without LINE."
    )
    worker_batch: int = Field(default=64, ge=1, le=512, description="Messages a worker claims at once.")
    worker_silence_s: int = Field(
        default=60, ge=5, description="Seconds without a sign of a worker after which readiness turns red."
    )
    report_limit_per_minute: int = Field(
        default=30, ge=1, description="Reports a minute that one address may send by the web form."
    )
    api_limit_per_minute: int = Field(
        default=60_000, ge=1, description="Reports a minute that one API key may send."
    )
    max_body_bytes: int = Field(default=1_048_576, ge=1024, description="Largest body of a report.")
    max_photo_bytes: int = Field(default=8_388_608, ge=1024, description="Largest photo the web form takes.")
    tile_url: str | None = Field(
        default=None,
        description="Raster tiles under the map, {z}/{x}/{y}. Empty: our own polygons only.",
    )
    tile_attribution: str = Field(default="", description="Attribution that the tiles' publisher asks for.")
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")

    @field_validator(
        "database_url",
        "public_url",
        "secret_key",
        "line_channel_secret",
        "line_channel_access_token",
        "tile_url",
        mode="before",
    )
    @classmethod
    def empty_is_unset(cls, value: object) -> object:
        """`NAME=` in an .env file means: not set. For DRILL it means: no drill, so DRILL is not here."""
        return None if value == "" else value
