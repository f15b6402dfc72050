"""Every setting of the service, read from the environment; .env.example documents each (a test compares)."""

from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from service import rasters


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
    lifetimes: Path | None = Field(
        default=None,
        description="CSV of own times after which information counts as old. Empty: the packaged times.",
    )
    ask_again_minutes: int = Field(
        default=10,
        ge=1,
        description="Minutes in which one reporter is asked at most once whether it still is so.",
    )
    oidc_issuer: str | None = Field(
        default=None,
        description="Address of the organization's own sign-in (OpenID Connect). Empty: passwords only.",
    )
    oidc_client_id: str | None = Field(default=None, description="Client id that the provider gave.")
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="Client secret that the provider gave."
    )
    oidc_role_claim: str = Field(
        default="hansho_role", description="Claim of the ID token that says the role, or a list of groups."
    )
    oidc_roles: str = Field(
        default="",
        description="Groups as roles: 災対本部=officer,防災課=administrator. Empty: the claim says the role.",
    )
    oidc_organization_claim: str = Field(
        default="hansho_organization",
        description="Claim that says the municipality (5 digits) or the prefecture (2 digits).",
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
    raster_layers: str = Field(
        default="",
        description="GSI and hazard tiles offered on the map, by name with commas. Empty: none.",
    )
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")

    @field_validator("raster_layers")
    @classmethod
    def known_layers(cls, value: str) -> str:
        """A misspelt layer is said at the start, not missed in a disaster."""
        rasters.chosen(value)
        return value

    @field_validator(
        "database_url",
        "public_url",
        "secret_key",
        "line_channel_secret",
        "line_channel_access_token",
        "oidc_issuer",
        "oidc_client_id",
        "oidc_client_secret",
        "tile_url",
        "lifetimes",
        mode="before",
    )
    @classmethod
    def empty_is_unset(cls, value: object) -> object:
        """`NAME=` in an .env file means: not set. For DRILL it means: no drill, so DRILL is not here."""
        return None if value == "" else value
