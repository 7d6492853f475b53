"""Where each number of a period comes from: file as received, its hash, the row, and what stands there."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from reports.charts.price_average import in_price_average
from reports.look import numbers, times
from reports.look.names import action_name
from reports.sections import formulas
from reports.sections.tables import Column, Row, table
from reports.views import Action, DayView, PeriodView, Source

_MOST = 12  # actions written out; the manifest names every file
_COLUMNS = [
    Column("Number"),
    Column("File as received", class_="mono", label="File"),
    Column("SHA-256", "first 12", class_="mono", label="SHA-256"),
    Column("Row", figure=True, label="Row"),
    Column("Value found there", label="Value there"),
    Column("Published", class_="nb", label="Published"),
    Column("Kept", class_="nb", label="Kept"),
]


def where_numbers_come_from(period: PeriodView, day: DayView) -> Markup:
    """HTML of the table; actions inside PAR first, then those in the Replacement Price, then price and parameters."""
    rows = list(_rows(period, day))
    if not rows:
        said = "No file holds a number of this period."
        return Markup("<h3>Where each number comes from</h3><p>{}</p>").format(said)
    shown = table(_COLUMNS, rows, f"Sources of period {period.settlement_period}", "cards")
    return Markup('<h3>Where each number comes from</h3>{}<p class="src">{} Full hashes: the manifest.</p>').format(
        shown, _vintages(period)
    )


def _vintages(period: PeriodView) -> str:
    price, stack = period.price_created, period.stack_created
    if price is None or stack is None:
        return "The moments at which price and stack were made are not both told."
    if price == stack:
        return f"Stack and price were created at the same moment ({times.utc_moment(stack)}): one vintage."
    return f"Price created {times.utc_moment(price)}, stack {times.utc_moment(stack)}: not one vintage."


def _rows(period: PeriodView, day: DayView) -> Iterator[Row]:
    inside = in_price_average(period)
    replacing = [action for action, _ in formulas.replacement_parts(period) if action not in inside]
    named = [(action, "") for action in inside] + [(action, " (in RP)") for action in replacing]
    for action, where in named[:_MOST]:
        yield _row(day, f"Volume, price, flags of {action_name(action)}{where}", action.source, _value(action))
    if len(named) > _MOST:
        yield Row([f"{len(named) - _MOST} more actions", "the same files", "", "", "see Every action", "", ""])
    if period.published is not None:
        yield _row(day, "Published System Price", period.price_source, numbers.price(period.published))
    if day.parameters:
        wanted = [parameter for parameter in day.parameters if parameter.symbol in ("PAR", "RPAR", "DMAT", "CADL")]
        symbols = ", ".join(parameter.symbol for parameter in wanted)
        values = "; ".join(numbers.parameter(parameter.value) for parameter in wanted)
        yield (
            Row([symbols, "dated parameters", "", "", values, "see Evidence", "in the manifest"])
            if wanted
            else Row(["Parameters", "dated parameters", "", "", "see Evidence", "", ""])
        )


def _value(action: Action) -> str:
    price = "no price" if action.original_price is None else numbers.plain(action.original_price)
    flags = "".join(f", {word}" for word, holds in (("SO", action.so_flag), ("CADL", action.cadl_flag)) if holds)
    return f"{numbers.volume(action.volume)} MWh, {price}{flags}"


def _row(day: DayView, number: str, source: Source | None, value: str) -> Row:
    if source is None:
        return Row([number, "not told", "", "", value, "", ""])
    landing = next((one for one in day.landings if one.sha256 == source.sha256), None)
    published = times.utc_moment(landing.published_at) if landing else ""
    kept = times.utc_moment(landing.kept_at) if landing else ""
    short = Markup('<span title="{}">{}</span>').format(source.sha256, source.sha256[:12])
    return Row([number, breakable(source.file), short, str(source.source_row), value, published, kept])


def breakable(file: str) -> Markup:
    """A file name that may break after its hyphens and underscores."""
    return Markup("").join(
        Markup("{}<wbr>").format(part) if part.endswith(("_", "-")) else Markup("{}").format(part)
        for part in file.replace("_", "_\0").replace("-", "-\0").split("\0")
    )
