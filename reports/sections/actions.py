"""Every action of a period, and what is left of it after each stage."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from reports import manifest
from reports.look import numbers
from reports.look.names import action_name
from reports.sections.tables import Column, Row, table
from reports.views import Action, DayView, PeriodView

_COLUMNS = [
    Column("Rank", figure=True),
    Column("Action", class_="nb"),
    Column("Flags"),
    Column("Price", "GBP/MWh", figure=True),
    Column("Volume", "MWh", figure=True),
    Column("After De Minimis", figure=True),
    Column("After arbitrage", figure=True),
    Column("After NIV", figure=True),
    Column("Final price", "GBP/MWh", figure=True),
    Column("In PAR", "MWh", figure=True),
    Column("TLM", figure=True),
    Column("PAR × TLM × price", "£", figure=True),
    Column("Fate"),
]
_NOTHING = 1e-9
MOST, MOST_LISTED = 60, 15  # actions of a side: listed whole, or else so many of them


def fate(action: Action) -> str:
    """What became of an action: De Minimis, arbitrage, NIV-tagged, in NIV, PAR."""
    if abs(action.de_minimis_adjusted_volume) <= _NOTHING < abs(action.volume):
        return "De Minimis"
    if abs(action.arbitrage_adjusted_volume) <= _NOTHING:
        return "arbitrage"
    if abs(action.net_imbalance_adjusted_volume) <= _NOTHING:
        return "NIV-tagged"
    said = "PAR" if abs(action.price_average_adjusted_volume) > _NOTHING else "in NIV"
    return f"{said}, repriced" if action.repriced else said


def flags(action: Action) -> Markup:
    """The flags of an action as small boxes."""
    named = [
        ("SO", action.so_flag), ("CADL", action.cadl_flag), ("emergency", action.emergency_flag),
        ("STOR", action.stor_flag), ("unpriced", action.unpriced), ("ASSUMED", action.assumed),
    ]  # fmt: skip
    return Markup(" ").join(Markup('<span class="fl">{}</span>').format(word) for word, holds in named if holds)


def every_action(period: PeriodView, most: int | None = MOST) -> Markup:
    """HTML of the table: buys, sells, and both together.

    Of a side with more than `most` actions those that bear on the price are listed, and the others summed in one row;
    None lists all.
    """
    rows: list[Row] = []
    for side, words in (("buy", "Buys"), ("sell", "Sells")):
        actions = sorted((a for a in period.actions if a.side == side), key=lambda a: (a.rank, a.action))
        listed = actions if most is None or len(actions) <= most else _nearest(actions)
        rows += [_row(action) for action in listed]
        if len(listed) < len(actions):
            named = {id(action) for action in listed}
            others = [action for action in actions if id(action) not in named]
            rows.append(_total(f"{len(others)} others, further from the price", others, "off"))
        if actions:
            rows.append(_total(words, actions))
    rows.append(_total("Both sides", period.actions))
    whole = most is None or max(_counts(period)) <= most
    said = (
        "Every action, and what is left of it" if whole else "The actions next to the price, and what is left of each"
    )
    caption = Markup("{} after each stage <span>(MWh; buys +, sells −; blank = nothing left)</span>").format(said)
    return table(_COLUMNS, rows, f"All actions of period {period.settlement_period}", "act", caption, label_column=1)


def where_the_rest_is(period: PeriodView, day: DayView) -> Markup:
    """Where the actions are that the table sums up; nothing where it lists all."""
    if max(_counts(period)) <= MOST:
        return Markup("")
    return Markup(
        '<p class="src">All {} actions stand in <span class="mono">{}.actions.parquet</span>, where the tables of this '
        "report were made.</p>"
    ).format(numbers.count(len(period.actions)), manifest.file_stem(day))


def _nearest(actions: list[Action]) -> list[Action]:
    """The actions of a side whose volume is in the price, then those left after NIV tagging, the dearest first."""
    by_bearing = sorted(
        actions,
        key=lambda a: (
            abs(a.price_average_adjusted_volume) <= _NOTHING, abs(a.net_imbalance_adjusted_volume) <= _NOTHING,
            abs(a.arbitrage_adjusted_volume) <= _NOTHING, -a.rank,
        ),
    )[:MOST_LISTED]  # fmt: skip
    return sorted(by_bearing, key=lambda a: (a.rank, a.action))


def _counts(period: PeriodView) -> tuple[int, int]:
    buys = sum(action.side == "buy" for action in period.actions)
    return buys, len(period.actions) - buys


def _left(value: float) -> str:
    return numbers.volume(value) if abs(value) > _NOTHING else ""


def _row(action: Action) -> Row:
    inside = abs(action.price_average_adjusted_volume) > _NOTHING
    in_niv = abs(action.net_imbalance_adjusted_volume) > _NOTHING
    price = numbers.NOT_THERE if action.original_price is None else numbers.plain(action.original_price)
    cells: list[str | Markup] = [
        str(action.rank), action_name(action), flags(action), price,
        numbers.volume(action.volume), _left(action.de_minimis_adjusted_volume),
        _left(action.arbitrage_adjusted_volume), _left(action.net_imbalance_adjusted_volume),
        numbers.plain(action.final_price) if in_niv and action.final_price is not None else "",
        _left(action.price_average_adjusted_volume), numbers.multiplier(action.loss_multiplier),
        numbers.price(action.loss_adjusted_cost) if inside else "", fate(action),
    ]  # fmt: skip
    return Row(cells, "hit" if inside else "" if in_niv else "off")


def _total(words: str, actions: Sequence[Action], kind: str = "sub") -> Row:
    columns = [
        [a.volume for a in actions], [a.de_minimis_adjusted_volume for a in actions],
        [a.arbitrage_adjusted_volume for a in actions], [a.net_imbalance_adjusted_volume for a in actions],
    ]  # fmt: skip
    sums = [numbers.volume(sum(column)) for column in columns]
    par = numbers.volume(sum(a.price_average_adjusted_volume for a in actions))
    cost = numbers.price(sum(a.loss_adjusted_cost for a in actions))
    return Row(["", words, "", "", *sums, "", par, "", cost, ""], kind)
