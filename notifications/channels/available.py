"""Which media have a channel by the settings, without opening any."""

from __future__ import annotations

from core.settings import Settings
from notifications.lifecycle import Medium


def configured_media(configured: Settings) -> frozenset[Medium]:
    """The media that a notice may travel by. Mail and letters always can: at least the letters folder is there."""
    return frozenset(medium for medium in Medium if missing_settings(configured, medium) is None)


def missing_settings(configured: Settings, medium: Medium) -> str | None:
    """The settings that a medium wants before it has a channel, in words; None for one that has."""
    if medium is Medium.SMS and configured.sms_provider is None:
        return "MANDATE_SMS_URL and MANDATE_SMS_KEY"
    if medium is Medium.WEBHOOK and not configured.has_webhooks:
        return "MANDATE_WEBHOOK_SECRET and MANDATE_WEBHOOK_HOSTS"
    return None
