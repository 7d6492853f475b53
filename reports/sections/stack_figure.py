"""The figures of a period: its price stack after the last stage, and the MWh that set the price."""

from __future__ import annotations

from markupsafe import Markup

from reports.charts import price_average_strip, price_stack, two_widths
from reports.charts.price_average import in_price_average
from reports.look import numbers, times
from reports.look.names import action_name
from reports.views import DayView, PeriodView


def _finding(period: PeriodView) -> str:
    """Which action set the price, in a few words."""
    inside = in_price_average(period)
    if not inside:
        return "No MWh sets the price: the market price stands in" if period.own is not None else "The stack, unpriced"
    volumes = [
        f"{numbers.plain(abs(a.price_average_adjusted_volume), most=3, least=0)} MWh of "
        f"{'repriced ' if a.repriced else ''}{action_name(a)}"
        for a in inside
    ]
    if len(inside) == 1:
        return f"{volumes[0]} sets the price"
    if len(inside) == 2:
        return f"{volumes[0]} and {volumes[1]} set the price"
    prices = {numbers.plain(a.final_price or 0.0) for a in inside}
    if len(prices) == 1:
        return f"{len(inside)} actions set the price, all at {prices.pop()}"
    return f"{len(inside)} actions set the price, the dearest {action_name(inside[0])}"


_KEY = [
    ("buy pale", "in NIV, outside PAR"),
    ("par", "in PAR: sets the price"),
    ("repriced", "repriced; dashes: own price"),
    ("buy flag", "SO, CADL flagged: may be repriced"),
    ("gone minimis", "De Minimis"),
    ("gone arbitrage", "arbitrage"),
    ("gone niv", "NIV-tagged"),
]


def stack_key(side: str = "buy") -> Markup:
    """The key of a price stack, in the colour of the side that is left."""
    items = []
    for class_, said in _KEY:
        shape = Markup('<rect class="{}" width="22" height="14"/>').format(class_.replace("buy", side))
        if class_ == "repriced":
            shape = Markup(
                '<rect class="{} flag" y="5" width="22" height="9"/><rect class="before" x=".6" y=".6" width="20.8" '
                'height="13"/>'
            ).format(side)
        items.append(Markup('<li><svg viewBox="0 0 22 14" aria-hidden="true">{}</svg>{}</li>').format(shape, said))
    return Markup('<ul class="key" aria-label="Key">{}</ul>').format(Markup("").join(items))


def stack(period: PeriodView) -> Markup:
    """HTML of the price stack with its finding, key and source."""
    drawn = two_widths(lambda width: price_stack(period, 10, width))
    long = (period.net_imbalance_volume or 0) < 0
    created = f", created {times.utc_moment(period.stack_created)}" if period.stack_created else ""
    source = f"Source: stack of period {period.settlement_period}, both sides{created}."
    return Markup(
        '<figure class="fig"><figcaption><b>{}</b><span>Price stack after stage 10. Width = MWh, height = GBP/MWh. '
        "Left of zero sells, right buys.</span></figcaption>{}{}"
        '<p class="src">{} The same figures are in the table “Every action”.</p></figure>'
    ).format(_finding(period), Markup(drawn), stack_key("sell" if long else "buy"), source)


def enlarged(period: PeriodView, day: DayView) -> Markup:
    """HTML of the MWh inside PAR; nothing where no MWh set the price."""
    inside = in_price_average(period)
    if not inside:
        return Markup("")
    volume = sum(abs(action.price_average_adjusted_volume) for action in inside)
    reference = next((numbers.parameter(p.value) for p in day.parameters if p.symbol == "PAR"), None)
    said = f"PAR = {reference} MWh; GBP/MWh below each part" if reference else "GBP/MWh below each part"
    drawn = two_widths(lambda width: price_average_strip(period, width))
    return Markup(
        '<figure class="fig"><figcaption><b>The dearest {} MWh, enlarged</b><span>{}</span></figcaption>{}</figure>'
    ).format(numbers.volume(volume), said, Markup(drawn))
