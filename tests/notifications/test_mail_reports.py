"""
Reading mails that came back: a corpus in `dsn/`, made up after what servers write, and what is broken on purpose.

Each file speaks of one notice, with the Message-ID and the address below, or pretends to.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput
from notifications.mail_reports import ACTIONS, LONGEST_READ, Reading, Report, is_mail, read_report

CORPUS = Path(__file__).parent / "dsn"
MESSAGE_ID = "<473319cb77623931a0147f44e58068fe@mandate.invalid>"
ADDRESS = "clerk@north-trust.test"

BOUNCED, DELIVERED, DELAYED = Reading.BOUNCED, Reading.DELIVERED, Reading.DELAYED
AUTOMATIC, READ, REPLY = Reading.AUTOMATIC_REPLY, Reading.READ_RECEIPT, Reading.REPLY
UNCLEAR, UNMATCHED = Reading.UNCLEAR, Reading.UNMATCHED

SAYS: Mapping[str, Reading] = {
    "a-colleagues-answer": REPLY,
    "a-letter-out-of-the-blue": UNMATCHED,
    "a-persons-answer": REPLY,
    "action-with-a-comment": BOUNCED,
    "bytes-of-no-charset": BOUNCED,
    "challenge-response": AUTOMATIC,
    "complaint-feedback-loop": UNMATCHED,
    "exchange-delivered-receipt": DELIVERED,
    "exchange-on-site-german": BOUNCED,
    "exim-before-mime": BOUNCED,
    "exim-mime": BOUNCED,
    "exim-warning": DELAYED,
    "forged-address": UNMATCHED,
    "forged-message-id": BOUNCED,
    "forwarded-by-the-clerks-server": BOUNCED,
    "gmail-delayed": DELAYED,
    "gmail-no-such-user": BOUNCED,
    "lotus-notes-in-words": BOUNCED,
    "m365-delayed": DELAYED,
    "m365-mailbox-full": BOUNCED,
    "m365-recipient-not-found": BOUNCED,
    "m365-status-in-base64": BOUNCED,
    "mdaemon-in-words": BOUNCED,
    "nested-in-a-forward": UNMATCHED,
    "no-original-quoted": BOUNCED,
    "out-of-office": AUTOMATIC,
    "out-of-office-without-a-header": AUTOMATIC,
    "postfix-delayed": DELAYED,
    "postfix-delivered": DELIVERED,
    "postfix-expired-in-queue": BOUNCED,
    "postfix-headers-only": BOUNCED,
    "postfix-relayed": AUTOMATIC,
    "postfix-smtputf8": BOUNCED,
    "postfix-user-unknown": BOUNCED,
    "qmail": BOUNCED,
    "qmail-french": BOUNCED,
    "read-receipt": READ,
    "rfc3461-plus-in-the-address": UNMATCHED,
    "sendmail-user-unknown": BOUNCED,
    "sendmail-warning-four-hours": DELAYED,
    "several-recipients-ours-delivered": DELIVERED,
    "several-recipients-ours-failed": BOUNCED,
    "several-recipients-ours-not-among-them": UNMATCHED,
    "truncated-in-the-quoted-mail": BOUNCED,
    "truncated-in-the-status": BOUNCED,
    "unknown-action": UNCLEAR,
    "wrapped-by-a-filter": BOUNCED,
}
"""What each file says of the address."""
QUOTES_NOTHING = frozenset(
    {"no-original-quoted", "truncated-in-the-status", "a-letter-out-of-the-blue", "nested-in-a-forward"}
)


def content_of(name: str) -> bytes:
    """One file of the corpus."""
    return (CORPUS / f"{name}.eml").read_bytes()


def test_every_file_of_the_corpus_is_expected_to_say_something() -> None:
    """
    At least thirty of them.
    """
    assert {path.stem for path in CORPUS.glob("*.eml")} == set(SAYS)
    assert len(SAYS) >= 30


@pytest.mark.parametrize("name", SAYS)
def test_fm_05_a_mail_is_read_for_what_it_says_of_our_address(name: str) -> None:
    """
    Turns red if `_by_address` takes the worst of all addresses, `_in_words` reads the copy of our own mail too, or
    `_text_within` leaves the transfer encoding be.
    """
    assert read_report(content_of(name)).of(ADDRESS) is SAYS[name]


@pytest.mark.parametrize("name", SAYS)
def test_fm_05_a_mail_names_the_notice_it_is_about(name: str) -> None:
    """
    Turns red if `_quoted_ids` leaves out the part that is quoted, or looks into what somebody forwarded.
    """
    quoted = read_report(content_of(name)).quoted_ids

    if name in QUOTES_NOTHING:
        assert MESSAGE_ID not in quoted
    elif name == "forged-message-id":
        assert quoted == ("<guessed@mandate.invalid>",)
    else:
        assert MESSAGE_ID in quoted


def test_a_report_of_several_says_the_worst_where_our_mail_went_to_one() -> None:
    """
    So it is taken where the return path names the mail, and an alias stands in for the address.
    """
    assert read_report(content_of("several-recipients-ours-delivered")).at_worst is BOUNCED
    assert read_report(content_of("a-persons-answer")).at_worst is REPLY


WORST_FIRST = ("failed", "delayed", "nobody-knows", "relayed", "delivered")


@pytest.mark.parametrize(("first", "second"), list(product(WORST_FIRST, repeat=2)))
@pytest.mark.parametrize("other", ["other@north-trust.test", ADDRESS])
def test_fm_07_the_worst_of_two_actions_counts_in_either_order(first: str, second: str, other: str) -> None:
    """
    Of two addresses that one mail of ours went to, and of one address that is named twice.

    Turns red if `Reading.DELIVERED` stands before anything else that a server says of an address.
    """
    said = "".join(
        f"Final-Recipient: rfc822; {address}\r\nAction: {action}\r\n\r\n"
        for address, action in ((ADDRESS, first), (other, second))
    )
    content = (
        'From: MAILER-DAEMON@relay.test\r\nContent-Type: multipart/report; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; relay.test\r\n\r\n{said}--b--\r\n"
    )
    worst = min(first, second, key=WORST_FIRST.index)

    assert read_report(content.encode()).at_worst is ACTIONS.get(worst, UNCLEAR)


def test_a_report_tells_its_own_id_its_day_and_whom_it_was_sent_to() -> None:
    """
    The day counts where it shows receipt, the addresses may be a return path.
    """
    report = read_report(content_of("postfix-user-unknown"))

    assert report.own_id == "<20260901110009.4XyZ9q2Lzz@relay.union.test>"
    assert report.said_at == datetime(2026, 9, 1, 11, 0, 9, tzinfo=UTC)
    assert report.to == ("disputes@mandate.invalid",)


@pytest.mark.parametrize("cut", range(0, 2400, 150))
def test_a_mail_cut_off_anywhere_is_read_as_far_as_it_goes(cut: int) -> None:
    """
    It never says that something was delivered which was not.
    """
    report = read_report(content_of("postfix-user-unknown")[:cut])

    assert report.of(ADDRESS) in {BOUNCED, UNMATCHED, UNCLEAR, AUTOMATIC}


def test_a_huge_mail_is_read_at_its_beginning() -> None:
    """
    What is reported stands before what is quoted.
    """
    content = content_of("postfix-user-unknown") + b"x" * (3 * LONGEST_READ)

    assert read_report(content).of(ADDRESS) is BOUNCED


def test_a_mail_of_one_long_word_takes_no_longer_than_its_length() -> None:
    """
    Anybody may send one, and the sweep reads it before everything else.

    Turns red if an address is looked for by a pattern with an @ in it: eight times the length takes 64 times as long.
    """
    taken = {length: min(_reading_a_word_of(length) for _ in range(3)) for length in (10_000, 80_000)}
    assert taken[80_000] < 30 * taken[10_000] + 0.05


def _reading_a_word_of(length: int) -> float:
    began = time.process_time()
    read_report(b"From: MAILER-DAEMON\nSubject: failed\n\n" + b"x" * length)
    return time.process_time() - began


def test_a_mail_nested_too_deep_is_no_mail_or_says_nothing() -> None:
    """
    Somebody may try to end the program with it.

    Turns red if `read_report` lets a `RecursionError` out.
    """
    parts = "".join(f'Content-Type: multipart/mixed; boundary="{n}"\r\n\r\n--{n}\r\n' for n in range(3000))
    report = _read(parts.encode())

    assert report is None or report.of(ADDRESS) is UNMATCHED


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    """
    Nothing else comes out of them than a report or a refusal that names the field.
    """
    assert isinstance(_read(content), Report | None)


@given(st.sampled_from(sorted(SAYS)), st.data())
def test_a_mail_with_bytes_changed_is_read_or_refused(name: str, data: st.DataObject) -> None:
    """
    Servers break mails in ways nobody thought of.
    """
    content = bytearray(content_of(name))
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=8)):
        content[place] = data.draw(st.integers(0, 255))

    assert isinstance(_read(bytes(content)), Report | None)


def _read(content: bytes) -> Report | None:
    try:
        return read_report(content)
    except BadInput:
        return None


@pytest.mark.parametrize("name", SAYS)
def test_every_mail_is_known_for_one_however_it_was_saved(name: str) -> None:
    """Turns red if a mail that can be read is turned away at the door."""
    content = content_of(name)
    for saved in (
        content,
        b"\xef\xbb\xbf" + content,
        b"\r\n" + content,
        b"From x Mon Oct  5 09:00:00 2026\n" + content,
    ):
        assert is_mail(saved)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b" \n",
        b"\x89PNG\r\n\x1a\n\0\0",
        b"%PDF-1.7\n",
        b"PK\x03\x04",
        b"<html><head>",
        b"Dear clerk: hello\n\nYours",
    ],
)
def test_what_has_no_header_lines_is_no_mail(content: bytes) -> None:
    """Turns red if anything at all is a mail that fits no notice."""
    assert not is_mail(content)
