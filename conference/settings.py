"""The settings: `config/default.toml` names every one; a file of one's own changes some.

Unknown names and wrong types are refused with their place, so a misspelt setting is never
silently ignored. Nothing else in the package reads files or the environment for settings.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

import msgspec

from conference.assets import default_settings_file
from conference.errors import N_, BadInput


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One table of the file. No defaults in code: they stand in default.toml, once."""


class ServerSettings(Section, frozen=True):
    host: str
    port: int
    public_url: str
    trusted_proxies: list[str]
    max_upload_bytes: int


class StorageSettings(Section, frozen=True):
    folder: str
    database_url: str
    readers: int
    batch: int


class MailSettings(Section, frozen=True):
    host: str
    port: int
    username: str
    password: str
    security: Literal["starttls", "tls", "none"]
    sender: str


class PeopleSettings(Section, frozen=True):
    sign_in_minutes: int
    session_days: int
    sign_in_tries: int
    sign_in_window_minutes: int
    address_days: int


class AgendaSettings(Section, frozen=True):
    default_event: str


class LiveSettings(Section, frozen=True):
    commands_per_second: float
    command_burst: int
    max_message_bytes: int
    queue_messages: int
    queue_bytes: int
    catch_up_limit: int
    ticket_seconds: int
    ping_seconds: int
    ping_timeout_seconds: int
    tally_interval_ms: int
    redis_url: str


class MediaSettings(Section, frozen=True):
    folder: str
    host: str | list[str]
    port: int
    tcp: bool
    public_address: str | list[str]
    public_port: int
    turn_urls: list[str]
    turn_secret: str
    turn_minutes: int
    max_publishers: int
    max_viewers: int
    room_mbits: int
    workers: int | Literal["auto"]
    worker_publishers: int
    worker_viewers: int
    worker_mbits: int


class LogSettings(Section, frozen=True):
    level: Literal["debug", "info", "warning", "error"]
    json: bool


class Settings(Section, frozen=True):
    server: ServerSettings
    storage: StorageSettings
    mail: MailSettings
    people: PeopleSettings
    agenda: AgendaSettings
    live: LiveSettings
    media: MediaSettings
    log: LogSettings

    @property
    def public_url(self) -> str:
        """The address links are made from, without a trailing slash (never the Host header)."""
        return (self.server.public_url or f"http://localhost:{self.server.port}").rstrip("/")

    @property
    def folder(self) -> Path:
        return Path(self.storage.folder)

    @property
    def database_url(self) -> str:
        return self.storage.database_url or f"sqlite:///{self.folder / 'majlis.sqlite3'}"


def load_settings(file: Path | None = None, overrides: dict[str, dict[str, Any]] | None = None) -> Settings:
    """The defaults, then *file*, then *overrides* (``{"server": {"port": 0}}``).

    Raises `BadInput` naming the file and the setting when one is unknown or of the wrong type.
    """
    merged = _read(default_settings_file())
    for layer in (_read(file) if file else {}, overrides or {}):
        for section, values in layer.items():
            if section in merged and isinstance(values, dict):
                merged[section] = {**merged[section], **values}
            else:
                merged[section] = values
    try:
        settings = msgspec.convert(merged, Settings)
        _fit_together(settings)
        return settings
    except msgspec.ValidationError as error:
        place = file.name if file else "default.toml"
        raise BadInput(
            N_("The settings in %(file)s cannot be used: %(reason)s"),
            code="settings.invalid",
            file=place,
            reason=str(error),
        ) from error


def _fit_together(settings: Settings) -> None:
    """What no single setting's type can say. Raises ValidationError."""
    if settings.media.turn_urls and not settings.media.turn_secret:
        raise msgspec.ValidationError("media.turn_urls needs media.turn_secret - at `$.media.turn_secret`")


def on_port(settings: Settings, port: int) -> Settings:
    """*settings* with the port that was really taken, which links are made from."""
    return msgspec.structs.replace(settings, server=msgspec.structs.replace(settings.server, port=port))


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(
            N_("The settings in %(file)s cannot be used: %(reason)s"),
            code="settings.unreadable",
            file=file.name,
            reason=str(error),
        ) from error
