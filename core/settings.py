"""One class of settings, read from the environment (prefix `MANDATE_`) and an optional `.env` file."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_data_path
from pydantic import AfterValidator, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import SettingsConfigDict

from core.channel_settings import EMPTY_IS_NONE, ChannelSettings, is_this_machine
from core.errors import ConfigurationError
from core.setting_words import fault, written

PREFIX = "MANDATE_"
NO_BOUNCE_FLOOR = 72
"""Hours for which mail servers go on trying before they give a mail back."""


def _home() -> Path:
    return user_data_path("mandate")


def _never_or_long_enough(hours: int) -> int:
    if hours and hours < NO_BOUNCE_FLOOR:
        raise ValueError(f"found {hours}, wanted 0, or at least {NO_BOUNCE_FLOOR} as servers try that long")
    return hours


WebAddress = Annotated[
    str,
    written(
        r"https?://[^/\s?#]+(/[^\s?#]*)?",
        "an address such as https://disputes.union.org.uk, with http:// or https:// before it and no ? or # in it",
    ),
]
HostAddress = Annotated[
    str,
    written(r"https://[^/\s?#@]+", "https:// and a name, such as https://disputes.union.org.uk, and nothing after it"),
]
ApiAddress = Annotated[str, written(r"https?://[^/]+.*/api", "an address such as https://prefect.union.org.uk/api")]
MailAddress = Annotated[str, written(r"[^@\s<>,;]+@[^@\s<>,;]+", "one address and no name, such as duty@union.org.uk")]
BounceAddress = Annotated[
    str,
    written(
        r"[^@\s<>+]{1,16}@[^@\s<>]+",
        "an address such as bounces@union.org.uk, with 16 letters at most and no + before the @",
    ),
]


class Settings(ChannelSettings):
    """
    Everything that differs between installations.

    Ports are TCP ports on loopback. Paths are created when first written to.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore")

    home: Path = Field(default_factory=_home, description="Folder of the database, letters and Prefect's files")
    database_url: str = Field(default="", description="SQLAlchemy address; an SQLite file in `home` when empty")
    letters_folder: Path | None = Field(default=None, description="Where letters are laid; `home`/letters")
    texts_folder: Path | None = Field(
        default=None, description="Texts of messages in other languages, as LANGUAGE/KIND; `home`/texts when empty"
    )
    journal_folder: Path | None = Field(
        default=None, description="Where the outbox journal lies, best on another disk; beside the database when empty"
    )

    smtp_host: str = Field(default="", description="Mail relay; empty: mail is laid in the letters folder")
    smtp_port: int = 25
    smtp_tls: Literal["starttls", "implicit", "none"] = Field(
        default="starttls", description="How the way to the relay is encrypted; `implicit` is port 465"
    )
    smtp_tls_required: Annotated[bool | None, EMPTY_IS_NONE] = Field(
        default=None, validate_default=True, description="Send nothing without checked TLS; as the relay when empty"
    )
    smtp_username: str = ""
    smtp_password: SecretStr = SecretStr("")
    mail_from: str = "disputes@mandate.invalid"
    mails_a_minute: int = Field(default=0, ge=0, description="Mails to one domain in a minute at most; 0: no limit")
    bounce_address: BounceAddress = Field(
        default="", description="Where bounces go, an attempt's mark added after a +; `mail_from` when empty"
    )

    imap_host: str = Field(default="", description="Mailbox that bounces and replies come to; empty: none is read")
    imap_port: int = 993
    imap_starttls: bool = Field(default=False, description="Begin in the clear and change to TLS, as on port 143")
    imap_username: str = ""
    imap_password: SecretStr = SecretStr("")
    imap_folder: str = "INBOX"
    maildir: Path | None = Field(default=None, description="A Maildir that bounces and replies come to")

    public_url: WebAddress = Field(
        default="", description="Where employers reach the page that acknowledges a notice; empty: no link is printed"
    )
    signing_secret: SecretStr = Field(
        default=SecretStr(""), description="Signs links and return paths; a file in `home` holds one when empty"
    )

    ping_url: WebAddress = Field(
        default="", description="Told of each sweep, as ping_url/SWEEP or ping_url/SWEEP/fail; empty: nobody is told"
    )

    dashboard_port: int = 8321
    dashboard_url: HostAddress = Field(
        default="", description="Where people reach the dashboard through a proxy; empty: from this machine only"
    )
    session_idle_minutes: int = Field(default=15, ge=5, le=240, description="Minutes unused that end a sign-in")
    session_hours: int = Field(default=8, ge=1, le=24, description="Hours after which a sign-in ends in any case")
    prefect_port: int = 4321
    prefect_api_url: ApiAddress = Field(default="", description="Prefect's server elsewhere, as http(s)://HOST/api")
    prefect_api_auth: SecretStr = Field(default=SecretStr(""), description="Its user and password, as USER:PASSWORD")

    head_answer_days: int = Field(default=10, ge=1, description="Days the head teacher has to answer")
    officer_accept_days: int = Field(default=3, ge=1, description="Days an officer has to accept a case")
    amber_working_days: int = Field(default=5, ge=1, le=30, description="Working days before a deadline at amber")
    red_working_days: int = Field(default=2, ge=0, le=30, description="Working days before a deadline at red")
    duty_email: MailAddress = Field(
        default="", description="Who is told besides the officer at a hard stop; another officer when empty"
    )
    quiet_days: int = Field(default=21, ge=1, description="Days without anything happening after which a case is quiet")
    stage_amber_days: int = Field(default=28, ge=1, description="Days at one stage after which a case shows amber")
    stage_red_days: int = Field(default=56, ge=1, description="Days at one stage after which a case shows red")
    mandate_warning_days: int = Field(
        default=56, ge=1, description="Days before a mandate's last day on which it is said to run out"
    )
    monitoring_interval_days: int = Field(default=90, ge=1, description="Days between checks of an agreement")

    claim_window_days: int = Field(default=60, ge=0, description="Days after the last strike day that claims stay open")
    repeat_total_days: int = Field(default=31, ge=1, description="Days in which an equal payment total wants a reason")
    ask_person_hours: int = Field(
        default=24, ge=24, description="Hours before the last day of receipt is over, at least"
    )
    next_channel_hours: int = Field(default=48, ge=1, description="Hours that one channel has before the next is tried")
    no_bounce_hours: Annotated[int, AfterValidator(_never_or_long_enough)] = Field(
        default=72, description="Hours of silence after a mail that show receipt; 0: none do"
    )
    acknowledge_days: int = Field(default=90, ge=1, description="Days for which a link acknowledges a notice")
    service_address_people: int = Field(default=0, ge=0, le=2, description="2: papers go to confirmed addresses only")

    union_name: str = "Example Education Union"
    union_address: str = "1 Example Street, London, N1 1AA"
    caller: str = Field(default="General Secretary", description="Who a voting paper says may call action")
    scrutineer: str = Field(default="Example Election Services", description="Independent scrutineer")
    voting_paper_return_address: str = "Example Election Services, 2 Example Road, London, N2 2BB"

    @field_validator("smtp_tls_required")
    @classmethod
    def _can_be_had(cls, required: bool | None, info: ValidationInfo) -> bool | None:
        host = info.data.get("smtp_host", "")
        demanded = bool(host) and not is_this_machine(host) if required is None else required
        if demanded and info.data.get("smtp_tls") == "none":
            raise ValueError("found TLS demanded and MANDATE_SMTP_TLS=none, wanted false to send unencrypted mail")
        return required

    @property
    def smtp_tls_is_required(self) -> bool:
        """Whether mail goes over checked TLS only: unless told otherwise, to every relay but one on this machine."""
        return not is_this_machine(self.smtp_host) if self.smtp_tls_required is None else self.smtp_tls_required

    @property
    def effective_database_url(self) -> str:
        """The database address, falling back to an SQLite file in `home`."""
        return self.database_url or f"sqlite:///{self.home / 'mandate.db'}"

    @property
    def effective_letters_folder(self) -> Path:
        """The folder that the folder channel writes to."""
        return self.letters_folder or self.home / "letters"

    @property
    def effective_texts_folder(self) -> Path:
        """Where supplied texts in other languages lie."""
        return self.texts_folder or self.home / "texts"


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process. Raises `ConfigurationError` naming the variable that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        faults = "; ".join(_fault(each) for each in error.errors(include_url=False))
        raise ConfigurationError(f"A setting cannot be used: {faults}.") from None


def _fault(error: ErrorDetails) -> str:
    name, *within = (str(part) for part in error["loc"])
    return f"{PREFIX}{'.'.join([name.upper(), *within])}: {fault(error, Settings.model_fields.get(name))}"
