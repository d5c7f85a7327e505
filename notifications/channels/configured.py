"""The channels that the settings describe, and the words for one that they do not."""

from __future__ import annotations

from collections.abc import Mapping

from core.settings import Settings
from notifications.channels import Channel
from notifications.channels.folder import FolderChannel
from notifications.channels.provider import ProviderChannel
from notifications.channels.smtp import SmtpChannel
from notifications.channels.webhook import WebhookChannel
from notifications.lifecycle import Medium


def configured_channels(configured: Settings) -> Mapping[Medium, Channel]:
    """
    Letters go to the post provider, or to the letters folder when none is set; mail to the relay, or to the same
    folder. Texts and webhooks have a channel only where it is set.
    """
    folder = FolderChannel(configured.effective_letters_folder)
    channels: dict[Medium, Channel] = {
        Medium.LETTER: folder,
        Medium.MAIL: SmtpChannel.of(configured) if configured.smtp_host else folder,
    }
    if (post := configured.post_provider) is not None:
        channels[Medium.LETTER] = ProviderChannel.of(post, Medium.LETTER, "post")
    if (texts := configured.sms_provider) is not None:
        channels[Medium.SMS] = ProviderChannel.of(texts, Medium.SMS, "sms")
    if configured.has_webhooks:
        channels[Medium.WEBHOOK] = WebhookChannel.of(configured)
    return channels
