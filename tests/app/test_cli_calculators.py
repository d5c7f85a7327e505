"""The calculators as programs: keys, exit codes, sentences, and nothing but JSON on standard output."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from app.cli import main
from app.cli.timetable import ITEMS, WARNINGS
from ballots.paper import DismissalWarning
from core.law import current_law

T4 = ["timetable", "--opens", "2026-09-21", "--closes", "2026-10-19"]
T1_RESULT = ["result", "--opens", "2024-02-12", "--closes", "2024-03-28", "--entitled", "1000", "--cast", "520"]
STRIKE, ASOS = "strike:yes=390,no=126,spoiled=4", "asos:yes=430,no=86,spoiled=4"
C_RESULT = ["result", "--opens", "2026-09-21", "--closes", "2026-10-19", "--entitled", "100"]
PAY = ["pay", "deduction", "--annual-salary", "36500.00", "--days", "2026-12-01"]


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


TIMETABLE_KEYS = {
    "ballot_notice": {"latest_receipt", "days", "contents", "citation"},
    "sample_paper": {"latest_receipt", "days", "citation"},
    "voting_paper": {"summaries_required", "dismissal_warning"},
    "scrutineer": {"required", "report_due"},
    "thresholds": {"turnout_fraction", "support_fraction", "keyed_on"},
    "action_notice": {"days", "latest_receipt", "earliest_action_if_received"},
    "mandate": {"first_day", "last_day", "last_day_lenient", "months", "begins_by"},
}


def test_the_timetable_s_document(cli: Any) -> None:
    """Turns red if a key is renamed, a date is not ISO, or a fraction is not in words of numbers."""
    answer = document(cli, *T4, "--first-action", "2026-11-03", "--entitled", "47")
    assert set(answer) == {*TIMETABLE_KEYS, "findings"}
    assert answer["findings"] == []
    assert answer["ballot_notice"]["latest_receipt"] == "2026-09-14"
    assert answer["ballot_notice"]["contents"] == "lists_and_total"
    assert answer["ballot_notice"]["citation"]["provision"] == "s. 226A(1)(a)"
    assert answer["sample_paper"]["latest_receipt"] == "2026-09-18"
    assert answer["scrutineer"]["required"] is False
    assert answer["thresholds"]["turnout_fraction"] == "1/2"
    assert answer["thresholds"]["support_fraction"] is None
    assert answer["action_notice"]["latest_receipt"] == "2026-10-24"
    assert answer["mandate"]["last_day"] == "2027-10-18"


@pytest.mark.parametrize(
    ("arguments", "finding"),
    [
        (["timetable", "--opens", "1990-01-08", "--closes", "1990-01-29"], "no_law_in_force"),
        ([*T4, "--nation", "northern-ireland"], "unsupported_jurisdiction"),
        ([*T4, "--method", "electronic"], "method_not_permitted"),
        ([*T4, "--ballot-notice-received", "2026-09-15"], "ballot_notice_late"),
        ([*T4, "--sample-received", "2026-09-19"], "sample_paper_late"),
        ([*T4, "--first-action", "2026-10-20"], "action_notice_late"),
        ([*T4, "--first-action", "2027-10-19"], "mandate_expired"),
    ],
)
def test_a_refused_timetable_still_prints_its_document(cli: Any, arguments: list[str], finding: str) -> None:
    """Turns red if a stop prints nothing, or leaves keys out."""
    answer = document(cli, *arguments, code=1)
    assert finding in [each["code"] for each in answer["findings"] if each["severity"] == "stop"]
    for step, keys in TIMETABLE_KEYS.items():
        assert keys <= set(answer[step])
    for each in answer["findings"]:
        assert set(each) == {"code", "severity", "sentence", "cure", "citation", "where", "case"}


def test_every_option_of_the_timetable(cli: Any) -> None:
    """Turns red if an option is not handed on."""
    base = ["timetable", "--opens", "2026-02-23", "--closes", "2026-04-24"]
    answer = document(
        cli,
        *(*base, "--ballot-notice-received", "2026-02-12", "--sample-received", "2026-02-17"),
        *("--action-notice-received", "2026-04-27", "--earlier-action-notice", "2026-02-17"),
        *("--employer-agrees-shorter-notice", "--employer-agrees-longer-mandate", "2027-06-01", "--entitled", "51"),
        *("--nation", "scotland", "--method", "postal", "--first-action", "2026-05-04", "--today", "2026-05-01"),
    )
    assert answer["voting_paper"]["summaries_required"] is True
    assert answer["voting_paper"]["dismissal_warning"] == "twelve_weeks"
    assert answer["action_notice"]["days"] == 14
    assert answer["action_notice"]["earliest_action_if_received"] == "2026-05-11"
    assert answer["scrutineer"]["required"] is True
    assert [each["code"] for each in answer["findings"]] == [
        "agreement_rests_on_saving",
        "action_notice_late",
        "agreement_without_effect",
    ]


def test_the_result_s_document(cli: Any) -> None:
    """Turns red if one passing question does not make the exit code 0."""
    answer = document(cli, *T1_RESULT, "--question", STRIKE, "--question", ASOS)
    assert answer["turnout"] == {"cast": 520, "entitled": 1000, "required": True, "met": True}
    assert answer["questions"]["strike"] == {
        "yes": 390,
        "no": 126,
        "spoiled": 4,
        "majority_met": True,
        "turnout_met": True,
        "support_required": True,
        "support_met": False,
        "mandate": False,
        "reasons": ["support_not_met"],
        "short_by": 10,
    }
    assert answer["questions"]["asos"]["mandate"] is True
    assert answer["mandate_last_day"] == "2024-09-27"


def test_why_each_day_of_the_timetable_falls_there(cli: Any) -> None:
    """Turns red if a step loses its reason, or people are told another one than programs."""
    arguments = [*T4, "--first-action", "2026-11-03", "--entitled", "47"]
    answer = document(cli, *arguments)
    code, out, err = cli(*arguments, "--explain")
    assert (code, err) == (0, "")
    for step in TIMETABLE_KEYS:
        why = answer[step]["why"]
        assert set(why) == {"rule", "inputs", "arithmetic", "citation", "certainty", "changes_if"}
        for part in (why["rule"], *why["inputs"].values(), why["arithmetic"], why["changes_if"]):
            assert part in out
        assert f"Source: {why['citation']['act']}, {why['citation']['provision']}  {why['citation']['url']}" in out
    assert answer["action_notice"]["earliest_why"]["arithmetic"] in out
    assert answer["sample_paper"]["why"]["certainty"] == "practitioner"
    assert "Certainty: from practitioners' pages" in out
    assert "Certainty: read in the statute" in out
    assert "Rule:" not in cli(*arguments)[1]


def test_a_step_that_no_law_answers_has_no_reason(cli: Any) -> None:
    answer = document(cli, "timetable", "--opens", "1990-01-08", "--closes", "1990-01-29", code=1)
    assert {step: answer[step]["why"] for step in TIMETABLE_KEYS} == dict.fromkeys(TIMETABLE_KEYS)


def test_why_a_threshold_is_met_or_not(cli: Any) -> None:
    arguments = [*T1_RESULT, "--question", STRIKE, "--question", ASOS, "--explain"]
    answer = document(cli, *arguments)
    code, out, _ = cli(*arguments)
    assert code == 0
    for question in ("strike", "asos"):
        why = answer["questions"][question]["why"]
        assert set(why) == {"majority", "turnout", "support"}
        for each in why.values():
            assert each["arithmetic"] in out
    assert answer["mandate_why"]["arithmetic"].endswith("= Friday 27 September 2024, to midnight")
    assert "1,950 is less than 2,000: not met" in out


LATER = ["timetable", "--opens", "2027-11-23", "--closes", "2027-12-17"]


def test_both_outcomes_of_a_planned_change_stand_side_by_side(cli: Any) -> None:
    """Turns red if the document, or the exit code, becomes that of the law assumed."""
    arguments = [*LATER, "--method", "electronic", "--assume", "other-voting-methods=2027-02-01"]
    answer = document(cli, *arguments, code=1)
    assert [each["code"] for each in answer["findings"]] == ["method_not_permitted"]
    assumed = answer["assumed"]
    assert list(assumed)[:2] == ["assumptions", "differs"]
    assert assumed["assumptions"] == {"other-voting-methods": "2027-02-01"}
    assert assumed["differs"] == ["findings"]
    assert [each["code"] for each in assumed["findings"]] == ["law_unconfirmed"]
    assert set(assumed) == {"assumptions", "differs", *TIMETABLE_KEYS, "findings"}
    code, out, _ = cli(*arguments)
    assert code == 1
    assert "Assuming other-voting-methods from Monday 1 February 2027" in out
    assert "As the law stands" in out


def test_a_ballot_before_the_day_assumed_is_not_altered(cli: Any) -> None:
    answer = document(cli, *LATER, "--assume", "end-of-turnout-test=2027-11-24")
    assert answer["assumed"]["differs"] == []
    assert "no answer differs" in cli(*LATER, "--assume", "end-of-turnout-test=2027-11-24")[1]


def test_the_end_of_the_turnout_test_beside_a_result_that_it_lacks(cli: Any) -> None:
    figures = ["--entitled", "1000", "--cast", "420", "--question", "strike:yes=390,no=26,spoiled=4"]
    arguments = ["result", *LATER[1:], *figures, "--assume", "end-of-turnout-test=2027-01-01"]
    answer = document(cli, *arguments, code=1)
    assert answer["questions"]["strike"]["mandate"] is False
    assert answer["assumed"]["questions"]["strike"]["mandate"] is True
    assert {"questions.strike.mandate", "mandate_last_day"} <= set(answer["assumed"]["differs"])
    code, out, _ = cli(*arguments, "--explain")
    assert code == 1
    assert "questions.strike.mandate" in out


@pytest.mark.parametrize("text", ["end-of-turnout-test", "end-of-turnout-test=soon", "no-such-change=2027-01-01"])
@pytest.mark.parametrize("command", [LATER, [*C_RESULT, "--question", "strike:yes=60,no=9"]])
def test_an_assumption_that_cannot_be_made_is_bad_input(cli: Any, command: list[str], text: str) -> None:
    code, out, err = cli(*command, "--assume", text)
    assert (code, out) == (2, "")
    assert "assume" in err


def test_a_planned_change_that_would_alter_the_answer_is_noted(cli: Any) -> None:
    """Turns red if the note is given for a way of voting that stays lawful, or for a ballot of the past."""
    codes = {each["where"]: each["code"] for each in document(cli, *LATER)["findings"]}
    assert codes == {"ballots.turnout_fraction": "law_may_change"}
    refused = document(cli, *LATER, "--method", "electronic", code=1)["findings"]
    assert {each["where"] for each in refused if each["code"] == "law_may_change"} == {
        "ballots.voting_methods",
        "ballots.turnout_fraction",
    }
    assert document(cli, *T4)["findings"] == []


@pytest.mark.parametrize(
    "arguments",
    [
        [*T1_RESULT, "--question", STRIKE],
        [*C_RESULT, "--question", "strike:yes=31,no=29,spoiled=2"],
        [*C_RESULT, "--question", "strike:yes=90,no=0", "--nation", "northern-ireland"],
        [
            "result",
            "--opens",
            "1990-01-08",
            "--closes",
            "1990-01-29",
            "--entitled",
            "9",
            "--question",
            "strike:yes=9,no=0",
        ],
    ],
)
def test_no_mandate_is_exit_one(cli: Any, arguments: list[str]) -> None:
    """Turns red if a lost ballot, or one without law, exits 0."""
    answer = document(cli, *arguments, code=1)
    assert answer["mandate_last_day"] is None
    assert set(answer["questions"]["strike"]) >= {"majority_met", "short_by", "mandate", "reasons"}
    assert set(answer["turnout"]) == {"cast", "entitled", "required", "met"}


def test_the_deduction_s_document(cli: Any) -> None:
    """Turns red if money is not integer pence, or a half of a day is lost."""
    answer = document(
        cli,
        *("pay", "deduction", "--annual-salary", "36500.00", "--days", "2026-12-02,2026-12-01"),
        *("--fte", "0.8", "--method", "hours-due", "--day-fraction", "1/2", "--nation", "wales"),
    )
    assert answer["days"] == [
        {"date": "2026-12-01", "deduction_pence": 5000},
        {"date": "2026-12-02", "deduction_pence": 5000},
    ]
    assert (answer["total_pence"], answer["method"], answer["findings"]) == (10000, "hours-due", [])
    assert set(answer["citation"]) == {"act", "provision", "url"}
    assert document(cli, *PAY, "--fraction", "1/260")["total_pence"] == 14038
    assert document(cli, *PAY, "--days", "2026-12-02")["total_pence"] == 20000


@pytest.mark.parametrize(
    ("arguments", "finding"),
    [
        (["--days", "1999-12-31"], "no_law_in_force"),
        (["--days", "2026-12-01", "--nation", "northern-ireland"], "unsupported_jurisdiction"),
    ],
)
def test_no_figure_without_law(cli: Any, arguments: list[str], finding: str) -> None:
    """Turns red if a figure is printed where no law gives one."""
    answer = document(cli, "pay", "deduction", "--annual-salary", "36500", *arguments, code=1)
    assert [each["code"] for each in answer["findings"]] == [finding]
    assert (answer["days"], answer["total_pence"], answer["citation"]) == (None, None, None)


def test_law_show(cli: Any) -> None:
    """Turns red if a value is shown without its dates, source or fellows."""
    answer = document(cli, "law", "show", "ballots.mandate_months", "--on", "2026-02-17")
    assert (answer["value"], answer["from"], answer["to"]) == (6, "2017-03-01", "2026-02-17")
    assert (answer["unit"], answer["keyed_on"], answer["certainty"]) == ("months", "ballot_opened_on", "confirmed")
    assert answer["last_checked"] == "2026-11-21"
    assert answer["citation"]["act"] == "Trade Union Act 2016"
    assert [value["value"] for value in answer["values"]] == [None, 6, 12]
    newest = document(cli, "law", "show", "ballots.mandate_months")
    assert (newest["value"], newest["to"]) == (12, None)
    scottish = document(cli, "law", "show", "pay.strike_deduction_fraction", "--nation", "scotland")
    assert scottish["value"] == "1/235"
    planned = document(cli, "law", "show", "ballots.voting_methods", "--on", "2026-12-01")
    assert planned["value"] == ["postal"]
    assert planned["planned"][0]["from"] is None
    assert planned["planned"][0]["certainty"] == "unconfirmed"


def test_law_list(cli: Any) -> None:
    """Turns red if a parameter is left out, or a day without law is passed over."""
    answer = document(cli, "law", "list", "--on", "2026-12-01")
    by_name = {each["parameter"]: each for each in answer["parameters"]}
    assert by_name["ballots.action_notice_days"]["value"] == 10
    assert len(by_name) > 40
    assert document(cli, "law", "list")["on"] is None
    early = document(cli, "law", "list", "--on", "1990-01-01", code=1)
    assert {each["code"] for each in early["findings"]} == {"no_law_in_force"}
    assert {each["value"] for each in early["parameters"]} == {None}
    refused = document(cli, "law", "list", "--nation", "northern-ireland", code=1)
    assert [each["code"] for each in refused["findings"]] == ["unsupported_jurisdiction"]


def test_an_unknown_parameter_is_not_found(cli: Any) -> None:
    """Turns red if a wrong name exits with another code, or prints a document."""
    code, out, err = cli("law", "show", "ballots.no_such_days", "--json")
    assert (code, out) == (3, "")
    assert "ballots.no_such_days" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["timetable", "--opens", "2026-09-21", "--closes", "2026-09-20"], "2026-09-20"),
        (["timetable", "--opens", "21/09/2026", "--closes", "2026-10-19"], "21/09/2026"),
        (["timetable", "--opens", "20260921", "--closes", "2026-10-19"], "20260921"),
        (["timetable", "--opens", "2026-02-30", "--closes", "2026-10-19"], "2026-02-30"),
        (["timetable", "--opens", "9899-12-01", "--closes", "9999-12-31"], "closes: found '9999-12-31'"),
        (["timetable", "--opens", "9999-12-01", "--closes", "9999-12-31"], "opens: found '9999-12-01'"),
        ([*T4, "--first-action", "9999-12-31", "--nation", "jersey"], "jersey"),
        ([*T4, "--method", "fax"], "fax"),
        ([*T4, "--entitled", "0"], "entitled: found 0"),
        ([*T4, "--entitled", "many"], "found 'many'"),
        (["timetable", "--opens", "2026-09-21"], "--closes"),
        ([*C_RESULT, "--question", "strike:yes=60,no=41"], "101"),
        ([*C_RESULT, "--cast", "50", "--question", "strike:yes=60,no=1"], "61"),
        ([*C_RESULT, "--cast", "101", "--question", "strike:yes=60,no=1"], "101"),
        ([*C_RESULT, "--question", "strike:yes=6.5,no=1"], "6.5"),
        ([*C_RESULT, "--question", "strike:yes=-6,no=1"], "-6"),
        ([*C_RESULT, "--question", "strike:yes=60"], "yes and no"),
        ([*C_RESULT, "--question", "strike:yes=60,no=1,no=2"], "once"),
        ([*C_RESULT, "--question", "strike:yes=60,no=1,maybe=2"], "maybe"),
        ([*C_RESULT, "--question", "picnic:yes=60,no=1"], "picnic"),
        ([*C_RESULT, "--question", "strike"], "strike"),
        ([*C_RESULT, "--question", "strike:yes=9,no=1", "--question", "strike:yes=9,no=1"], "twice"),
        (C_RESULT, "--question"),
        ([*PAY[:-1], "2026-12-01,2026-12-01"], "twice"),
        ([*PAY[:-1], "2026-12-01,"], "2026-12-01"),
        ([*PAY, "--fte", "0"], "fte"),
        ([*PAY, "--fte", "1.5"], "3/2"),
        ([*PAY, "--fte", "nan"], "nan"),
        ([*PAY, "--fraction", "1/0"], "1/0"),
        ([*PAY, "--fraction", "365"], "365"),
        ([*PAY, "--day-fraction", "-1/2"], "-1/2"),
        ([*PAY, "--method", "guess"], "guess"),
        (["pay", "deduction", "--annual-salary", "36,500", "--days", "2026-12-01"], "36,500"),
        (["pay", "deduction", "--annual-salary", "1e5", "--days", "2026-12-01"], "1e5"),
        (["pay", "deduction", "--annual-salary", "0", "--days", "2026-12-01"], "annual-salary"),
        (["pay", "deduction", "--annual-salary", "365.001", "--days", "2026-12-01"], "365.001"),
        (["plan"], "--first-action or --today"),
        (["no-such-command"], "no-such-command"),
        (["law", "show"], "parameter"),
    ],
)
def test_bad_usage_is_exit_two_with_a_sentence(cli: Any, arguments: list[str], words: str) -> None:
    """Turns red if bad input is taken, printed as an answer, or ends in a traceback."""
    code, out, err = cli(*arguments)
    assert (code, out) == (2, "")
    assert words in " ".join(err.replace("│", " ").split())
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "command",
    [[], ["timetable"], ["plan"], ["result"], ["pay"], ["pay", "deduction"], ["law"], ["law", "list"], ["law", "show"]],
    ids=" ".join,
)
def test_every_help_carries_an_example(cli: Any, command: list[str]) -> None:
    """Turns red if a help has no example."""
    code, out, _ = cli(*command, "--help")
    assert code == 0
    assert "Example: mandate" in " ".join(out.split())


@pytest.mark.parametrize(("columns", "widest"), [(None, 100), ("80", 80)])
def test_a_table_in_a_pipe_is_no_wider_than_a_page(
    cli: Any, monkeypatch: pytest.MonkeyPatch, columns: str | None, widest: int
) -> None:
    """Turns red if a table in a pipe takes more than a hundred columns, or more than COLUMNS names: `width=None`."""
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns:
        monkeypatch.setenv("COLUMNS", columns)
    _, out, _ = cli("law", "list", "--on", "2026-12-01")
    assert max(len(line) for line in out.splitlines()) == widest


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([*T4, "--first-action", "2026-11-03"], ["Saturday 24 October 2026", "Monday 18 October 2027"]),
        ([*T4, "--method", "electronic"], ["STOP method_not_permitted", "To do: Vote by: postal.", "s. 230(2)"]),
        (["timetable", "--opens", "2016-09-12", "--closes", "2016-10-31"], ["action must begin by then"]),
        ([*T4, "--nation", "northern-ireland"], ["STOP unsupported_jurisdiction"]),
        ([*T1_RESULT, "--question", STRIKE], ["520 of 1000", "10 further Yes votes"]),
        ([*T1_RESULT, "--question", ASOS], ["The mandate's last day is Friday 27 September 2024."]),
        (["plan", "--today", "2026-11-30", "--channel", "hand"], ["Earliest strike: Monday 4 January 2027."]),
        (PAY, ["£100.00", "para 3.2"]),
        (["law", "show", "ballots.turnout_fraction"], ["1/2", "planned without a date"]),
        (["law", "list", "--on", "2026-12-01"], ["ballots.voting_methods", "postal"]),
    ],
)
def test_people_read_tables_and_sentences(
    cli: Any, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: list[str]
) -> None:
    """Turns red if people are printed JSON, or less than the answer."""
    monkeypatch.setenv("COLUMNS", "160")  # so that no cell is broken over lines
    _, out, _ = cli(*arguments)
    flat = " ".join(out.split())
    assert [each for each in words if each not in flat] == []
    assert '{"' not in flat


HEAVY = ("pydantic_settings", "sqlalchemy", "holidays", "structlog", "prefect", "fastapi", "httpx", "jinja2", "rich")


@pytest.mark.parametrize(
    "arguments",
    [[*T4, "--first-action", "2026-11-03"], [*C_RESULT, "--question", "strike:yes=60,no=1"], PAY, ["law", "list"]],
    ids=["timetable", "result", "pay", "law"],
)
def test_a_calculator_imports_nothing_heavy(arguments: list[str]) -> None:
    """Turns red if a calculator's process imports any of the slow libraries."""
    program = (
        "import sys\nfrom app.cli.main import run\nsys.argv[1:] = {arguments!r}\n"
        "try:\n    run()\nexcept SystemExit:\n    pass\n"
        "print('HEAVY', sorted(set({heavy!r}) & set(sys.modules)))"
    ).format(arguments=[*arguments, "--json"], heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "HEAVY []"


def test_the_first_ballots_that_the_law_files_reach_are_answered(cli: Any) -> None:
    """Turns red if the contents of the notice of ballot begin on the day of the opening, which receipt comes before."""
    answer = document(cli, "timetable", "--opens", "2005-10-01", "--closes", "2005-10-20")
    assert answer["ballot_notice"]["latest_receipt"] == "2005-09-24"
    assert [each["code"] for each in answer["findings"]] == ["law_unconfirmed"]


@pytest.mark.parametrize(("earlier", "code"), [("2026-04-27", 0), ("2026-04-28", 2)])
def test_an_earlier_notice_comes_earlier(cli: Any, earlier: str, code: int) -> None:
    """Turns red if `BallotFacts` leaves out `_check_earlier_notice`."""
    days = ["--opens", "2026-03-02", "--closes", "2026-03-30", "--action-notice-received", "2026-04-27"]
    ended, _, err = cli("timetable", *days, "--earlier-action-notice", earlier)
    assert ended == code
    assert ("a day not after the receipt of the notice of action, 2026-04-27" in " ".join(err.split())) == bool(code)


def test_an_agreement_under_the_saving_is_warned_of(cli: Any) -> None:
    """Turns red if `agreement_without_effect` is content with any agreement that the law knows."""
    days = ["--opens", "2026-01-12", "--closes", "2026-02-09", "--action-notice-received", "2026-02-20"]
    agreed = [*days, "--employer-agrees-shorter-notice", "--earlier-action-notice"]
    answer = document(cli, "timetable", *agreed, "2026-02-09")
    told = {each["code"]: each["sentence"] for each in answer["findings"]}
    assert (answer["action_notice"]["days"], "Notice of 14 days is safe" in told["agreement_rests_on_saving"]) == (
        14,
        True,
    )


def test_a_weekend_is_charged_and_says_so(cli: Any) -> None:
    """Turns red if the sentence says that nothing is deducted beside a figure that deducts."""
    answer = document(cli, "pay", "deduction", "--annual-salary", "36500", "--days", "2026-12-05")
    (finding,) = answer["findings"]
    assert (answer["total_pence"], finding["code"]) == (10000, "day_not_worked")
    assert "The figure takes it as a day on which work was due" in finding["sentence"]


def test_a_contract_s_fraction_answers_no_day_without_law(cli: Any) -> None:
    """Turns red if `deduction` asks the law only where no fraction is given."""
    days = ["--days", "1999-12-31", "--fraction", "1/260"]
    answer = document(cli, "pay", "deduction", "--annual-salary", "36500", *days, code=1)
    assert ([each["code"] for each in answer["findings"]], answer["total_pence"]) == (["no_law_in_force"], None)


def test_people_read_words_in_a_timetable(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns red if what a notice states, or the dismissal warning, is told in the program's own names."""
    monkeypatch.setenv("COLUMNS", "200")
    _, out, _ = cli("timetable", "--opens", "2026-12-01", "--closes", "2026-12-31")
    flat = " ".join(out.replace("│", " ").split())
    assert "the opening day, the total" in flat
    assert ("opening_day" in flat, "whole_action" in flat) == (False, False)
    stated = current_law().parameter("ballots.notice_of_ballot_contents").values
    assert {item for value in stated for item in value.items} == set(ITEMS)
    assert set(WARNINGS) == set(DismissalWarning)
