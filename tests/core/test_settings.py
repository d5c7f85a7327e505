"""A setting that cannot be used is told in plain words: which one, what was found, what is wanted."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from core.errors import ConfigurationError
from core.settings import PREFIX, Settings, settings

NONSENSE = ("not @ this?", "-1", "{", "no-such-path", "https://a.example/b?c", "http://[")
UNREADABLE = re.compile(
    r"\^|\$|\\s|\[\^|pattern|regex|input should|value error|valid (string|integer)|parse", re.IGNORECASE
)
ANY_WORDS_WILL_DO = {
    "home",
    "database_url",
    "letters_folder",
    "texts_folder",
    "journal_folder",
    "smtp_host",
    "smtp_username",
    "smtp_password",
    "mail_from",
    "imap_host",
    "imap_username",
    "imap_password",
    "imap_folder",
    "maildir",
    "ca_file",
    "sms_key",
    "post_key",
    "signing_secret",
    "prefect_api_auth",
    "union_name",
    "union_address",
    "caller",
    "scrutineer",
    "voting_paper_return_address",
}
"""Settings of which no text is wrong by itself."""


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


def refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> str | None:
    """What is said of a setting with that value; None where it can be used."""
    monkeypatch.setenv(f"{PREFIX}{name.upper()}", value)
    settings.cache_clear()
    try:
        settings()
    except ConfigurationError as error:
        return str(error)
    return None


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_says_what_was_found_and_what_is_wanted(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns red if a setting answers with an expression, a traceback, or the words of a library."""
    said = [told for value in NONSENSE if (told := refused(monkeypatch, name, value)) is not None]
    for told in said:
        words = told.removeprefix("A setting cannot be used: ")
        assert re.match(rf"{PREFIX}{name.upper()}(\.\S+)?: found .+, wanted \S", words), told
        assert not UNREADABLE.search(re.sub(r"found .*?, wanted", "wanted", words)), told
    assert bool(said) != (name in ANY_WORDS_WILL_DO)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        (
            "public_url",
            "disputes.union.org.uk",
            "MANDATE_PUBLIC_URL: found 'disputes.union.org.uk', wanted an address such as https://disputes.union.org.uk",
        ),
        ("smtp_port", "smtp", "MANDATE_SMTP_PORT: found 'smtp', wanted a whole number."),
        ("red_working_days", "40", "MANDATE_RED_WORKING_DAYS: found '40', wanted a whole number from 0 to 30."),
        ("imap_starttls", "perhaps", "MANDATE_IMAP_STARTTLS: found 'perhaps', wanted true or false."),
        ("smtp_tls", "ssl", "MANDATE_SMTP_TLS: found 'ssl', wanted 'starttls', 'implicit' or 'none'."),
        ("sms_fields", "to", "MANDATE_SMS_FIELDS: found 'to', wanted a table in JSON, such as"),
        ("sms_codes", '{"404": "gone"}', "MANDATE_SMS_CODES.404: found 'gone', wanted 'accepted', 'temp'"),
        ("post_send_path", "", "MANDATE_POST_SEND_PATH: found '', wanted a path such as /messages."),
    ],
)
def test_what_is_wanted_is_in_plain_words(name: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns red if the words for a slip that is often made are lost."""
    assert told in str(refused(monkeypatch, name, value))


def test_no_password_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns red if what was found is shown where it is secret, or has a password in it."""
    address = refused(monkeypatch, "prefect_api_url", "https://union:hush-hush@prefect.union.test/")
    assert "found 'https://…@prefect.union.test/'" in str(address)
    secret = refused(monkeypatch, "webhook_secret", "hush-hush")
    assert "hush" not in str(address) + str(secret)


def test_a_table_may_be_left_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns red if a line of the example that was left empty stops every command."""
    assert refused(monkeypatch, "sms_fields", "") is None
    assert refused(monkeypatch, "sms_fields", '{"to": "recipient"}') is None
    assert settings().sms_fields == {"to": "recipient"}
