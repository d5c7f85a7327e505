"""
Work on a file that somebody sent, in a thread of its own: its page says how far it is, and a reload says the same.

How far it is stands beside the file, where any process of the dashboard reads it. The work holds the upload: one that
says how far it is and is held by nobody was cut short, and what it had done was undone with its transaction.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError

from app import uploads
from app.uploads import Upload
from casework.register.intake import Phase, Progress
from core.errors import Conflict, MandateError
from core.logs import log

PATIENCE_SECONDS = 1.0
"""How long a click waits for the end. Most files are done by then, and their page needs no bar."""
TOLD_EVERY_SECONDS = 0.25
CUT_SHORT = "The dashboard ended in the middle. Nothing was stored; send the file again."
AWAY = "The database could not be reached to the end. Nothing was stored; try again."
BROKEN = "It broke off, and nothing was stored. The dashboard’s log says where."

Work = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class HowFar:
    """How far work on a file is: rows done in a phase, of all that it has; 0 of 0 while they are not counted."""

    phase: Phase
    done: int
    total: int


def do(upload: Upload, work: Work) -> bool:
    """
    Begin the work and wait `PATIENCE_SECONDS` for its end: whether it is over. What it raised by then is raised here;
    what it raises later is kept beside the file in words.

    The upload is this work's alone: another click's waits for it.
    """
    outcome: Future[None] = Future()
    # A daemon: an orderly end of the dashboard waits for no file, and a transaction that is cut short leaves nothing.
    threading.Thread(target=_settle, args=(outcome, upload, work), name="file-work", daemon=True).start()
    try:
        outcome.result(PATIENCE_SECONDS)
    except TimeoutError:
        if not outcome.done():
            return False
        raise
    except BaseException:
        uploads.forget_standing(upload)
        raise
    return True


def standing(upload: Upload) -> HowFar | str | None:
    """How far the work is; a sentence where it ended without what it was for; None where there is nothing to tell."""
    told = uploads.standing(upload)
    if told is None:
        return None
    if "trouble" in told:
        return str(told["trouble"])
    if uploads.is_held(upload):
        return HowFar(Phase(told["phase"]), told["done"], told["total"])
    # It may have ended between the two looks.
    return CUT_SHORT if uploads.standing(upload) else None


def require_idle(upload: Upload) -> None:
    """Raise `Conflict` while the file is worked on."""
    if uploads.is_held(upload):
        raise Conflict("The file is being worked on; wait for its end.")


def _settle(outcome: Future[None], upload: Upload, work: Work) -> None:
    try:
        with uploads.alone(upload):
            uploads.keep_standing(upload, {"phase": Phase.READING, "done": 0, "total": 0})
            work(_teller(upload))
            uploads.forget_standing(upload)
    except BaseException as error:  # noqa: BLE001 - handed on to the click, or kept for the page
        log().info("work on a file ended", error=type(error).__name__)
        uploads.keep_standing(upload, {"trouble": _in_words(error)})
        outcome.set_exception(error)
    else:
        outcome.set_result(None)


def _teller(upload: Upload) -> Progress:
    told_at = float("-inf")

    def tell(phase: Phase, done: int, total: int) -> None:
        nonlocal told_at
        if done in (0, total) or time.monotonic() - told_at >= TOLD_EVERY_SECONDS:
            told_at = time.monotonic()
            uploads.keep_standing(upload, {"phase": phase, "done": done, "total": total})

    return tell


def _in_words(error: BaseException) -> str:
    if isinstance(error, MandateError):
        return str(error)
    return AWAY if isinstance(error, DBAPIError) else BROKEN
