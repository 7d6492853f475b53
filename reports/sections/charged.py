"""Volumes, losses and cash of a period: each as formula, with numbers, result, clause; the tables by money.

Only a run with metered volumes has them. Of one without, a line says so; of a period that was set aside, too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from reports.charged import ACCOUNT, PART_WORDS, PARTS, PARTY, UNIT, Charged
from reports.look import numbers
from reports.sections import mathml as m
from reports.sections.footed import Figure, Line, footed
from reports.sections.tables import Column

MOST = 6  # rows by money of a period of a whole day; the others stand in one row with their sum
_EQUALS, _PLUS, _MINUS, _TIMES = m.operator("="), m.operator("+"), m.operator(numbers.MINUS), m.operator("×")
_CLOSE = 1e-6  # of what the parts give, to the engine's figure


def charged(period: int, run: str, found: Charged, most: int | None = MOST) -> Markup:
    """HTML of the three parts; one line where the run, or the period, has none."""
    if not found.there:
        return Markup(
            '<p class="small">Volumes, losses and cash: run {} holds none, since no metered volumes arrived for it; '
            "runs from II on have them.</p>"
        ).format(run)
    if not found.has(period):
        return Markup('<p class="small">Volumes, losses and cash: none, since this period was set aside.</p>')
    return volumes(period, found, most) + losses(period, found) + cash(period, found, most)


def volumes(period: int, found: Charged, most: int | None = MOST) -> Markup:
    """What was notified, accepted, expected and metered, over the system and by BM Unit."""
    notified, services, expected = (
        found.sum(name, period) for name in ("notified_volume", "balancing_services_volume", "expected_metered_volume")
    )
    symbols = m.block(_sum("QME"), _EQUALS, _sum("FPN"), _PLUS, _sum("QBS"))
    shown = m.block(_EQUALS, _number(notified, 3), _PLUS, _number(services, 3))
    box = _boxes(
        "all BM Units, expected volume", symbols, shown, (expected, 3, "MWh"), notified + services,
        found.rule("expected_metered_volume"),
    )  # fmt: skip
    return Markup("<h3>Volumes</h3>{}{}").format(box, _units(period, found, most))


def losses(period: int, found: Charged) -> Markup:
    """Energy lost, and the two offsets that share it."""
    total, share = found.one("total_losses", period), float(found.parameter("delivering_share_of_losses"))
    parts = []
    for name, sign, delivering in (("tlmo_plus", "+", True), ("tlmo_minus", numbers.MINUS, False)):
        side, value = found.loss_side(period, delivering), found.one(name, period)
        part = share if delivering else 1 - share
        gives = -(part * total + side.zonal) / side.volume if side.volume else None
        weight = m.letter("α") if delivering else m.row(
            m.operator("("), m.number("1"), _MINUS, m.letter("α"), m.operator(")")
        )  # fmt: skip
        over = m.above(m.total(), sign)
        metered, factor = m.below(m.name("QM"), "ij"), m.below(m.name("TLF"), "ij")
        symbols = m.block(
            m.below(m.name(f"TLMO{sign}"), "j"), _EQUALS, _MINUS,
            m.fraction(
                weight + _TIMES + m.total("i") + metered + _PLUS + over + metered + _TIMES + factor, over + metered,
            ),
        )  # fmt: skip
        shown = m.block(
            _EQUALS, _MINUS,
            m.fraction(
                m.number(numbers.plain(part)) + _TIMES + _number(total, 3) + _PLUS + _number(side.zonal, 3),
                _number(side.volume, 3),
            ),
        )  # fmt: skip
        words = "delivering" if delivering else "offtaking"
        parts.append(_boxes(f"{words} units", symbols, shown, (value, 7, ""), gives, found.rule(name)))
    check = found.sum("loss_adjusted_metered_volume", period)
    said = Markup(
        '<p class="src">Energy lost: {} MWh, all BM Units with their signs. Check: Σ QM × TLM = {} MWh; multiplied, '
        "what goes in comes out.</p>"
    ).format(numbers.volume(total), numbers.volume(check))
    return Markup("<h3>Losses</h3>{}{}").format(Markup("").join(parts), said)


def cash(period: int, found: Charged, most: int | None = MOST) -> Markup:
    """The residual cashflow, and what each Party is due for the period."""
    names = (
        "total_system_energy_imbalance_cashflow", "total_system_non_delivery_charge",
        "total_system_information_imbalance_cashflow", "system_operator_bm_cashflow", "total_system_bm_cashflow",
    )  # fmt: skip
    values = [found.one(name, period) for name in names]
    signs = [_PLUS, _PLUS, _PLUS, _PLUS, _MINUS]
    terms = [m.below(m.name(one), "j") for one in ("TCEI", "TCND", "TCII", "CSOBM", "TCBM")]
    symbols = m.block(m.below(m.name("TRC"), "j"), _EQUALS, _joined(terms, signs))
    shown = m.block(_EQUALS, _joined([_number(value, 2) for value in values], signs))
    residual = found.one("total_system_residual_cashflow", period)
    box = _boxes(
        "the residual, shared by credited energy", symbols, shown, (residual, 2, "GBP"),
        math.fsum([*values[:4], -values[4]]), found.rule("total_system_residual_cashflow"),
    )  # fmt: skip
    return Markup("<h3>Cash</h3>{}{}").format(box, parties(period, found, most))


def parties(period: int, found: Charged, most: int | None = None) -> Markup:
    """Every Party's amounts of the period by money, each as it bears on what is due to it."""
    labels = found.labels(PARTY, "party").tolist()
    columns = [sign * found.row(name, period) for name, sign in PARTS.items()]
    columns.append(found.row("party_period_net_due", period))
    order = _by_money(columns)
    lines = [Line([labels[at]], values) for at, values in zip(order, _across(columns, order), strict=True)]
    figures = [*(Figure(words, signed=True) for words in PART_WORDS), Figure("Net due", signed=True)]
    paid = found.one("system_operator_bm_cashflow", period)
    caption = Markup("Amounts by Party <span>(+ is due to the Party, − is owed by it)</span>")
    shown = footed(
        [Column("Party")], figures, lines, f"Amounts by Party, period {period}", total=f"All {len(lines)} Parties",
        caption=caption, most=most, others="other Parties",
    )  # fmt: skip
    return shown + Markup(
        '<p class="src">All Parties together are due what the system operator pays: {}. Clause {} ({}). Amounts given '
        "for a whole day are in no period.</p>"
    ).format(numbers.money(paid), *found.rule("party_period_net_due"))


