"""Proof of service: what waits for a person, mails that fit nothing, and the files that show a receipt."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, Field
from starlette.datastructures import UploadFile

from app import acts, approvals, certificate_views, forms, notice_views, service_views, views
from app.access import READERS, STAFF, actor_for, requires
from app.errors import meaning
from app.form_errors import beside, complaint
from app.forms import FieldError, Posted
from app.pages import page
from app.posted import form_with_file, new_nonce, nonce_of, one, posted_form
from app.routes.api import read_strictly
from casework import repository
from casework.acts import Role
from core.errors import BadInput, MandateError, NotFound
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from notifications import evidence_files, inbox, tasks
from notifications.evidence_files import ENDINGS

router = APIRouter()

WRITERS = requires(*Role)
RECEIVED = "notice_received"
SLIP = "file"
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
    wanted = f"a file of at most {service_views.MOST_BYTES // 1024 // 1024} megabytes"
    too_large = BadInput(field="file", found="a larger file", wanted=wanted)
    form = await form_with_file(request, service_views.MOST_BYTES, too_large, most_fields=20)
    fields = {name: [str(each) for each in form.getlist(name) if isinstance(each, str)] for name in form}
    file = form.get("file")
    if not isinstance(file, UploadFile):
        return Sent(fields, b"")
    return Sent(fields, await file.read(), (file.filename or "").rpartition("/")[2])


async def body_of(request: Request) -> bytes:
    """The body as it came; at most what a mail may have."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > service_views.MOST_BYTES:
        wanted = f"at most {service_views.MOST_BYTES // 1024 // 1024} megabytes, and a Content-Length"
        raise BadInput(field="body", found="more, or no length", wanted=wanted)
    return await request.body()


@router.get("/service", response_class=HTMLResponse, dependencies=[Depends(READERS)], include_in_schema=False)
def service(request: Request, done: str = "") -> HTMLResponse:
    """Everything that waits for a person; `done` says what was just recorded."""
    with reading(on=request.app.state.database) as uow:
        return _page(uow, done=done)


@router.post("/service/tasks/{task_id}", dependencies=[Depends(WRITERS)], include_in_schema=False)
def do_task(request: Request, task_id: uuid.UUID, posted: Annotated[Posted, Depends(posted_form)]) -> Response:
    """Say how a task was done."""
    return _recorded(request, posted, lambda uow: tasks.done(uow, task_id, uow.actor, one(posted, "how")), "task")


@router.post("/service/mails/{digest}", dependencies=[Depends(WRITERS)], include_in_schema=False)
def settle_mail(request: Request, digest: str, posted: Annotated[Posted, Depends(posted_form)]) -> Response:
    """Say what became of a mail that fitted nothing."""
    return _recorded(request, posted, lambda uow: inbox.settle(uow, digest, uow.actor, one(posted, "how")), "mail")


@router.post("/service/mails", dependencies=[Depends(WRITERS)], include_in_schema=False)
def take_mail(request: Request, sent: Annotated[Sent, Depends(sent_file)]) -> Response:
    """Take one mail that somebody hands in, as the mailbox would."""
    database = request.app.state.database
    try:
        with unit_of_work(STAFF, on=database) as uow:
            uow.actor = actor_for(uow, one(sent.fields, "acting_as") or STAFF, "dashboard")
            told = service_views.told(uow, service_views.taken(uow, sent.content, sent.name))
    except MandateError as error:
        refused = complaint(MAIL, error) if isinstance(error, BadInput) and error.field == "mail" else str(error)
        with reading(on=database) as uow:
            return _page(uow, refused=refused, status=meaning(error).http_status)
    return RedirectResponse(f"/service?done={told['reading']}", status_code=303)


@router.post("/notices/{notice_id}/receipt", dependencies=[Depends(WRITERS)], include_in_schema=False)
def receipt(request: Request, notice_id: uuid.UUID, sent: Annotated[Sent, Depends(sent_file)]) -> Response:
    """Record a receipt with the slip or photograph that shows it; with anything wrong, show the form again."""
    database, act = request.app.state.database, acts.act_named(RECEIVED)
    read = forms.read(act.facts, {**sent.fields, "notice": [str(notice_id)]})
    errors, status = read.errors, 422
    if read.facts is not None:
        try:
            with unit_of_work(STAFF, on=database) as uow:
                uow.actor = actor_for(uow, one(sent.fields, "acting_as") or STAFF, "dashboard")
                digest = evidence_files.keep_document(uow, sent.content) if sent.content else None
                given = read.facts.model_copy(update={"document": digest})
                acts.do(uow, _case_of(uow, notice_id), act, given, nonce_of(sent.fields))
            return RedirectResponse(f"/notices/{notice_id}?done=receipt", status_code=303)
        except NotFound:
            raise
        except MandateError as error:
            errors, status = _receipt_errors(error), meaning(error).http_status
    with reading(on=database) as uow:
        return notice_page(uow, notice_id, errors=errors, typed=sent.fields, status=status)


@router.get("/evidence/{digest}", dependencies=[Depends(READERS)], include_in_schema=False)
def evidence(request: Request, digest: str) -> Response:
    """A file that shows a receipt, or a mail that came in: always as a download, whatever it is."""
    with reading(on=request.app.state.database) as uow:
        found = evidence_files.find(uow, digest)
        name = f"{found.sha256[:16]}.{ENDINGS.get(found.content_type, 'bin')}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(found.content, media_type=found.content_type, headers=headers)


