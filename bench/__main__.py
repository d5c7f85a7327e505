"""`python -m bench`: every figure, or those named, in one table."""

from __future__ import annotations

import argparse
import importlib
import json
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app import prefect_server
from bench import ground
from bench.frame import Line, Run, machine, say
from core.settings import settings

FIGURES = (
    "batches",
    "waiting",
    "due",
    "first_line",
    "delivery",
    "planner",
    "linter",
    "retiming",
    "pages",
    "peers",
    "startup",
)
BEGIN, END = "<!-- measured -->", "<!-- /measured -->"


def asked() -> argparse.Namespace:
    """The words of the command line."""
    words = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    words.add_argument(
        "figures", nargs="*", metavar="FIGURE", help=f"any of {', '.join(FIGURES)}; all when none is named"
    )
    words.add_argument("--quick", action="store_true", help="small sizes, two repeats: to try it, not for figures")
    words.add_argument("--full", action="store_true", help="also what takes hours")
    words.add_argument("--json", action="store_true", help="the lines as JSON on standard output")
    words.add_argument("--write", type=Path, metavar="FILE", help=f"put the table between {BEGIN} and {END} of a file")
    given = words.parse_args()
    if unknown := set(given.figures) - set(FIGURES):
        words.error(f"no such figure: {', '.join(sorted(unknown))}; there are {', '.join(FIGURES)}")
    return given


def free_port() -> int:
    """A port of loopback that nobody holds."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def main() -> int:
    """Measure and print; 1 when a limit is not kept."""
    given = asked()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that servers are stopped and folders removed
    run, wanted = Run(given.quick, given.full), given.figures or FIGURES
    about = machine()
    with tempfile.TemporaryDirectory(prefix="mandate-bench-home-") as folder:
        ground.own_home(Path(folder), free_port())
        prefect_server.adopt(settings())
        lines = list(measure(run, [each for each in FIGURES if each in wanted], about))
    if given.json:
        print(json.dumps({"machine": about, "lines": [each.as_dict() for each in lines]}, indent=2))
    else:
        show(lines, about)
    if given.write:
        written(given.write, lines, about, run)
    return int(any(line.met is False for line in lines))


def measure(run: Run, wanted: list[str], about: dict[str, str]) -> Iterator[Line]:
    """The lines of every figure wanted. Prefect's server, a real one, runs all the while."""
    with ground.grounds() as grounds, prefect_server.running(settings()):
        if len(grounds) > 1:
            about["PostgreSQL"] = ground.version_of(grounds[1])
        for name in wanted:
            say(f"== {name}")
            for line in importlib.import_module(f"bench.{name}").figures(run, grounds):
                say(f"{line.figure}: {line.what}: {line.shown} {line.wanted} {line.verdict}")
                yield line


def show(lines: list[Line], about: dict[str, str]) -> None:
    """The one table."""
    table = Table(
        title="Figures", caption=", ".join(f"{name} {value}" for name, value in about.items()), show_lines=True
    )
    for title in ("figure", "what", "median (least – most)", "value", "wanted", "met"):
        table.add_column(title, overflow="fold")
    for line in lines:
        colour = {True: "green", False: "red", None: ""}[line.met]
        table.add_row(line.figure, line.what, line.measured, line.shown, line.wanted, line.verdict, style=colour)
    Console(width=None if sys.stdout.isatty() else 160).print(table)


def written(path: Path, lines: list[Line], about: dict[str, str], run: Run) -> None:
    """The table in Markdown, in place of the one that stands between the two marks."""
    before, begins, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, ends, after = rest.partition(END)
    if not begins or not ends:
        raise SystemExit(f"{path} has no place for the table: wanted {BEGIN} and {END}.")
    conditions = ", ".join(f"{name} {value}" for name, value in about.items())
    how = "`--quick`: no figures to go by" if run.quick else f"medians of {run.repeats}"
    rows = [
        f"Measured on {date.today():%d %B %Y} ({how}): {conditions}.",  # noqa: DTZ011 - when somebody measured
        "",
        "| figure | what | median (least – most) | value | wanted | met |",
        "|---|---|---|---|---|---|",
        *(
            f"| {each.figure} | {each.what} | {each.measured} | {each.shown} | {each.wanted} | {each.verdict} |"
            for each in lines
        ),
    ]
    path.write_text(f"{before}{BEGIN}\n" + "\n".join(rows) + f"\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
