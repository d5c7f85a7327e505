"""The answers of `mandate law check` and of what is recorded of the law, for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import typer

from app.cli.acting import row, said
from app.cli.output import print_table
from core.calendar import counted, in_days, month_in_words
from core.nations import GREAT_BRITAIN

Document = Mapping[str, Any]


def tell_standing(document: Document) -> None:
    """Every value in use with its freshness, then what is stale, unconfirmed, planned and recorded."""
    rows = [
        row(
            value["parameter"],
            value["shown"] if len(value["shown"]) <= MOST_SHOWN else value["shown"][:MOST_SHOWN] + "…",
            "" if len(value["nations"]) == len(GREAT_BRITAIN) else ", ".join(value["nations"]),
            value["from"],
            value["certainty"],
            value["last_checked"],
            "STALE" if value["stale"] else in_days(max(value["days"], 0)),
            len(value["cases"]) or None,
        )
        for value in document["values"]
    ]
    columns = ("Parameter", "Value", "Nations", "Since", "Certainty", "Last checked", "Age", "Cases")
    folds, drops = ("Value", "Nations"), ("Certainty", "Since", "Last checked")
    print_table("Law in use", columns, rows, folds=folds, drops=drops)
    _tell_stale(document)
    for planned in document["planned"]:
        expected = f", expected {month_in_words(planned['expected'])}" if planned["expected"] else ""
        moves, looked = ", ".join(value["parameter"] for value in planned["values"]), said(planned["last_checked"])
        typer.echo(f"Planned: {planned['change']}{expected}; it moves {moves}. Last looked for {looked}.")
    if document["unconfirmed"]:
        typer.echo(f"Unconfirmed: {', '.join(document['unconfirmed'])}.")
    for change in document["unfit"]:
        typer.echo(f"Recorded as commenced, but no longer planned in the files: {change}.")
    _tell_records(document["records"])


def _tell_records(records: Sequence[Document]) -> None:
    """The latest records with their ids, which withdrawing takes."""
    for each in records[:MOST_RECORDS]:
        typer.echo(f"Recorded {said(each['on'])}: {each['what']} ({each['by']}; {each['source']}). {each['id']}")
    if len(records) > MOST_RECORDS:
        earlier = counted(len(records) - MOST_RECORDS, "earlier record")
        typer.echo(f"Not shown: {earlier}. All are listed with --json.")


MOST_RECORDS = 12
MOST_SHOWN = 40
"""Letters of a value in a table: a statement prescribed word for word has hundreds."""


def _tell_stale(document: Document) -> None:
    """What is stale: in full where live cases wait for it, else by name."""
    if not document["stale"]:
        typer.echo(f"Every value was checked in the last {document['fresh_days']} days.")
        return
    for value in document["values"]:
        if value["stale"] and value["cases"]:
            typer.secho(f"STALE  {value['parameter']}, checked {in_days(value['days'])} ago.", fg=typer.colors.YELLOW)
            typer.echo(f"  Read {value['citation']}, then: {value['confirm']}")
    resting = {value["parameter"] for value in document["values"] if value["stale"] and value["cases"]}
    others = [name for name in document["stale"] if name not in resting]
    if others:
        typer.secho(f"STALE, with no live case resting on it: {', '.join(others)}.", fg=typer.colors.YELLOW)
        typer.echo('  Read each source, then: mandate law confirm PARAMETER --by "NAME, ROLE" --read URL')
    for blocked in document["blocked"]:
        names = ", ".join(blocked["parameters"])
        sentence = f"BLOCKED  Case {blocked['case']}: nothing is approved or served until {names} are checked."
        typer.secho(sentence, fg=typer.colors.RED)


def tell_outcome(document: Document) -> None:
    """What was recorded or would be, and everything it moves."""
    withdrawn = document["act"] == "withdraw"
    if not document["new"]:
        typer.echo("Nothing to do: it was withdrawn already." if withdrawn else STANDS_ALREADY)
    elif not document["saved"]:
        typer.echo("This is what would happen; nothing was saved. Add --save to record it.")
    for record in document["records"]:
        told = f"{_done(document)}: {record['what']} ({record['by']})."
        typer.echo(f"{told} {record['id']}" if record["id"] else told)
    tell_parameters(document["parameters"])
    if document["new"] or document["moves"]:
        tell_effect(document, saved=document["saved"])
    if document["freed"]:
        typer.echo(f"Goes on now: {', '.join(document['freed'])}.")


STANDS_ALREADY = "Nothing to do: it stands like that already."


def _done(document: Document) -> str:
    """What was done, or is to be done, with the records of an act."""
    done, to_do = ("Withdrawn", "To withdraw") if document["act"] == "withdraw" else ("Recorded", "To record")
    return done if document["saved"] or not document["new"] else to_do


def tell_effect(document: Document, *, saved: bool) -> None:
    """The deadlines, mandates and values that a change moves."""
    if document["moves"]:
        columns = ("Case", "Deadline", "From", "To", "Told", "Reckoned")
        rows = [
            row(move["case"], move["label"], move["from"], move["to"], _told(move, saved=saved), move["arithmetic"])
            for move in document["moves"]
        ]
        print_table("Deadlines that move", columns, rows)
    if document["mandates"]:
        rows = [row(each["ballot"], each["kind"], each["from"], each["to"]) for each in document["mandates"]]
        print_table("Mandates that end on another day", ("Ballot", "Kind", "From", "To"), rows)
    if document["values"]:
        columns = ("Of", "Cases", "Value", "From", "To", "Source")
        rows = [
            row(
                each["subject"], ", ".join(each["cases"]), each["parameter"], each["from"], each["to"], each["citation"]
            )
            for each in document["values"]
        ]
        print_table("Values that change for live ballots and action", columns, rows)
    if not (document["moves"] or document["mandates"] or document["values"]):
        typer.echo("No live deadline, mandate or ballot moves.")


def _told(move: Document, *, saved: bool) -> str:
    if move["told"] is None:
        return "nobody: the case has no officer" if saved else ""
    return str(move["told"])


def tell_preview(document: Document) -> None:
    """Which values proposed files change, and what moves with them."""
    if not document["parameters"]:
        typer.echo(f"{document['folder']}: no value differs from those in use.")
    tell_parameters(document["parameters"])
    if document["files_only"]:
        typer.echo("Live cases were not looked at. Leave out --files to see which deadlines and ballots would move.")
    else:
        tell_effect(document, saved=False)


def tell_parameters(parameters: Sequence[Document]) -> None:
    """Each parameter that changes: its values now and then, and every other key that differs."""
    for changed in parameters:
        if changed["was_shown"] != changed["now_shown"]:
            typer.echo(f"{changed['parameter']}, now: {changed['was_shown']}")
            typer.echo(f"{changed['parameter']}, then: {changed['now_shown']}")
        for change in changed["changes"]:
            if change["key"] not in IN_A_SERIES or change["of"].startswith("planned"):
                typer.echo(f"{changed['parameter']}, {_changed(change)}")


IN_A_SERIES = frozenset({None, "value", "from", "to", "nations", "unless"})
"""Keys of a dated value that the line of its parameter shows; None: the whole value is new or gone."""


def _changed(change: Document) -> str:
    if change["key"] is None:
        return f"{change['of']}: " + ("no longer planned" if change["to"] is None else f"new, {change['to']}")
    return f"{change['of']}, {change['key']}: {change['from'] or 'none'} becomes {change['to'] or 'none'}"