@router.get("/api/service", summary="What waits for a person", dependencies=[Depends(READERS)], tags=["service"])
def api_service(request: Request) -> JSONResponse:
    """
    `{"at": moment, "tasks": [...], "mails": [...], "approvals": [...]}`: tasks by their latest moment, mails that fit
    no notice, and the papers of each case that wait for a second person.
    """
    with reading(on=request.app.state.database) as uow:
        return JSONResponse(jsonable_encoder(service_views.document(uow)))


@router.get("/api/notices/{notice_id}", summary="One notice", dependencies=[Depends(READERS)], tags=["service"])
def api_notice(request: Request, notice_id: uuid.UUID) -> JSONResponse:
    """The notice as its page shows it, with how far its paper has come on the ladder and what is asked about it."""
    with reading(on=request.app.state.database) as uow:
        shown = notice_views.page(uow, notice_id)
        more = {"ladder": asdict(service_views.ladder(uow, notice_id)), "approval": approvals.awaited(uow, notice_id)}
        return JSONResponse(jsonable_encoder({**asdict(shown), **more}))


@router.post("/api/service/tasks/{task_id}", summary="Say how a task was done", dependencies=[Depends(WRITERS)])
def api_task(
    request: Request,
    task_id: uuid.UUID,
    body: Annotated[bytes, Depends(body_of)],
    acting_as: Annotated[str, Header()] = STAFF,
) -> JSONResponse:
    """What waits afterwards. A task that is done stays as it was done first."""
    given = read_strictly(Done, body, "How the task was done cannot be used.")
    return _answered(request, acting_as, lambda uow: tasks.done(uow, task_id, uow.actor, given.how))


@router.post("/api/service/mails/{digest}", summary="Settle a mail that fits nothing", dependencies=[Depends(WRITERS)])
def api_settle(
    request: Request,
    digest: str,
    body: Annotated[bytes, Depends(body_of)],
    acting_as: Annotated[str, Header()] = STAFF,
) -> JSONResponse:
    """What waits afterwards."""
    given = read_strictly(Done, body, "What became of the mail cannot be used.")
    return _answered(request, acting_as, lambda uow: inbox.settle(uow, digest, uow.actor, given.how))


@router.post("/api/service/mails", summary="Take a mail as the mailbox would", dependencies=[Depends(WRITERS)])
def api_take(
    request: Request, body: Annotated[bytes, Depends(body_of)], acting_as: Annotated[str, Header()] = STAFF
) -> JSONResponse:
    """What the mail turned out to be. The body is the mail as it came; the same again changes nothing."""
    with unit_of_work(STAFF, on=request.app.state.database) as uow:
        uow.actor = actor_for(uow, acting_as, "api")
        return JSONResponse(jsonable_encoder(service_views.told(uow, service_views.taken(uow, body))))


@router.post(
    "/api/evidence-files",
    summary="Keep a slip or photograph",
    dependencies=[Depends(WRITERS)],
    status_code=201,
)
def api_keep(
    request: Request, body: Annotated[bytes, Depends(body_of)], acting_as: Annotated[str, Header()] = STAFF
) -> JSONResponse:
    """Its digest, which the act `notice_received` takes as `document`. PDF, JPEG or PNG, by its first bytes."""
    with unit_of_work(STAFF, on=request.app.state.database) as uow:
        uow.actor = actor_for(uow, acting_as, "api")
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
    fields = forms.filled(acts.act_named(RECEIVED).facts, typed or {}, errors)
    shown = notice_views.page(uow, notice_id)
    return page(
        uow,
        "pages/notice.html",
        "notices",
        status=status,
        notice=shown,
        approval=approvals.awaited(uow, notice_id),
        approved_by=views.by_name(uow, shown.approved_by) if shown.approved_by else None,
        ladder=service_views.ladder(uow, notice_id),
        certificates=certificate_views.issued(uow, notice_id),
        receipt_form=[each for each in fields if each.field.name != "notice"],
        officers=views.officers(uow),
        acting_as=one(typed or {}, "acting_as") or STAFF,
        nonce=new_nonce(),
        done=done,
        errors=errors,
        file_error=next((each.text for each in errors if each.name == SLIP), None),
    )


def _receipt_errors(error: MandateError) -> tuple[FieldError, ...]:
    """What is wrong with a receipt, beside its field; beside the whole form where it is about none."""
    if isinstance(error, BadInput) and error.field == "document":
        return (FieldError(SLIP, "#file", complaint("Signed slip or photograph", error)),)
    return beside(acts.act_named(RECEIVED).facts, error) or (FieldError("", "#receipt", str(error)),)


def _case_of(uow: UnitOfWork, notice_id: uuid.UUID) -> uuid.UUID:
    ref = notice_views.page(uow, notice_id).case_ref
    if ref is None:
        raise NotFound("case of the notice", notice_id)
    return repository.find(uow, ref).id


def _recorded(request: Request, posted: Posted, act: Any, what: str) -> Response:
    database = request.app.state.database
    try:
        with unit_of_work(STAFF, on=database) as uow:
            uow.actor = actor_for(uow, one(posted, "acting_as") or STAFF, "dashboard")
            act(uow)
    except NotFound:
        raise
    except MandateError as error:
        with reading(on=database) as uow:
            return _page(uow, refused=str(error), status=meaning(error).http_status)
    return RedirectResponse(f"/service?done={what}", status_code=303)


def _answered(request: Request, acting_as: str, act: Any) -> JSONResponse:
    with unit_of_work(STAFF, on=request.app.state.database) as uow:
        uow.actor = actor_for(uow, acting_as, "api")
        act(uow)
    with reading(on=request.app.state.database) as uow:
        return JSONResponse(jsonable_encoder(service_views.document(uow)))


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
