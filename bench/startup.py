"""How much longer each calculator takes to start than an empty Typer program: the ratio of medians, side by side."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping

from bench.frame import Line, Run, by_turns, median, spread
from bench.ground import Ground

LIMIT = 1.5

EMPTY = "import typer\napp = typer.Typer()\n@app.command()\ndef hello() -> None:\n    print('hello')\napp()\n"
MANDATE = "from app.cli.main import run; run()"

CALCULATORS = {
    "law show": ["law", "show", "ballots.action_notice_days", "--json"],
    "law list": ["law", "list", "--json"],
    "timetable": [
        "timetable",
        *("--opens", "2026-09-21", "--closes", "2026-10-19", "--first-action", "2026-11-03", "--json"),
    ],
    "plan": ["plan", "--first-action", "2027-01-06", "--json"],
    "result": [
        "result",
        *("--opens", "2026-09-21", "--closes", "2026-10-19", "--entitled", "47"),
        *("--question", "strike:yes=24,no=0", "--json"),
    ],
    "pay deduction": ["pay", "deduction", "--annual-salary", "36500.00", "--days", "2026-12-01", "--json"],
}


def figures(run: Run, _grounds: list[Ground]) -> Iterator[Line]:
    """Each calculator beside the empty program."""
    for name, arguments in CALCULATORS.items():
        times = by_turns(
            {"empty": lambda _: seconds(EMPTY, []), name: lambda _, given=arguments: seconds(MANDATE, given)},  # type: ignore[misc]
            run.repeats + 2,
        )
        words = f"{spread(times[name])}; empty {spread(times['empty'])}"
        ratio = median(times[name]) / median(times["empty"])
        yield Line(f"start-up, {name}", "time against an empty Typer program", words, ratio, "x", LIMIT)


def seconds(code: str, arguments: list[str]) -> float:
    """The wall-clock time of one process that must succeed."""
    started = time.perf_counter()
    subprocess.run(  # noqa: S603 - this interpreter and the words above
        [sys.executable, "-c", code, *arguments], check=True, stdout=subprocess.DEVNULL, env=_plain_environment()
    )
    return time.perf_counter() - started


def _plain_environment() -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "MANDATE_"))}
