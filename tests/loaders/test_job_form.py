"""A load job is one file: refused with all its faults at once, never read half."""

from __future__ import annotations

import pickle

import pytest
import yaml

from loaders.declared import FOLDER, all_jobs, datasets, read_job
from loaders.errors import Finding, NotALoadJob, UnreadableFile
from loaders.store.migrations import HEAD


def changed(tmp_path, **other):
    said = yaml.safe_load((FOLDER / "insights" / "market_index.yaml").read_text()) | other
    path = tmp_path / f"{said['job']}.yaml"
    path.write_text(yaml.safe_dump({key: value for key, value in said.items() if value is not None}))
    return path


def test_a_good_job_is_read(tmp_path):
    assert read_job(changed(tmp_path)).job == "market_index"


def test_all_faults_are_told_at_once(tmp_path):
    columns = {"settlement_date": {"from": "settlementDate", "type": "day"}}

    with pytest.raises(NotALoadJob) as told:
        read_job(changed(tmp_path, owner=None, columns=columns, colour="blue"))

    text = str(told.value)
    assert "market_index.yaml is not a load job:" in text
    for fault in ("owner: Field required", "columns.settlement_date.type: Input should be", "colour: Extra inputs"):
        assert fault in text


@pytest.mark.parametrize(
    ("other", "fault"),
    [
        ({"keys": ["settlement_date", "colour"]}, "keys: no column 'colour'"),
        ({"delivers": "whole"}, "partition: needed by 'delivers: whole'"),
        ({"checks": {"sign_follows_side": ["colour"]}}, "no column 'colour'"),
        ({"job": "other", "records": {}}, None),
        ({"dataset": None}, "dataset: Field required"),
    ],
)
def test_a_job_that_does_not_hang_together_is_refused(tmp_path, other, fault):
    path = changed(tmp_path, **other)
    if fault is None:
        assert read_job(path).job == "other"
        return
    with pytest.raises(NotALoadJob, match=fault):
        read_job(path)


def test_a_key_may_not_be_empty(tmp_path):
    said = yaml.safe_load((FOLDER / "insights" / "market_index.yaml").read_text())
    said["columns"]["provider"]["empty"] = "allow"

    with pytest.raises(NotALoadJob, match=r"columns\.provider: a key needs"):
        read_job(changed(tmp_path, columns=said["columns"]))


def test_a_job_bears_the_name_of_its_file(tmp_path):
    path = changed(tmp_path).rename(tmp_path / "other.yaml")

    with pytest.raises(NotALoadJob, match="wanted 'other'"):
        read_job(path)


def test_a_job_is_frozen():
    job = all_jobs()["boalf"]

    with pytest.raises(Exception, match="frozen"):
        job.owner = "me"


def test_datasets_have_the_keys_and_units_that_other_rooms_rely_on():
    wanted = {
        "settlement_stack": "settlement_date settlement_period side sequence_number",
        "system_prices": "settlement_date settlement_period",
        "price_history": "settlement_date settlement_period",
        "settlement_report_units": "settlement_date run settlement_period party bm_unit",
        "settlement_report_accounts": "settlement_date run settlement_period party production_consumption_flag",
        "settlement_report_parties": "settlement_date run party",
        "settlement_report_periods": "settlement_date run settlement_period",
        "market_index": "settlement_date settlement_period provider",
        "physical_notifications": "settlement_date settlement_period bm_unit time_from",
        "bid_offer_data": "settlement_date settlement_period bm_unit pair time_from",
        "acceptances": "settlement_date bm_unit acceptance_number time_from",
        "adjustment_actions": "settlement_date settlement_period adjustment_id",
        "bm_units": "bm_unit",
        "quiescent_notifications": "settlement_date settlement_period bm_unit time_from",
        "maximum_export_limits": "settlement_date settlement_period bm_unit time_from notification_sequence",
        "maximum_import_limits": "settlement_date settlement_period bm_unit time_from notification_sequence",
        "loss_of_load": "settlement_date settlement_period publish_time",
        "metered_volumes": "settlement_date run settlement_period bm_unit",
        "contracts": "settlement_date recipient settlement_period authorisation reference party_1 account_1 party_2 "
        "account_2",
        "reallocations": "settlement_date recipient settlement_period authorisation reference bm_unit "
        "subsidiary_party subsidiary_account",
        "bm_unit_registrations": "bm_unit",
        "parties": "party",
        "parameter_notices": "parameter effective_from",
        "acceptance_volumes": "settlement_date settlement_period bid_offer bm_unit acceptance_number",
        "indicative_volumes": "settlement_date settlement_period bid_offer bm_unit volume_kind",
        "indicative_cashflows": "settlement_date settlement_period bid_offer bm_unit",
    }
    assert {name: " ".join(datasets()[name].keys) for name in wanted} == wanted
    for dataset in datasets().values():
        for name, column in dataset.columns.items():
            ending = {"MWh": "_mwh", "MW": "_mw", "GBP": "_gbp"}.get(column.unit, "")
            assert name.endswith(ending), (dataset.name, name)
            assert bool(column.unit) == (column.type == "decimal"), (dataset.name, name)


def test_an_error_comes_back_whole_from_another_process():
    error = UnreadableFile(Finding("a.csv", 3, "price", "x", "a number", "Correct it."))

    again = pickle.loads(pickle.dumps(error))

    assert again.args == error.args
    assert str(again.args[0]) == "a.csv, row 3, price: found 'x', wanted a number. Correct it."


def test_migrations_end_where_the_store_thinks_and_give_its_tables(tmp_path):
    import sqlalchemy as sa
    from alembic.autogenerate import compare_metadata
    from alembic.config import Config
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    from loaders import store
    from loaders.store import tables

    config = Config()
    config.set_main_option("script_location", str(FOLDER.parent / "store" / "migrations"))
    opened = store.open(tmp_path)

    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]
    with opened.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []
        assert connection.execute(sa.text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(sa.text("PRAGMA synchronous")).scalar() == 2
