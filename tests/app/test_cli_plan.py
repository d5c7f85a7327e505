"""`mandate plan` as a program: its keys, its options, its drawing, and files of term dates."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from ballots.plan import StepName

BACK = ["plan", "--first-action", "2027-01-06", "--channel", "hand", "--opens-for", "24"]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run `mandate` with arguments: exit code, standard output, standard error."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["mandate", *arguments])
        with pytest.raises(SystemExit) as caught:
            main.run()
        out, err = capsys.readouterr()
        return int(caught.value.code or 0), out, err

    return run


def document(cli: Any, *arguments: str, code: int = 0) -> Any:
    exit_code, out, err = cli(*arguments, "--json")
    assert (exit_code, err) == (code, "")
    return json.loads(out)


KEYS = {
    *("direction", "kind", "channel", "nation", "today", "first_action", "steps", "earliest"),
    *("earliest_lawful", "mandate", "re_ballot", "findings"),
}
STEP_KEYS = {
    *("step", "latest_lawful", "latest_safe", "margin_days", "slack_days", "rule", "citation", "hangs_on", "binding"),
    *("safe_by", "by_channel", "why"),
}


def test_backwards(cli: Any) -> None:
    """Turns red if a key of the contract is renamed, or a plan hides its margin."""
    back = document(cli, *BACK)
    assert set(back) == KEYS
    assert back["direction"] == "backwards"
    assert (back["earliest"], back["earliest_lawful"]) == ({"asos": None, "strike": None},) * 2
    assert [step["step"] for step in back["steps"]] == list(StepName)
    assert {frozenset(step) for step in back["steps"]} == {frozenset(STEP_KEYS)}
    notice = next(step for step in back["steps"] if step["step"] == "action_notice")
    assert (notice["latest_lawful"], notice["latest_safe"], notice["margin_days"]) == ("2026-12-27", "2026-12-24", 3)
    assert notice["safe_by"] == "2026-12-24T17:00:00+00:00"
    assert notice["binding"] == ["notice", "closed_offices"]
    assert notice["by_channel"] == {"hand": "2026-12-24", "email": "2026-12-21", "post": "2026-12-22"}
    assert set(notice["why"]) == {"rule", "inputs", "arithmetic", "citation", "certainty", "changes_if"}
    assert back["mandate"]["last_day"] == "2027-12-22"
    assert back["re_ballot"]["continues_on"] == "2027-12-23"
    assert [each["code"] for each in back["findings"]] == ["school_terms_unknown"]


def test_forwards(cli: Any) -> None:
    """Turns red if the steps are not those of the earliest day of the kind asked for."""
    forth = document(cli, "plan", "--today", "2026-11-30", "--channel", "hand")
    assert (forth["direction"], forth["first_action"]) == ("forwards", "2027-01-04")
    assert forth["earliest"] == {"asos": "2027-01-02", "strike": "2027-01-04"}
    assert forth["earliest_lawful"] == {"asos": "2026-12-31", "strike": "2026-12-31"}
    asos = document(cli, "plan", "--today", "2026-11-30", "--channel", "hand", "--kind", "asos")
    assert (asos["first_action"], asos["steps"][0]["slack_days"]) == ("2027-01-02", 0)


def test_too_late_is_a_refusal_that_names_the_earliest_day(cli: Any) -> None:
    """Turns red if a plan whose lawful days are past exits 0, or leaves people without a day to go for."""
    late = document(cli, "plan", "--first-action", "2027-01-06", "--today", "2026-12-21", code=1)
    assert {each["code"] for each in late["findings"]} == {"plan_too_late", "school_terms_unknown"}
    assert "the earliest safe one is Thursday 4 February 2027" in late["findings"][0]["cure"]
    assert late["findings"][0]["where"] == "authorise"


def test_people_read_what_is_too_late_once_for_each_severity(cli: Any) -> None:
    """Turns red if each step has a finding of its own for people, or service by hand is to cure what is past."""
    _, out, _ = cli("plan", "--first-action", "2027-01-06", "--today", "2026-12-21", "--opens-for", "24")
    flat = " ".join(out.split())
    assert (flat.count("STOP plan_too_late"), flat.count("WARN plan_too_late")) == (1, 1)
    assert "the last lawful day is past of 2 steps: Authorise the ballot (Sunday 20 December 2026), Notice of" in flat
    stop, warn = flat.split("WARN plan_too_late")
    assert ("serve by hand" in stop, "serve by hand" in warn) == (False, True)


def test_an_action_that_is_past_is_said_once(cli: Any) -> None:
    """Turns red if nine steps are told as late where the action itself is past, or one code a step is lost in JSON."""
    arguments = ("plan", "--first-action", "2026-10-06", "--today", "2026-11-22")
    code, out, _ = cli(*arguments)
    assert (code, out.count("STOP  "), out.count("plan_too_late")) == (1, 1, 0)
    assert "The first day of action, Tuesday 6 October 2026, is past; today is Sunday 22 November 2026." in out
    assert "serve by hand" not in out
    late = document(cli, *arguments, code=1)["findings"]
    assert [each["code"] for each in late[:2]] == ["first_action_past", "plan_too_late"]
    assert [each["where"] for each in late[1:10]] == list(StepName)


def test_school_terms_that_were_not_given_are_noted(cli: Any, tmp_path: Path) -> None:
    """Turns red if a plan without school terms is silent about it, or one with terms is not."""
    terms = tmp_path / "terms.csv"
    terms.write_text("name,starts,ends\na,2026-09-01,2026-10-23\nb,2026-10-24,2026-12-18\n")
    assert "No school terms were given" in " ".join(cli(*BACK)[1].split())
    for given in (["--term-dates", str(terms)], ["--school-closed", "2026-02-16"]):
        assert document(cli, *BACK, *given)["findings"] == []


def test_without_today_people_are_told_what_it_adds(cli: Any) -> None:
    """Turns red if a plan without today is silent about slack, or one with it asks for it."""
    line = "Add --today to see slack and what is too late."
    assert line in cli(*BACK)[1]
    assert line not in cli(*BACK, "--today", "2026-11-10")[1]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--first-action", "1990-01-08"], "no_law_in_force"),
        (["--today", "1990-01-08"], "no_law_in_force"),
        (["--today", "2026-11-30", "--nation", "northern-ireland"], "unsupported_jurisdiction"),
    ],
)
def test_a_refused_plan_still_prints_its_document(cli: Any, arguments: list[str], code: str) -> None:
    """Turns red if a stop prints nothing, or leaves keys out."""
    refused = document(cli, "plan", *arguments, code=1)
    assert set(refused) == KEYS
    assert ([each["code"] for each in refused["findings"]], refused["steps"]) == ([code], [])
    assert set(refused["mandate"].values()) == set(refused["re_ballot"].values()) == {None}


def test_every_option_reaches_the_plan(cli: Any, tmp_path: Path) -> None:
    """Turns red if an option is not handed on."""
    terms = tmp_path / "terms.csv"
    terms.write_text("name,starts,ends\nspring,2026-01-06,2026-03-27\nautumn,2025-09-01,2025-12-19\n")
    arguments = [
        *("plan", "--first-action", "2026-01-05", "--today", "2025-09-01", "--channel", "post", "--nation", "scotland"),
        *("--offices-closed", "2025-12-01..2025-12-31", "--offices-closed", "2025-11-28"),
        *("--school-closed", "2025-10-27..2025-10-31", "--term-dates", str(terms), "--opens-for", "30"),
        *("--employer-agrees-shorter-notice", "--earlier-action-notice", "2025-08-01"),
    ]
    full = document(cli, *arguments)
    notice = next(step for step in full["steps"] if step["step"] == "action_notice")
    # Seven days agreed; closed from Friday 28 November; post from Tuesday 25 arrives on Thursday 27.
    assert (notice["latest_lawful"], notice["latest_safe"]) == ("2025-12-29", "2025-11-25")
    assert full["earliest"]["strike"] is not None
    assert [each["code"] for each in full["findings"]] == ["voting_in_school_holiday", "strike_while_school_closed"]
    kept = document(cli, "plan", "--first-action", "2026-03-10", "--earlier-action-notice", "2026-02-10")
    notice = next(step for step in kept["steps"] if step["step"] == "action_notice")
    assert notice["latest_lawful"] == "2026-02-24"


BAD = "name,starts,ends\nautumn,2026-09-01,2026-12-18\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name,starts\nautumn,2026-09-01\n", "a column ends"),
        (f"{BAD}spring,2027-01-05,\n", "line 3: ends: found ''"),
        (f"{BAD}spring,05/01/2027,2027-03-26\n", "line 3: starts: found '05/01/2027', wanted a day such as"),
        (f"{BAD}spring,2027-02-30,2027-03-26\n", "line 3: starts: found '2027-02-30'"),
        (
            f"{BAD}spring,2027-03-26,2027-01-05\n",
            "line 3: ends: found '2027-01-05', wanted a day not before 2027-03-26",
        ),
        (f"{BAD}spring,2026-12-18,2027-03-26\n", "line 3: starts: found '2026-12-18', wanted a day after 2026-12-18"),
        (f"{BAD}spring,2028-01-05,2028-03-26\n", "line 3: starts: found '2028-01-05', wanted a day within 366 days"),
        (f"{BAD},2027-01-05,2027-03-26\n", "line 3: name: found ''"),
        (f"{BAD}spring,2027-01-05\n", "line 3: row: found '2 cells', wanted 3 cells"),
        (BAD, "found '1 terms', wanted two terms or more"),
        ("term,from,to\nautumn,2026-09-01,2026-12-18\n", "a file of terms has the columns name, starts, ends"),
        ("", "a column name"),
    ],
)
def test_a_bad_row_of_term_dates_is_named(cli: Any, tmp_path: Path, text: str, words: str) -> None:
    """Turns red if a file of terms is taken in part, or the row at fault is not named."""
    terms = tmp_path / "terms.csv"
    terms.write_text(text)
    code, out, err = cli("plan", "--today", "2026-11-22", "--term-dates", str(terms))
    assert (code, out) == (2, "")
    assert err.startswith("terms.csv: ")
    assert words in " ".join(err.split())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "first-action: found 'nothing', wanted --first-action or --today, or both"),
        (["--first-action", "2027-13-01"], "2027-13-01"),
        (["--first-action", "9999-12-31"], "first-action: found '9999-12-31'"),
        (["--today", "9999-12-31"], "today: found '9999-12-31'"),
        (["--today", "2026-11-22", "--opens-for", "0"], "opens-for: found 0"),
        (["--today", "2026-11-22", "--opens-for", "400"], "opens-for: found 400"),
        (["--today", "2026-11-22", "--channel", "pigeon"], "pigeon"),
        (["--today", "2026-11-22", "--kind", "picnic"], "picnic"),
        (["--today", "2026-11-22", "--nation", "jersey"], "jersey"),
        (
            ["--today", "2026-11-22", "--offices-closed", "Christmas"],
            "offices-closed: found 'Christmas', wanted a span",
        ),
        (["--today", "2026-11-22", "--offices-closed", "2026-12-24..2026-02-30"], "offices-closed"),
        (["--today", "2026-11-22", "--school-closed", "2027-01-04..2026-12-21"], "school-closed: found '2027-01-04.."),
        (["--today", "2026-11-22", "--school-closed", "2026-01-01..2028-01-01"], "wanted a span of 366 days at most"),
        (["--today", "2026-11-22", "--term-dates", "no/such-file.csv"], "term-dates: found 'no/such-file.csv'"),
        (["--first-action", "2027-01-06", "--earlier-action-notice", "2027-01-06"], "earlier-action-notice"),
        (["--today", "2026-11-22", "--assume", "the-moon=2027-01-01"], "the-moon"),
        (["--today", "2026-11-22", "--assume", "end-of-turnout-test"], "assume: found 'end-of-turnout-test'"),
    ],
)
def test_bad_input_is_exit_two_and_names_the_field(cli: Any, arguments: list[str], words: str) -> None:
    """Turns red if what cannot be planned is planned, or ends in a traceback."""
    code, out, err = cli("plan", *arguments)
    assert (code, out) == (2, "")
    assert words in " ".join(err.replace("│", " ").split())
    assert "Traceback" not in err


@pytest.mark.parametrize("arguments", [BACK, ["plan", "--today", "2026-11-30"], [*BACK, "--today", "2026-12-21"]])
def test_the_table_and_the_drawing_fit_a_hundred_columns(
    cli: Any, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    """Turns red if the table or a line of the drawing is wider than a page."""
    monkeypatch.delenv("COLUMNS", raising=False)
    _, out, _ = cli(*arguments)
    *drawing, _ = out.split("S safe until")[0].splitlines(), ""
    assert max(len(line) for line in drawing[0]) <= 100
    assert "Authorise the ballot" in out


def test_the_drawing_is_to_scale(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns red if a mark stands on another day than its step: 48 days on 76 columns."""
    monkeypatch.setenv("COLUMNS", "100")
    _, out, _ = cli(*BACK)
    rows = {line[:21].strip(): line[21:] for line in out.splitlines() if line[:1].isalpha()}
    assert rows["Authorise the ballot"].index("S") == 0
    assert rows["First day of action"].index("A") == 75
    assert rows["Notice of action"].index("S") == (24 + 11) * 75 // 48  # 24 December is 35 days after 19 November
    assert rows["Notice of action"].index("L") == (27 + 11) * 75 // 48
    assert (rows["Voting"].index("#"), rows["Voting"].rindex("#")) == (10 * 75 // 48 + 1, 34 * 75 // 48)


def test_explain_gives_the_reason_of_each_step(cli: Any) -> None:
    """Turns red if a step's reason is left out."""
    _, plain, _ = cli(*BACK)
    _, out, _ = cli(*BACK, "--explain")
    flat = " ".join(out.split())
    assert flat.count("Would change with:") == len(StepName)
    assert "Wednesday 6 January 2027 − 10 days = Sunday 27 December 2026" in flat
    assert "hangs on: first day of action; fixed by: days of notice, closed offices Rule:" in flat
    assert "Would change with" not in plain


def test_only_what_is_handed_over_has_an_hour(cli: Any) -> None:
    """Turns red if voting is said to open or close at the hour at which offices close."""
    _, out, _ = cli(*BACK, "--explain")
    assert "Safe until 17:00" not in out
    assert "Ballot opens: safe until Sunday 29 November 2026; lawful" in out
    assert "Ballot closes: safe until Wednesday 23 December 2026; lawful" in out
    assert "Notice of ballot: safe until Friday 20 November 2026, 17:00; lawful" in out


def test_every_lawful_day_before_the_action_has_its_sum(cli: Any) -> None:
    """Turns red if a lawful day is told without the sum that gives it."""
    steps = document(cli, *BACK)["steps"]
    sums = {step["step"]: step["why"]["arithmetic"].split(". Safe:")[0] for step in steps}
    notice = "Lawful: Wednesday 6 January 2027 − 10 days = Sunday 27 December 2026; "
    assert sums["authorise"] == "Lawful: Sunday 27 December 2026 − 7 days = Sunday 20 December 2026"
    assert sums["ballot_opens"] == f"{notice}opening, close, result and notice may share that day"
    assert sums["ballot_closes"] == f"{notice}close, result and notice may share that day"
    assert sums["result_to_members"] == sums["result_to_employers"] == f"{notice}result and notice may share that day"


def test_days_are_told_in_words(cli: Any) -> None:
    """Turns red if a start that is past is so many negative days from today, or one day is `1 days`."""
    _, out, _ = cli("plan", "--first-action", "2026-01-06", "--today", "2027-11-22", "--opens-for", "1")
    flat = " ".join(out.split())
    assert re.search(r"authorise the next ballot by [A-Za-z0-9 ]+, \d+ days ago:", flat)
    assert ("1 days" in flat, "-" in flat.split("authorise the next ballot")[1].split(":")[0]) == (False, False)


def test_an_assumption_that_moves_no_day_says_so(cli: Any) -> None:
    """Turns red if two equal tables are printed, or the standing answer is left out."""
    code, out, _ = cli(*BACK, "--assume", "end-of-turnout-test=2026-12-01")
    assert (code, "no day of this plan differs" in " ".join(out.split())) == (0, True)
    assumed = document(cli, *BACK, "--assume", "end-of-turnout-test=2026-12-01")
    assert set(assumed) == {*KEYS, "assumed"}
    assert set(assumed["assumed"]) == {*KEYS, "assumptions", "differs"}
    assert assumed["assumed"]["differs"] == []
    assert assumed["assumed"]["steps"] == assumed["steps"]


def test_people_read_what_follows(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns red if the earliest days, the mandate or the next ballot are left out."""
    monkeypatch.setenv("COLUMNS", "160")
    _, out, _ = cli("plan", "--today", "2026-11-30", "--channel", "hand")
    flat = " ".join(out.split())
    for words in (
        "Earliest action short of a strike: Saturday 2 January 2027.",
        "Earliest strike: Monday 4 January 2027.",
        "The statute alone would allow action from Thursday 31 December 2026",
        "Its mandate lasts from Wednesday 23 December 2026 to Wednesday 22 December 2027.",
        "To go on without a gap from Thursday 23 December 2027, authorise the next ballot by",
    ):
        assert words in flat
    _, old, _ = cli("plan", "--first-action", "2016-11-14")
    assert "Under its mandate action has to begin by" in old


def test_a_plan_in_json_imports_nothing_that_it_does_not_need() -> None:
    """Turns red if a plan's process imports any of these slow libraries."""
    heavy = (
        "pydantic_settings",
        "sqlalchemy",
        "structlog",
        "prefect",
        "fastapi",
        "httpx",
        "jinja2",
        "rich",
        "python_calamine",
    )
    program = (
        "import sys\nfrom app.cli.main import run\n"
        f"sys.argv[1:] = {[*BACK, '--json']!r}\n"
        "try:\n    run()\nexcept SystemExit:\n    pass\n"
        f"print('HEAVY', sorted(set({heavy!r}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "HEAVY []"
