"""One name for one thing: the column of a quantity is made from its symbol and unit."""

from __future__ import annotations

import pytest

from settlement import quantities
from settlement.naming import column_name, words


@pytest.mark.parametrize(
    ("symbol", "unit", "column"),
    [
        ("QAO^n_ij", "MWh", "qao_n_mwh"),
        ("QAO^kn_ij", "MWh", "qao_kn_mwh"),
        ("TLMO+_j", "1", "tlmo_plus"),
        ("CBM_ij", "GBP", "cbm_gbp"),
        ("SBP_j", "GBP/MWh", "sbp_gbp_per_mwh"),
        ("CADL", "min", "cadl_minutes"),
        ("BSAP^m_j", "GBP/MWh", "bsap_m_gbp_per_mwh"),
    ],
)
def test_a_column_is_the_symbol_without_its_row_keys_and_the_unit(symbol, unit, column):
    assert column_name(symbol, unit) == column


def test_every_quantity_of_a_grain_has_its_own_column():
    for way in ("published stack", "own stack"):
        seen = {}
        for one in quantities(way).values():
            if one.name == "system_price":  # the buy and sell prices are this one since P305, by one symbol
                continue
            key = (one.dims, column_name(one.symbol, one.unit))
            assert key not in seen, (one.name, seen.get(key))
            seen[key] = one.name


def test_columns_are_plain_lower_case_names():
    for one in quantities("own stack").values():
        assert column_name(one.symbol, one.unit).replace("_", "").isalnum()
        assert column_name(one.symbol, one.unit).isascii()


def test_a_report_writes_a_quantity_in_words():
    assert words("net_imbalance_volume") == "Net Imbalance Volume"
