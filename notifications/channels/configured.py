"""The channels that the settings describe."""

from __future__ import annotations

from collections.abc import Mapping

from core.settings import Settings
from notifications.channels import Channel
from notifications.channels.folder import FolderChannel
from notifications.channels.smtp import SmtpChannel
from notifications.lifecycle import Medium


def configured_channels(configured: Settings) -> Mapping[Medium, Channel]:
    """Letters go to the letters folder; mail goes to the relay, or to the same folder when none is set."""
    folder = FolderChannel(configured.effective_letters_folder)
    return {Medium.LETTER: folder, Medium.MAIL: SmtpChannel.of(configured) if configured.smtp_host else folder}
