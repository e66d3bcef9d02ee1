"""How dead-letter queues look."""

import json
import time
from collections.abc import Sequence
from typing import Any

from rich.table import Table

from platformctl.cli.views.terminal import data, human_duration, print_json, talk
from platformctl.operations.queues.find import DeadLetterQueue
from platformctl.operations.queues.letters import Depth, Letter
from platformctl.operations.queues.redrive import Outcome

VERSION = 1


def show_depths(environment: str, depths: Sequence[Depth], *, as_json: bool) -> None:
    """Print how full the queues are."""
    if as_json:
        print_json({"version": VERSION, "queues": [each.document() for each in depths]})
        return
    if not depths:
        talk().print(f"{environment} has no dead-letter queues")
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("queue", "messages", "being read", "oldest", "from"):
        table.add_column(column, overflow="fold")
    for each in depths:
        table.add_row(
            each.queue.name,
            f"[red]{each.waiting}[/]" if each.waiting else "0",
            str(each.in_flight),
            "" if each.oldest is None else _age(each.oldest),
            ", ".join(source.rpartition(":")[2] for source in each.queue.sources),
        )
    data().print(table)


def show_letters(queue: DeadLetterQueue, letters: Sequence[Letter], *, as_json: bool) -> None:
    """Print dead letters with what they are about."""
    if as_json:
        document = {"version": VERSION, "queue": queue.name}
        print_json({**document, "messages": [letter.document() for letter in letters]})
        return
    if not letters:
        talk().print(f"{queue.name} is empty")
    for letter in letters:
        data().print(
            f"[bold]{letter.id}[/]  {_age(letter.sent)} ago, from "
            f"{letter.source.rpartition(':')[2] or 'somewhere unknown'}: {letter.error}"
        )
        for record in letter.records:
            data().print(f"  {record.key}  {_content(record.document())}", markup=False)
        if not letter.records:
            data().print("  its records are not kept any more")


def show_outcome(queue: DeadLetterQueue, outcome: Outcome, *, as_json: bool) -> None:
    """Print what came of a redrive."""
    if as_json:
        print_json({"version": VERSION, "queue": queue.name, **outcome.document()})
        return
    data().print(f"{queue.name}: {outcome.redriven} messages sent back")
    for identity, reason in outcome.kept.items():
        data().print(f"  {identity} stays: {reason}", markup=False)


def show_purged(queue: DeadLetterQueue) -> None:
    """Say that a queue is being emptied."""
    talk().print(f"{queue.name} is being emptied; that takes up to a minute")


def _content(document: dict[str, Any]) -> str:
    if "json" in document:
        return json.dumps(document["json"], ensure_ascii=False)
    return document.get("text") or document["base64"]


def _age(moment: float) -> str:
    return human_duration(max(time.time() - moment, 0.0))
