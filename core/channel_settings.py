"""The settings of the ways out beside mail: providers of text messages and post, webhooks, the print house."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode

from core.setting_words import table, written

PROVIDER_SECONDS = 10.0
SHORTEST_SECRET = 16
A_PROVIDER = "wanted an address such as https://api.example.org/v2, without ? or #; http only to this machine"
HOST = re.compile(r"\.?[a-z0-9-]+(\.[a-z0-9-]+)*")
EMPTY_IS_NONE = BeforeValidator(lambda given: None if given == "" else given)

OutcomeName = Literal["accepted", "temp", "perm", "unknown"]


def is_this_machine(host: str) -> bool:
    """Whether a host is this machine itself, by its address or the name that every machine has."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() in {"localhost", "localhost.localdomain"}


def _safe_url(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValueError(A_PROVIDER) from None
    encrypted = parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(parts.hostname or ""))
    if url and not (encrypted and parts.hostname and not parts.username and not parts.query and not parts.fragment):
        raise ValueError(A_PROVIDER)
    return url.rstrip("/")


def _long_enough(secret: SecretStr) -> SecretStr:
    if 0 < len(secret.get_secret_value()) < SHORTEST_SECRET:
        raise ValueError(f"found fewer letters than that, wanted at least {SHORTEST_SECRET}")
    return secret


def _hosts(text: str) -> str:
    wrong = [each for each in re.split(r"[\s,]+", text.strip()) if each and not HOST.fullmatch(each.lower())]
    if wrong:
        raise ValueError(f"found {wrong[0]!r}, wanted hosts such as api.example.org, or .example.org for all below it")
    return text


ProviderUrl = Annotated[str, AfterValidator(_safe_url)]
StepOfPath = Annotated[str, written(r"/[^\s?#]*", "a path such as /messages", or_nothing=False)]
StatusPath = Annotated[
    str, written(r"/[^\s?#]*\{id\}[^\s?#]*", "a path with {id} in it, such as /messages/{id}", or_nothing=False)
]
Table = (NoDecode, BeforeValidator(table))
Names = Annotated[dict[str, str], *Table]
Outcomes = Annotated[dict[str, OutcomeName], *Table]


@dataclass(frozen=True, slots=True)
class Provider:
    """
    A provider of text messages or post. `fields` are its names for ours, `codes` what its errors mean, `seconds` the
    most that a request may take.
    """

    url: str
    key: SecretStr
    send_path: str
    status_path: str
    deduplicates: bool
    fields: Mapping[str, str]
    codes: Mapping[str, str]
    ca_file: Path | None = None
    seconds: float = PROVIDER_SECONDS


class ChannelSettings(BaseSettings):
    """What of the settings describes the ways out beside mail."""

    ca_file: Annotated[Path | None, EMPTY_IS_NONE] = Field(
        default=None, description="Authorities of the other side's certificates beside the known ones, in PEM form"
    )

    sms_url: ProviderUrl = Field(default="", description="Provider of text messages; empty: none are sent")
    sms_key: SecretStr = SecretStr("")
    sms_send_path: StepOfPath = "/messages"
    sms_status_path: StatusPath = "/messages/{id}"
    sms_deduplicates: bool = Field(default=False, description="It sends a reference it has seen no second time")
    sms_fields: Names = Field(default={}, description="Its names for our fields")
    sms_codes: Outcomes = Field(default={}, description="What its codes of error mean")

    post_url: ProviderUrl = Field(default="", description="Provider of post; empty: letters go to the letters folder")
    post_key: SecretStr = SecretStr("")
    post_send_path: StepOfPath = "/letters"
    post_status_path: StatusPath = "/letters/{id}"
    post_deduplicates: bool = Field(default=False, description="It prints a reference it has seen no second time")
    post_fields: Names = Field(default={}, description="Its names for our fields")
    post_codes: Outcomes = Field(default={}, description="What its codes of error mean")

    webhook_secret: Annotated[SecretStr, AfterValidator(_long_enough)] = Field(
        default=SecretStr(""), description="Signs webhooks; empty: none are sent"
    )
    webhook_hosts: Annotated[str, AfterValidator(_hosts)] = Field(
        default="", description="Hosts that webhooks may go to, by commas; .example.org allows every host below it"
    )
    webhook_to_private_networks: bool = Field(default=False, description="For tests only")

    print_receipt_days: int = Field(
        default=3, ge=0, description="Days in which the print house has to say that a letter was posted; 0: it never is"
    )

    @property
    def sms_provider(self) -> Provider | None:
        """Who sends text messages, if anybody."""
        if not (self.sms_url and self.sms_key.get_secret_value()):
            return None
        return Provider(
            self.sms_url,
            self.sms_key,
            self.sms_send_path,
            self.sms_status_path,
            self.sms_deduplicates,
            self.sms_fields,
            self.sms_codes,
            self.ca_file,
        )

    @property
    def post_provider(self) -> Provider | None:
        """Who prints and posts letters, if not the print house that collects the letters folder."""
        if not (self.post_url and self.post_key.get_secret_value()):
            return None
        return Provider(
            self.post_url,
            self.post_key,
            self.post_send_path,
            self.post_status_path,
            self.post_deduplicates,
            self.post_fields,
            self.post_codes,
            self.ca_file,
        )

    @property
    def webhook_host_list(self) -> tuple[str, ...]:
        """The hosts in lower case."""
        return tuple(each.lower() for each in re.split(r"[\s,]+", self.webhook_hosts) if each)

    @property
    def has_webhooks(self) -> bool:
        """Whether webhooks are sent at all."""
        return bool(self.webhook_secret.get_secret_value() and self.webhook_host_list)
