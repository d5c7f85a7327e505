"""What became of a file, as the command line's and the API's one document."""

from __future__ import annotations

from typing import Any

from casework.register.intake import ImportReport


def document(report: ImportReport, file_name: str) -> dict[str, Any]:
    """Counts and rejects; `cell` is the address of a faulty cell in a workbook, else absent."""
    return {
        "kind": report.kind,
        "file": file_name,
        "file_sha256": report.file_sha256,
        "dry_run": report.dry_run,
        "rows": report.rows,
        "stored": report.stored,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "rejected": report.rejected,
        "rejects": [
            {
                "line": reject.line,
                "cell": reject.cell or None,
                "field": reject.field,
                "found": reject.found,
                "wanted": reject.wanted,
                "other_fields": reject.other_fields,
            }
            for reject in report.rejects
        ],
    }
