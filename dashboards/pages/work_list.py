"""Work list: who has what, until when?"""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from dashboards.declared import Content, page
from dashboards.errors import WrongAddress
from dashboards.held import Held
from dashboards.parts.work_box import item_box
from dashboards.parts.work_table import lead_sentence, looked_at, shown_items, tally, whose_links, work_table

_PATH = "/work-list"


@page(_PATH, title="Work list", group="Work", question="Who has what, until when?")
def work_list(held: Held, kind: str | None, whose: str | None, item: str | None, entry: int | None) -> Content:
    """Sentence, counts by kind, entries by money and days left, and the chosen one: the first where none is named."""
    work = held.work.list()
    me = held.viewer.name
    shown = shown_items(work, kind, whose, me)
    chosen = next((one for one in work.items if one.id == item), None) if item else next(iter(shown), None)
    if item and chosen is None:
        raise WrongAddress(
            f"item: found {item!r}, wanted an entry of the Work list. It may be gone by now: look at the whole list."
        )
    main = Markup('<div class="hd"><h1 tabindex="-1">Work list</h1></div><p class="say">{}</p>{}{}{}{}{}').format(
        lead_sentence(work),
        tally(work, kind, whose),
        whose_links(work, kind, whose, me),
        work_table(shown, kind, whose, chosen, entry or 1),
        looked_at(work),
        item_box(held, chosen) if chosen is not None else "",
    )
    said = f"{len(shown)} entries" + (f", {chosen.title} chosen" if chosen else "")
    title = f"Work list, {chosen.id}" if item and chosen else "Work list"
    state: dict[str, Any] = {"kind": kind, "whose": whose, "item": item}
    if chosen is not None:
        state |= {"date": chosen.settlement_date, "run": chosen.run, "period": chosen.settlement_period}
    return Content(
        title, main, says=said, state=state, as_of=held.newest, stamps=("SYNTHETIC",) if work.synthetic else ()
    )
