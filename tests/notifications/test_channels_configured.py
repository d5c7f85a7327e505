"""Which medium has which channel by the settings, and what a notice is told whose medium has none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.errors import BadInput
from core.settings import Settings, settings
from notifications import outbox
from notifications.channels.available import configured_media, missing_settings
from notifications.channels.configured import configured_channels
from notifications.channels.folder import FolderChannel
from notifications.channels.provider import ProviderChannel
from notifications.channels.webhook import WebhookChannel
from notifications.lifecycle import Medium
from notifications.messages import Message, message_kind
from tests.notifications.conftest import Desk
from tests.notifications.samples import RECIPIENTS, SAMPLES

WEBHOOKS: dict[str, Any] = {"webhook_secret": "a secret that is long enough", "webhook_hosts": "hooks.example.org"}
TEXTS: dict[str, Any] = {"sms_url": "https://texts.example.org/v1", "sms_key": "a key"}
POST: dict[str, Any] = {"post_url": "https://post.example.org", "post_key": "a key", "post_deduplicates": True}


def test_each_medium_has_the_channel_that_is_set(tmp_path: Path) -> None:
    """Turns red if a provider of post does not take the folder's place, or its promise is not passed on."""
    channels = configured_channels(Settings(home=tmp_path, **WEBHOOKS, **TEXTS, **POST))

    assert isinstance(channels[Medium.MAIL], FolderChannel)
    assert {medium: channel.name for medium, channel in channels.items()} == {
        Medium.MAIL: "folder",
        Medium.LETTER: "post",
        Medium.SMS: "sms",
        Medium.WEBHOOK: "webhook",
    }
    assert isinstance(channels[Medium.LETTER], ProviderChannel)
    assert isinstance(channels[Medium.WEBHOOK], WebhookChannel)
    assert (channels[Medium.LETTER].idempotent, channels[Medium.SMS].idempotent) == (True, False)


@pytest.mark.parametrize(
    ("given", "media"),
    [
        ({}, {Medium.MAIL, Medium.LETTER}),
        (TEXTS, {Medium.MAIL, Medium.LETTER, Medium.SMS}),
        ({"sms_url": TEXTS["sms_url"]}, {Medium.MAIL, Medium.LETTER}),
        (WEBHOOKS, {Medium.MAIL, Medium.LETTER, Medium.WEBHOOK}),
        ({**WEBHOOKS, "webhook_hosts": ""}, {Medium.MAIL, Medium.LETTER}),
    ],
    ids=["nothing", "texts", "texts without a key", "webhooks", "webhooks to no host"],
)
def test_what_is_said_to_be_there_is_there(tmp_path: Path, given: dict[str, Any], media: set[Medium]) -> None:
    """Turns red if the two lists part: a notice would be drawn up that no channel ever takes."""
    configured = Settings(home=tmp_path, **given)

    assert configured_media(configured) == media
    assert set(configured_channels(configured)) == media


@pytest.mark.parametrize(
    ("medium", "names"),
    [(Medium.SMS, ("MANDATE_SMS_URL", "MANDATE_SMS_KEY")), (Medium.WEBHOOK, ("MANDATE_WEBHOOK_SECRET", "_HOSTS"))],
)
def test_a_notice_for_a_medium_without_a_channel_is_refused_with_the_settings_it_wants(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, medium: Medium, names: tuple[str, ...]
) -> None:
    """Turns red if `outbox.prepare` does not ask: the notice would wait for a channel that nobody sets."""
    by_all = replace(message_kind("dispute_notified"), media=tuple(Medium))
    monkeypatch.setattr(outbox, "message_kind", lambda name: by_all)
    reachable = replace(RECIPIENTS["employer"], phone="+447700900123", webhook="https://hooks.example.org/")
    message = Message("dispute_notified", SAMPLES["dispute_notified"])
    with desk.work() as uow, pytest.raises(BadInput) as refused:
        outbox.prepare(uow, message, reachable, medium=medium, subject_ref="case:1")

    assert refused.value.found == medium.value
    assert all(name in str(refused.value) for name in names)
    assert missing_settings(settings(), medium) in str(refused.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"sms_url": "http://texts.example.org"}, "sms_url"),
        ({"sms_url": "https://us:pw@texts.example.org"}, "sms_url"),
        ({"post_url": "https://post.example.org/?key=x"}, "post_url"),
        ({"post_status_path": "/letters"}, "post_status_path"),
        ({"webhook_secret": "short"}, "webhook_secret"),
        ({"webhook_hosts": "https://hooks.example.org"}, "webhook_hosts"),
        ({"sms_codes": {"21": "gone"}}, "sms_codes"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused(given: dict[str, Any], said: str) -> None:
    """Turns red if a key could go out unencrypted, or one host's setting allow every host."""
    with pytest.raises(ValueError, match=said):
        Settings(**given)


def test_no_setting_shows_a_secret() -> None:
    """Turns red if one of the keys is kept as text."""
    configured = Settings(
        **WEBHOOKS, **{**TEXTS, "sms_key": "the key of texts"}, **{**POST, "post_key": "the key of post"}
    )
    told = repr(configured) + repr(configured.sms_provider) + repr(configured_channels(configured))

    assert not any(secret in told for secret in ("a secret that", "the key of texts", "the key of post"))
