"""BM Units, Energy Accounts, contracts and reallocations of a Party's statement: each with totals that foot."""

from __future__ import annotations

from markupsafe import Markup

from reports.look import times
from reports.sections.footed import Figure, Line, footed
from reports.sections.tables import Column
from reports.statement import StatedDay, Statement


def units(found: Statement) -> str:
    """HTML of the BM Units that the Party leads, and of its accounts."""
    return Markup(
        '<section id="units" class="page"><h2>BM Units and accounts</h2><p class="q">Which volumes is it charged for?'
        "</p>{}</section>"
    ).format(Markup("").join(_units(one) + _accounts(one) for one in found.days))


def _units(one: StatedDay) -> Markup:
    if one.units.empty:
        return Markup("<p>{}: the Party leads no BM Unit.</p>").format(times.short_day(one.view.settlement_date))
    ordered = one.units.assign(size=one.units["bm_unit_cashflow"].abs()).sort_values(
        "size", ascending=False, kind="stable"
    )
    lines = [
        Line(
            [str(unit), row["account"], row["trading_unit"]],
            [row["notified_volume"], row["accepted_volume"], row["metered_volume"], row["loss_adjusted_metered_volume"],
             row["bm_unit_cashflow"], -row["non_delivery_charge"]],
        )
        for unit, row in ordered.iterrows()
    ]  # fmt: skip
    figures = [*(Figure(words, "MWh", 3) for words in ("Notified", "Accepted", "Metered", "QM × TLM")),
               Figure("BM cashflow", signed=True), Figure("Non-delivery", signed=True)]  # fmt: skip
    heads = [Column("BM Unit", class_="nb"), Column("Account", class_="nb"), Column("Trading Unit", class_="nb")]
    caption = Markup("BM Units, {} <span>(export +; money + is due to the Party)</span>").format(
        times.short_day(one.view.settlement_date)
    )
    return footed(heads, figures, lines, f"BM Units, {one.view.settlement_date}", total=f"{len(lines)} BM Units",
                  caption=caption, class_="charges three")  # fmt: skip


def _accounts(one: StatedDay) -> Markup:
    lines = [
        Line(
            [str(account)],
            [row["account_credited_energy_volume"], row["account_balancing_services_volume"],
             row["account_bilateral_contract_volume"], row["account_energy_imbalance_volume"],
             -row["account_energy_imbalance_cashflow"], row["residual_cashflow"]],
        )
        for account, row in one.accounts.iterrows()
    ]  # fmt: skip
    figures = [*(Figure(words, "MWh", 3) for words in ("Credited", "Services", "Contracts", "Imbalance")),
               Figure("Energy imbalance", signed=True), Figure("Residual", signed=True)]  # fmt: skip
    caption = Markup(
        "Energy Accounts, {} <span>(imbalance = credited − services − contracts; + long, − short)</span>"
    ).format(times.short_day(one.view.settlement_date))
    return footed([Column("Account", class_="nb")], figures, lines, f"Energy Accounts, {one.view.settlement_date}",
                  total=f"{len(lines)} accounts", caption=caption)  # fmt: skip


def contracts(found: Statement) -> str:
    """HTML of the notifications held for the Party's accounts; of the other side only that there is one."""
    return Markup(
        '<section id="contracts" class="page"><h2>Contracts</h2><p class="q">Which notifications are held for its '
        'accounts?</p>{}<p class="src">Sold +, bought −. The other side of a contract and its account are its own '
        "affair: they are not shown.</p></section>"
    ).format(Markup("").join(_contracts(one) + _reallocations(one) for one in found.days))


def _contracts(one: StatedDay) -> Markup:
    day = times.short_day(one.view.settlement_date)
    if one.contracts.empty:
        return Markup("<p>{}: no contract is held for the Party's accounts: settled as 0.000 MWh.</p>").format(day)
    summed = one.contracts.groupby(["account", "contract"])["contract_volume"].agg(["count", "min", "max", "sum"])
    lines = [
        Line([str(row["contract"]), str(row["account"])], [float(row[name]) for name in ("count", "min", "max", "sum")])
        for row in summed.reset_index().to_dict("records")
    ]
    figures = [Figure("Periods", "", 0, adds=False), Figure("Least", "MWh", 3, adds=False),
               Figure("Most", "MWh", 3, adds=False), Figure("Volume", "MWh", 3, signed=True)]  # fmt: skip
    return footed(
        [Column("Contract", class_="nb"), Column("Account", class_="nb")], figures, lines,
        f"Contracts, {one.view.settlement_date}", total=f"{len(lines)} contracts", caption=f"Contracts, {day}",
        class_="charges two",
    )  # fmt: skip


def _reallocations(one: StatedDay) -> Markup:
    frame = one.reallocations
    if frame.empty:
        return Markup("")
    summed = frame.groupby(["bm_unit", "account"]).agg(
        periods=("settlement_period", "count"), share=("reallocation_percentage", "max"),
        fixed=("reallocation_fixed_volume", "max"),
    )  # fmt: skip
    lines = [
        Line(
            [str(row["bm_unit"]), str(row["account"])],
            [float(row[name]) for name in ("periods", "share", "fixed")],
        )
        for row in summed.reset_index().to_dict("records")
    ]
    figures = [Figure("Periods", "", 0, adds=False), Figure("Share, at most", "%", 5, adds=False),
               Figure("Fixed, at most", "MWh", 3, adds=False)]  # fmt: skip
    caption = f"Metered volume reallocations, {times.short_day(one.view.settlement_date)}"
    return footed(
        [Column("BM Unit", class_="nb"), Column("To the account", class_="nb")], figures, lines,
        f"Reallocations, {one.view.settlement_date}", total="Shares do not add up over units", caption=caption,
        class_="charges two",
    )  # fmt: skip