def _units(period: int, found: Charged, most: int | None) -> Markup:
    units, of = found.labels(UNIT, "bm_unit").tolist(), found.labels(UNIT, "party").tolist()
    names = ("notified_volume", "accepted_volume", "expected_metered_volume", "metered_volume")
    columns = [found.row(name, period) for name in names]
    multiplier, credited = (
        found.row(name, period) for name in ("transmission_loss_multiplier", "loss_adjusted_metered_volume")
    )
    cashflow, charge = found.row("bm_unit_cashflow", period), found.row("non_delivery_charge", period)
    order = _by_money([cashflow, charge], columns[3])
    values = _across([*columns, multiplier, credited, cashflow, -charge], order)
    lines = [Line([units[at], of[at]], row) for at, row in zip(order, values, strict=True)]
    figures = [
        *(Figure(words, "MWh", 3) for words in ("Notified", "Accepted", "Expected", "Metered")),
        Figure("TLM", "", 7, adds=False), Figure("QM × TLM", "MWh", 3), Figure("BM cashflow", signed=True),
        Figure("Non-delivery", signed=True),
    ]  # fmt: skip
    caption = Markup("By BM Unit, the most money first <span>(export +; money + is due to the Party)</span>")
    heads = [Column("BM Unit", class_="nb"), Column("Party", class_="nb")]
    return footed(
        heads, figures, lines, f"Volumes by BM Unit, period {period}", total=f"All {len(lines)} BM Units",
        caption=caption, most=most, others="other BM Units", class_="charges two",
    )  # fmt: skip


