"""
Letters that no font of ours has. A paper is not lost because a name is written in another script, or somebody typed a
picture: what cannot be set is spelled by its number, as `[U+738B]`. The mail has the words as they were written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import typst

TOLD = re.compile(r"the (?:text|character) `\"(.+?)\"` (?:could not be displayed|cannot be encoded)")
BY_NUMBER = re.compile(r"\\u\{([0-9a-f]+)\}")
WITHOUT_LATIN = 0x2E80
"""From here on a script that lacks one letter mostly lacks all: they are spelled together, not one in each try."""
MOST_TRIES = 40


def set_whole(data: str, set_it: Callable[[str], bytes]) -> bytes:
    """
    What `set_it` makes of the data, with the letters that it says it cannot show spelled out. Raises `TypstError` for
    any other reason.
    """
    for _ in range(MOST_TRIES):
        try:
            return set_it(data)
        except typst.TypstError as error:
            spelled = spelled_out(data, error.message)
            if spelled == data:
                raise
            data = spelled
    return set_it(data)


def spelled_out(data: str, message: str) -> str:
    """
    The data with the letters spelled out that a message of Typst's says cannot be shown; as it is for another message.

    >>> spelled_out("王 of 王明, ok", 'the text `"王"` could not be displayed with font `"A"`')
    '[U+738B] of [U+738B][U+660E], ok'
    """
    told = TOLD.search(message)
    if told is None:
        return data
    named = BY_NUMBER.sub(lambda number: chr(int(number[1], 16)), told[1])
    unshown = {letter for letter in named if not letter.isascii()}
    kindred = {_script(letter) for letter in unshown if ord(letter) >= WITHOUT_LATIN}
    return "".join(_spelled(each) if each in unshown or _script(each) in kindred else each for each in data)


def _script(letter: str) -> str:
    """What goes together: letters of one script by its name, pictures by where they stand."""
    if ord(letter) < WITHOUT_LATIN:
        return letter
    name = unicodedata.name(letter, "")
    return name.partition(" ")[0] if unicodedata.category(letter) == "Lo" else f"{ord(letter) >> 8:X}"


def _spelled(letter: str) -> str:
    """The letter in others that mean the same, where there are any; its number otherwise."""
    plain = unicodedata.normalize("NFKC", letter)
    return plain if plain != letter else f"[U+{ord(letter):04X}]"
