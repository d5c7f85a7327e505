"""Whether the program answers and its database does."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

router = APIRouter()


@router.get("/healthz", summary="Whether the database answers")
def healthz(request: Request) -> JSONResponse:
    """`{"status": "ok"}`, or 503 when the database does not answer."""
    try:
        with request.app.state.database.reading() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return JSONResponse({"status": "database does not answer"}, status_code=503)
    return JSONResponse({"status": "ok"})