def accounts(period: int, found: Charged) -> Markup:
    """Every Energy Account of the period: credited energy, contracts, imbalance and what it costs."""
    labels = found.labels(ACCOUNT, "account").tolist()
    names = (
        "account_credited_energy_volume", "account_balancing_services_volume", "account_bilateral_contract_volume",
        "account_energy_imbalance_volume", "account_energy_imbalance_cashflow", "residual_cashflow",
    )  # fmt: skip
    columns = [found.row(name, period) for name in names]
    columns[4] = -columns[4]
    order = _by_money(columns[4:])
    lines = [Line([labels[at]], values) for at, values in zip(order, _across(columns, order), strict=True)]
    figures = [
        *(Figure(words, "MWh", 3) for words in ("Credited", "Services", "Contracts", "Imbalance")),
        Figure("Energy imbalance", signed=True), Figure("Residual", signed=True),
    ]  # fmt: skip
    caption = Markup("By Energy Account <span>(imbalance + long, − short; money + is due to the account)</span>")
    return footed(
        [Column("Account", class_="nb")], figures, lines, f"Energy Accounts, period {period}",
        total=f"All {len(lines)} accounts", caption=caption,
    )  # fmt: skip


def _by_money(columns: Sequence[np.ndarray], then: np.ndarray | None = None) -> list[int]:
    """Places by how much money moved, the most first; of as much, by volume, then as they come."""
    money = np.round(sum(np.abs(column) for column in columns), 6)
    further = np.zeros(len(money)) if then is None else np.abs(then)
    return [int(at) for at in np.lexsort((np.arange(len(money)), -further, -money))]


def _across(columns: Sequence[np.ndarray], order: Sequence[int]) -> list[list[float]]:
    """The values of each place, in order."""
    rows: list[list[float]] = np.column_stack(columns)[order].tolist()
    return rows


def _sum(symbol: str) -> str:
    return m.total("i") + m.below(m.name(symbol), "ij")


def _number(value: float, decimals: int) -> str:
    written = m.number(numbers.written(value, decimals))
    return m.operator("(") + written + m.operator(")") if value < 0 else written


def _joined(terms: Sequence[str], signs: Sequence[str]) -> str:
    return terms[0] + "".join(sign + term for sign, term in zip(signs[1:], terms[1:], strict=True))


def _boxes(
    what: str, symbols: str, shown: str, result: tuple[float, int, str], gives: float | None, rule: tuple[str, str]
) -> Markup:
    """Formula, with numbers, result, clause; and a warning where the parts do not give the engine's figure."""
    value, decimals, unit = result
    bold = m.number(numbers.written(value, decimals), bold=True)
    end = m.block(_EQUALS, bold, m.unit(unit) if unit else "")
    inner = "".join(part.removeprefix('<math display="block">').removesuffix("</math>") for part in (shown, end))
    box = Markup(
        '<div class="fx" tabindex="0" role="group" aria-label="{}"><p>Formula, with numbers, result: {}</p>{}{}</div>'
    ).format(what, what, Markup(symbols), Markup(f'<math display="block">{inner}</math>'))
    wrong = Markup("")
    if gives is not None and abs(gives - value) > _CLOSE * max(1.0, abs(value)):
        wrong = Markup("<p><b>The parts shown give {}, the engine gave {}: report this run.</b></p>").format(
            numbers.written(gives, decimals), numbers.written(value, decimals)
        )
    return box + wrong + Markup(
        '<p class="clause"><b>Clause</b> {} &nbsp; <b>Evidence</b> <span class="ev">{}</span></p>'
    ).format(*rule)  # fmt: skip
