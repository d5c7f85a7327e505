"""How much longer each calculator takes to start than an empty Typer program: the ratio of medians, side by side."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 9
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
    "result": [
        "result",
        *("--opens", "2026-09-21", "--closes", "2026-10-19", "--entitled", "47"),
        *("--question", "strike:yes=24,no=0", "--json"),
    ],
    "pay deduction": ["pay", "deduction", "--annual-salary", "36500.00", "--days", "2026-12-01", "--json"],
}


def seconds(code: str, arguments: list[str]) -> float:
    """The wall-clock time of one process that must succeed."""
    started = time.perf_counter()
    subprocess.run(  # noqa: S603 - this interpreter and the words above
        [sys.executable, "-c", code, *arguments], check=True, stdout=subprocess.DEVNULL
    )
    return time.perf_counter() - started


def ratio(arguments: list[str], rounds: int = ROUNDS) -> tuple[float, float, float]:
    """Median seconds of the empty program and of a calculator, run by turns, and the second over the first."""
    pairs = [(seconds(EMPTY, []), seconds(MANDATE, arguments)) for _ in range(rounds)]
    empty = statistics.median(pair[0] for pair in pairs)
    calculator = statistics.median(pair[1] for pair in pairs)
    return empty, calculator, calculator / empty


def main() -> int:
    """Print the figures of every calculator; 1 when any is over the limit."""
    over = False
    for name, arguments in CALCULATORS.items():
        empty, calculator, times = ratio(arguments)
        over = over or times > LIMIT
        print(f"{name:15} empty {empty:.3f} s   calculator {calculator:.3f} s   ratio {times:.2f}   limit {LIMIT}")
    return int(over)


if __name__ == "__main__":
    raise SystemExit(main())
