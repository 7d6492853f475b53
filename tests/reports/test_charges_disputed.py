"""A dispute about a day with charges: the effect on one party, and what its run was made from."""

from __future__ import annotations

import shutil
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from reports.disputes import cases, money
from reports.disputes.evidence import of_case
from reports.disputes.records import Said
from reports.figures_compared import NOTHING
from settlement.errors import WrongInput


@pytest.fixture(scope="module")
def home(charged_home, tmp_path_factory):
    return Path(shutil.copytree(charged_home, tmp_path_factory.mktemp("charges-disputed") / "workspace"))


def test_a_price_counts_against_both_accounts_of_the_party(home, charged):
    """Cash of the accounts is volume x price, so cash over price gives the volume that the effect must rest on."""
    from reports.open_view import open_run

    case = cases.new(home, "system_price", [charged.DAY], run="SF", key={"party": "SYNBIG1"}, periods=[12], by="Ann")
    row, settled, store = open_run(charged.DAY, "SF", home)
    store.close()
    grain = settled.grain("account_energy_imbalance_cashflow")
    cash = sum(
        value for value, period, party in zip(
            settled.values("account_energy_imbalance_cashflow"), grain.column("settlement_period"),
            grain.labels("party")[grain.codes("account")], strict=True,
        ) if (period, party) == (12, "SYNBIG1")
    )  # fmt: skip

    figure = case.figures[0]
    expected = Decimal(repr(abs(float(cash)))) / abs(figure.own) * abs(figure.difference)

    assert abs(money.of_case(case).size - expected.quantize(Decimal("0.01"), ROUND_HALF_UP)) <= Decimal("0.01")
    assert row.run_id == case.subject.days[0].run_id


def test_the_variance_of_a_case_starts_from_the_run_before_and_adds_up(home, charged):
    said = Said(published={f"{charged.DAY}": "0"})
    case = cases.new(
        home, "daily_party_net_due", [charged.DAY], run="SF", key={"party": "SYNBIG1"}, said=said, by="Ann"
    )  # fmt: skip

    shown = of_case(home, case, money.of_case(case))

    [moved] = shown.moved
    assert moved.day.earlier_run == "II" and moved.variance.adds_up()
    assert any(leaf.file for leaf in shown.explained[0].tree.leaves())
    after = float(moved.variance.after[("SYNBIG1",)])
    assert abs(after - float(case.figures[0].own)) <= 0.005 + NOTHING


def test_readings_under_p114_terms_are_not_among_what_is_given_away(home, charged):
    from reports.disputes import dated

    case = cases.new(home, "system_price", [charged.DAY], run="SF", periods=[12], by="Ann")
    kept_back = {one.job for one in case.subject.days[0].inputs if not dated.licence(one.licence).in_pack}

    assert kept_back == {"c0421"}


def test_a_party_that_the_run_does_not_know_is_a_wrong_question(home, charged):
    with pytest.raises(WrongInput, match="NOBODY"):
        cases.new(home, "system_price", [charged.DAY], run="SF", key={"party": "NOBODY"}, periods=[12], by="Ann")
