"""Proof of service: what waits for a person, mails that fit nothing, and the files that show a receipt."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, Field
from starlette.datastructures import UploadFile

from app import (
    acts,
    api_answers,
    approvals,
    certificate_views,
    forms,
    inbox_acts,
    notice_views,
    paging,
    receipt_forms,
    receiving,
    service_views,
    views,
)
from app.access import LOOKERS, MAIL_TAKERS, SERVICE_WORKERS, acting, looking
from app.admission import admit_task
from app.errors import meaning
from app.form_errors import complaint
from app.forms import FieldError, Posted
from app.narrowing import widen
from app.once import once
from app.openapi import bytes_body, json_body
from app.pages import page
from app.paging import Paged
from app.posted import form_with_file, new_nonce, one, posted_form
from app.routes.api import read_strictly
from core.errors import BadInput, MandateError, NotFound
from core.unit_of_work import UnitOfWork
from notifications import evidence_files, inbox, law_told, tasks
from notifications.evidence_files import ENDINGS
from notifications.proof import TOLD, WORTH
from notifications.receipt_words import KINDS

router = APIRouter()

MAIL = "A bounce, report or answer that came elsewhere"


class Done(BaseModel, extra="forbid"):
    """How something was done, in a few words."""

    how: str = Field(min_length=1, max_length=2000)


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form with a file holds."""

    fields: Posted
    content: bytes
    name: str = ""


async def sent_file(request: Request) -> Sent:
    """A form's fields and its file, empty where none was chosen. `BadInput` when its length is unsaid or too much."""
    wanted = f"a file of at most {inbox_acts.MOST_BYTES // 1024 // 1024} megabytes"
    too_large = BadInput(field="file", found="a larger file", wanted=wanted)
    form = await form_with_file(request, inbox_acts.MOST_BYTES, too_large, most_fields=20)
    fields = {name: [str(each) for each in form.getlist(name) if isinstance(each, str)] for name in form}
    file = form.get("file")
    if not isinstance(file, UploadFile):
        return Sent(fields, b"")
    return Sent(fields, await file.read(), (file.filename or "").rpartition("/")[2])


