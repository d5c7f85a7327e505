"""`mandate notice certificate` and `mandate notice verify`: proof of service in a file, and whether a file holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.acting import STAFF, ActingAs
from app.cli.database import AsOf, acting
from app.cli.options import AsJson
from app.cli.output import answer
from core.calendar import in_words
from core.errors import BadInput

Out = Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where to lay the PDF and the JSON.")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="A certificate, PDF or JSON.")]


def certificate(
    notice: Annotated[str, typer.Argument(metavar="NOTICE", help="The notice's id, from `mandate ballot show`.")],
    out: Out = Path(),
    acting_as: ActingAs = STAFF,
    as_json: AsJson = False,
    as_of: AsOf = None,
) -> None:
    """Lay the certificate of service of a notice in a folder, as PDF and JSON, and record its digest."""
    from app import certificate_views
    from app.cli.acting import actor_named
    from app.cli.notice import id_of

    _require_folder(out)
    with acting(as_of) as uow:
        uow.actor = actor_named(uow, acting_as)
        issued = certificate_views.issue(uow, id_of("NOTICE", notice))
    files = {"pdf": out / f"{issued.name}.pdf", "json": out / f"{issued.name}.json"}
    _lay(files["pdf"], issued.pdf())
    _lay(files["json"], issued.file)
    standing = issued.certificate.standing
    document = {"notice": issued.certificate.notice, "digest": issued.digest, "standing": standing.model_dump()}
    document |= {name: str(path) for name, path in files.items()}
    answer(document, as_json=as_json, people=lambda: _tell_issued(document))


def verify(file: File, as_json: AsJson = False) -> None:
    """
    Check a certificate without the union: every digest, date and sum in it, offline.

    Exit 1 when anything in it does not fit, 2 when the file is no certificate. No file can show by itself that it is
    the one that was issued: compare its digest with the one in the union's history (`mandate audit certificates`).
    """
    from app import certificate_views

    checked = certificate_views.checked(file.name, _content_of(file))
    document = certificate_views.told(checked)
    answer(document, as_json=as_json, people=lambda: _tell_checked(document), findings=checked.findings)


def _tell_issued(document: dict[str, Any]) -> None:
    typer.echo(document["standing"]["sentence"])
    typer.echo(f"{document['pdf']}\n{document['json']}")
    typer.echo(f"Digest: {document['digest']}, now in the history.")


def _tell_checked(document: dict[str, Any]) -> None:
    if document["holds"]:
        _tell_claims(document, "It says")
        typer.echo("Everything in it fits.")
    else:
        typer.echo("It does not hold; do not rely on it.")
        _tell_claims(document, "It claims, and nothing shows that it is so")
    if document["digest"]:
        typer.echo(f"Digest: {document['digest']}\n{document['compare']}")


def _tell_claims(document: dict[str, Any], how: str) -> None:
    if document["sentence"]:
        typer.echo(f"{document['kind']}, notice {document['notice']}, drawn up on {in_words(document['drawn_on'])}.")
        typer.echo(f"{how}: {document['sentence']}")


def _require_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(field="--out", found=str(out), wanted=f"a folder ({error.strerror})") from None


def _lay(path: Path, content: bytes) -> None:
    being_laid = path.with_name(f".{path.name}.part")
    try:
        being_laid.write_bytes(content)
        being_laid.replace(path)
    except OSError as error:
        raise BadInput(field="--out", found=str(path), wanted=f"a folder to write to ({error.strerror})") from None


def _content_of(path: Path) -> bytes:
    from notifications.certificates.sealing import MOST_BYTES

    try:
        with path.open("rb") as file:
            # One byte more than is read, so that what is too large is found and not read whole.
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadInput(field="FILE", found=str(path), wanted=f"a certificate ({error.strerror})") from None
