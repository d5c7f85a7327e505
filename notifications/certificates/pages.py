"""
The pages of a certificate, as tagged PDF (PDF/UA-1) by Typst, with the certificate itself and what it seals inside.

Pages are made of the certificate's file and nothing else, so that whoever checks a PDF can make them again and compare
every byte. The fonts are the compiler's own.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, time
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import typst

from core import calendar, why
from notifications import evidence_files, language, law_told, unshown
from notifications.certificates import annexes, paragraphs, sealing, standing, vocabulary, words
from notifications.certificates.shape import Certificate, MadeBy
from notifications.certificates.spelling import content_of
from notifications.certificates.vocabulary import MEDIA
from notifications.messages import TEMPLATES
from notifications.rendering import fonts, sha256
from notifications.showing import RenderingError
from notifications.unshown import set_whole

LAYOUT = Path(__file__).parent / "certificate.typ"
LETTERHEAD = TEMPLATES / "_letterhead" / "letterhead.typ"
SOURCES = (
    LAYOUT,
    LETTERHEAD,
    *(Path(str(each.__file__)) for each in (words, vocabulary, annexes, paragraphs, standing, law_told)),
    *(Path(str(each.__file__)) for each in (language, calendar, why, evidence_files, unshown)),
    Path(__file__),
)
"""Every file that words or lays out the pages: with another one they would be others."""


@lru_cache(maxsize=1)
def made_by() -> MadeBy:
    """What draws certificates up here: the programme, the compiler, and the digest of the layout."""
    return MadeBy(programme=f"mandate-union {version('mandate-union')}", typst=version("typst"), layout=layout())


def layout() -> str:
    """The digest of what words and lays out the pages."""
    return sha256("".join(sha256(each.read_bytes()) for each in SOURCES).encode())


def is_of_this_layout(certificate: Certificate) -> bool:
    """Whether a certificate was drawn up as it would be here: its pages can be made again, and its words are ours."""
    return certificate.made_by == made_by()


def pdf_of(file: bytes) -> bytes:
    """The pages of a file that we made, with the file inside. Raises `RenderingError`."""
    # Read from the file again: what the pages show must not hang on the order in which a value was put together.
    certificate = Certificate.model_validate_json(sealing.plain(json.loads(file)["certificate"]))
    attached = [(sealing.NAME, "application/json", file, "The certificate, to be checked by a programme")]
    attached += list(_parts(certificate))
    listed = [{"name": name, "type": kind, "what": what} for name, kind, _, what in attached]
    data = words.page_of(certificate, sealing.digest_in(file)) | {"attached": listed}
    with tempfile.TemporaryDirectory(prefix="mandate-") as folder:
        root = Path(folder)
        for source in (LAYOUT, LETTERHEAD):
            (root / source.name).write_bytes(source.read_bytes())
        for place, (_, _, content, _) in enumerate(attached):
            (root / str(place)).write_bytes(content)
        try:
            return set_whole(
                json.dumps(data, ensure_ascii=False),
                lambda told: typst.compile(
                    str(root / LAYOUT.name),
                    root=folder,
                    font_paths=fonts(),
                    sys_inputs={"data": told},
                    format="pdf",
                    pdf_standards="ua-1",
                    timestamp=_stamp(certificate),
                ),
            )
        except typst.TypstError as error:
            raise RenderingError(f"{LAYOUT.name}: {error.message}") from error


def _stamp(certificate: Certificate) -> int:
    return int(datetime.combine(certificate.drawn_on, time(12), tzinfo=UTC).timestamp())


def _parts(certificate: Certificate) -> Iterator[tuple[str, str, bytes, str]]:
    """Each file that was sent or that shows a receipt, so that it can be opened as it is."""
    for copy in certificate.copies:
        for part in copy.contents:
            name, kind = annexes.name_of(certificate, copy, part), part.content_type.partition(";")[0]
            what = f"{MEDIA[copy.medium]}, {annexes.part_of(copy, part.name)}, as it was sent"
            yield name, kind, content_of(part.base64) or b"", what
    for document in certificate.documents:
        kind = (document.content_type or "application/octet-stream").partition(";")[0]
        content = None if document.base64 is None else content_of(document.base64)
        if content is not None:
            yield annexes.document_name(document), kind, content, "A document that shows a receipt"