async def body_of(request: Request) -> bytes:
    """The body as it came; at most what a mail may have."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > inbox_acts.MOST_BYTES:
        wanted = f"at most {inbox_acts.MOST_BYTES // 1024 // 1024} megabytes, and a Content-Length"
        raise BadInput(field="body", found="more, or no length", wanted=wanted)
    return await request.body()


@router.get("/service", response_class=HTMLResponse, dependencies=[Depends(LOOKERS)], include_in_schema=False)
def service(request: Request, done: str = "") -> HTMLResponse:
    """Everything that waits for a person; `done` says what was just recorded."""
    with looking(request) as uow:
        return _page(uow, done=done)


@router.post("/service/tasks/{task_id}", dependencies=[Depends(SERVICE_WORKERS)], include_in_schema=False)
def do_task(request: Request, task_id: uuid.UUID, posted: Annotated[Posted, Depends(posted_form)]) -> Response:
    """Say how a task was done."""
    return _recorded(request, lambda uow: _task_done(uow, task_id, one(posted, "how")), "task")


@router.post("/service/mails/{digest}", dependencies=[Depends(MAIL_TAKERS)], include_in_schema=False)
def settle_mail(request: Request, digest: str, posted: Annotated[Posted, Depends(posted_form)]) -> Response:
    """Say what became of a mail that fitted nothing."""
    return _recorded(request, lambda uow: inbox.settle(uow, digest, uow.actor, one(posted, "how")), "mail")


@router.post("/service/mails", dependencies=[Depends(MAIL_TAKERS)], include_in_schema=False)
def take_mail(request: Request, sent: Annotated[Sent, Depends(sent_file)]) -> Response:
    """Take one mail that somebody hands in, as the mailbox would."""
    try:
        with acting(request) as uow:
            told = service_views.told(uow, inbox_acts.taken(uow, sent.content, sent.name))
    except MandateError as error:
        refused = complaint(MAIL, error) if isinstance(error, BadInput) and error.field == "mail" else str(error)
        with looking(request) as uow:
            return _page(uow, refused=refused, status=meaning(error).http_status)
    return RedirectResponse(f"/service?done={told['reading']}", status_code=303)


@router.get("/evidence/{digest}", dependencies=[Depends(LOOKERS)], include_in_schema=False)
def evidence(request: Request, digest: str) -> Response:
    """A file that shows a receipt, or a mail that came in: always as a download, whatever it is."""
    with looking(request) as uow:
        found = evidence_files.find(uow, digest)
        name = f"{found.sha256[:16]}.{ENDINGS.get(found.content_type, 'bin')}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(found.content, media_type=found.content_type, headers=headers)


@router.get(
    "/api/service",
    summary="What waits for a person",
    dependencies=[Depends(LOOKERS)],
    response_model=api_answers.Waiting,
    tags=["service"],
)
def api_service(request: Request, paged: Paged) -> JSONResponse:
    """
    Tasks by their latest moment, in parts; whole, the mails that fit no notice and the papers of each case that wait
    for a second person.
    """
    with looking(request) as uow:
        return _waiting(request, uow, paged)


@router.get(
    "/api/notices/{notice_id}",
    summary="One notice",
    dependencies=[Depends(LOOKERS)],
    response_model=api_answers.NoticeTold,
    tags=["service"],
)
def api_notice(request: Request, notice_id: uuid.UUID) -> JSONResponse:
    """The notice as its page shows it, with how far its paper has come on the ladder and what is asked about it."""
    with looking(request) as uow:
        shown = notice_views.page(uow, notice_id)
        more = {"ladder": asdict(service_views.ladder(uow, notice_id)), "approval": approvals.awaited(uow, notice_id)}
        return JSONResponse(jsonable_encoder({**asdict(shown), **more}))


@router.post(
    "/api/service/tasks/{task_id}",
    summary="Say how a task was done",
    dependencies=[Depends(SERVICE_WORKERS), Depends(once)],
    openapi_extra=json_body(Done),
    response_model=api_answers.Waiting,
)
def api_task(
    request: Request,
    task_id: uuid.UUID,
    body: Annotated[bytes, Depends(body_of)],
) -> JSONResponse:
    """What waits afterwards. A task that is done stays as it was done first."""
    given = read_strictly(Done, body, "How the task was done cannot be used.")
    return _answered(request, lambda uow: _task_done(uow, task_id, given.how))


@router.post(
    "/api/service/mails/{digest}",
    summary="Settle a mail that fits nothing",
    dependencies=[Depends(MAIL_TAKERS), Depends(once)],
    openapi_extra=json_body(Done),
    response_model=api_answers.Waiting,
)
def api_settle(
    request: Request,
    digest: str,
    body: Annotated[bytes, Depends(body_of)],
) -> JSONResponse:
    """What waits afterwards."""
    given = read_strictly(Done, body, "What became of the mail cannot be used.")
    return _answered(request, lambda uow: inbox.settle(uow, digest, uow.actor, given.how))


@router.post(
    "/api/service/mails",
    summary="Take a mail as the mailbox would",
    dependencies=[Depends(MAIL_TAKERS), Depends(once)],
    openapi_extra=bytes_body("message/rfc822"),
    response_model=api_answers.MailTaken,
)
def api_take(request: Request, body: Annotated[bytes, Depends(body_of)]) -> JSONResponse:
    """What the mail turned out to be. The body is the mail as it came; the same again changes nothing."""
    with acting(request) as uow:
        return JSONResponse(jsonable_encoder(service_views.told(uow, inbox_acts.taken(uow, body))))


@router.post(
    "/api/evidence-files",
    summary="Keep a slip or photograph",
    dependencies=[Depends(SERVICE_WORKERS), Depends(once)],
    openapi_extra=bytes_body("application/pdf", "image/jpeg", "image/png"),
    response_model=api_answers.FileKept,
    status_code=201,
)
def api_keep(request: Request, body: Annotated[bytes, Depends(body_of)]) -> JSONResponse:
    """Its digest, which the act `notice_received` takes as `document`. PDF, JPEG or PNG, by its first bytes."""
    with acting(request) as uow:
        widen(uow.session)  # a paper that no notice rests on yet is nobody's
        digest = evidence_files.keep_document(uow, body)
        kind = evidence_files.find(uow, digest).content_type
    return JSONResponse({"sha256": digest, "content_type": kind}, status_code=201)


def notice_page(
    uow: UnitOfWork,
    notice_id: uuid.UUID,
    *,
    done: str = "",
    errors: Sequence[FieldError] = (),
    typed: Posted | None = None,
    status: int = 200,
) -> HTMLResponse:
    """A notice's page, with the form of its receipt as it was filled in and what is wrong with it."""
    fields = forms.filled(acts.act_named(receiving.RECEIVED).facts, typed or {}, errors)
    shown, issued = notice_views.page(uow, notice_id), certificate_views.issued(uow, notice_id)
    return page(
        uow,
        "pages/notice.html",
        "notices",
        status=status,
        notice=shown,
        approval=approvals.awaited(uow, notice_id),
        approved_by=views.by_name(uow, shown.approved_by) if shown.approved_by else None,
        ladder=service_views.ladder(uow, notice_id),
        certificates=issued,
        issuers=certificate_views.issuers(uow, issued),
        law=law_told.told(shown.law),
        receipt_form=[each for each in fields if each.field.name not in {"notice", "how"}],
        how=next(each for each in fields if each.field.name == "how"),
        kinds=[(kind.value, KINDS[kind], WORTH[kind].value) for kind in TOLD],
        by_hand=receipt_forms.by_hand(typed or {}, errors),
        without=receipt_forms.without_paper(typed or {}, errors),
        nonce=new_nonce(),
        done=done,
        errors=errors,
        file_error=next((each.text for each in errors if each.name == receipt_forms.SLIP), None),
    )


def _task_done(uow: UnitOfWork, task_id: uuid.UUID, how: str) -> None:
    admit_task(uow, task_id, SERVICE_WORKERS.roles)
    tasks.done(uow, task_id, uow.actor, how)


def _recorded(request: Request, act: Any, what: str) -> Response:
    try:
        with acting(request) as uow:
            act(uow)
    except NotFound:
        raise
    except MandateError as error:
        with looking(request) as uow:
            return _page(uow, refused=str(error), status=meaning(error).http_status)
    return RedirectResponse(f"/service?done={what}", status_code=303)


def _answered(request: Request, act: Any) -> JSONResponse:
    with acting(request) as uow:
        act(uow)
    with looking(request) as uow:
        return _waiting(request, uow, paging.Asked())


def _waiting(request: Request, uow: UnitOfWork, wanted: paging.Asked) -> JSONResponse:
    told = service_views.document(uow)
    shown, after = paging.part(told["tasks"], service_views.place, wanted)
    return paging.answer(request, {**told, "tasks": shown}, after)


def _page(uow: UnitOfWork, *, done: str = "", refused: str = "", status: int = 200) -> HTMLResponse:
    shown = service_views.document(uow)
    return page(
        uow,
        "pages/service.html",
        "service",
        status=status,
        tasks=shown["tasks"],
        mails=shown["mails"],
        approvals=shown["approvals"],
        now=shown["at"],
        done=done,
        refused=refused,
    )
