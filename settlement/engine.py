"""Joins the rules into one graph, holds every result to its tag, and works out what is asked for.

Before the graph all given arrays with a dim carry the same labels of it. After each
rule the dims are those of its tag, in order, and nothing is NaN. Results are arrays by
name, with symbol, unit and clause on them; never a Dataset, which would join and pad.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

os.environ.setdefault("HAMILTON_AUTOLOAD_EXTENSIONS", "0")
os.environ.setdefault("HAMILTON_TELEMETRY_ENABLED", "false")

import numpy as np
import xarray as xr
from hamilton import driver
from hamilton.lifecycle import NodeExecutionHook

from settlement.errors import NotANumber, SettlementError, WrongInput, WrongShape
from settlement.grains import Grain, grain_of, spoken
from settlement.inputs import INPUTS
from settlement.options import chosen

RULES = (
    "t02_transmission_losses",
    "t03_accepted_volumes",
    "t03_bm_cashflows",
    "t03_continuous_acceptance",
    "t04_own_stack",
    "t04_ranked_sets",
    "t04_tagging",
    "t04_classification",
    "t04_net_imbalance",
    "t04_market_index",
    "t04_replacement_price",
    "t04_price",
    "t04_expected_volumes",
    "t04_non_delivery",
    "t04_credited_energy",
    "t04_energy_imbalance",
    "t04_residual_cashflow",
    "t01_trading_charges",
    "t01_run_differences",
    "m01_credit_cover",
)
WAYS = ("published stack", "own stack")
LOSSES = ("given", "estimated", "metered")


@dataclass(frozen=True)
class Quantity:
    """A named result of the engine, with what its tag says of it."""

    name: str
    symbol: str
    unit: str
    dims: tuple[str, ...]
    clause: str
    form: str
    evidence: str
    rule: str
    scope: tuple[str, ...]
    within: str  # a stage whose rows of 0 have no part in the value
    module: str
    about: str
    needs: tuple[str, ...]


def settle(
    given: Mapping[str, Any],
    wanted: Iterable[str],
    *,
    published: Mapping[str, Any] | None = None,
    options: Mapping[str, str] | None = None,
    way: str = "published stack",
    single_price: bool = True,
    losses: str = "given",
) -> dict[str, Any]:
    """Work out the wanted quantities of one Settlement Date.

    given      arrays, grains and parameters by name, as `settlement.inputs` declares them
    wanted     names of quantities (or of grains)
    published  figures that stand in for computed ones
    options    decisions of open doubts, see `settlement.options`
    way        "published stack" or "own stack": where the ranked actions come from
    losses     where loss multipliers come from: "given", "estimated" ahead of metering, or "metered"
    gives      arrays by name, with symbol, unit and clause as attributes

    Raises WrongInput, WrongShape, NotANumber, UnknownLabel.
    """
    graph, picked = _graph(way, single_price, losses), chosen(options)
    variables = _variables(way, single_price, losses)
    known = {variable.name for variable in variables}
    wanted = list(wanted)
    if unknown := [name for name in wanted if name not in known]:
        raise WrongInput(
            f"no quantity {unknown[0]!r}: wanted one of {', '.join(quantities(way, single_price, losses))}."
        )
    given = {name: value for name, value in given.items() if name in known}
    overrides = dict(published or {})
    same_labels({**given, **overrides})
    for name, value in {**given, **overrides}.items():
        if isinstance(value, xr.DataArray):
            _numbers(f"{name}, as given,", value)
    _complete(variables, wanted, given, overrides)
    hamilton_log = logging.getLogger("hamilton")
    level, hamilton_log.level = hamilton_log.level, logging.CRITICAL
    try:
        with xr.set_options(arithmetic_join="exact"):
            results = graph.execute(wanted, inputs={**picked, **given}, overrides=overrides)
    finally:
        hamilton_log.level = level
    tags = quantities(way, single_price, losses)
    return {name: _with_tag(value, tags.get(name)) for name, value in results.items()}


@cache
def quantities(way: str = "published stack", single_price: bool = True, losses: str = "given") -> dict[str, Quantity]:
    """Every quantity of the graph by name, in the order of the rules."""
    found = {}
    for variable in _variables(way, single_price, losses):
        if "dims" in variable.tags and not variable.is_external_input:
            function = variable.originating_functions[0]
            found[variable.name] = Quantity(
                name=variable.name,
                symbol=variable.tags["symbol"],
                unit=variable.tags["unit"],
                dims=tuple(variable.tags["dims"].split()),
                clause=variable.tags["clause"],
                form=variable.tags["form"],
                evidence=variable.tags["evidence"],
                rule=variable.tags["rule"],
                scope=tuple(variable.tags.get("scope", "").split()),
                within=variable.tags.get("within", ""),
                module=function.__module__,
                about=(function.__doc__ or "").strip(),
                needs=tuple(sorted(variable.required_dependencies)),
            )
    position = {f"settlement.rules.{name}": place for place, name in enumerate(RULES)}
    return dict(sorted(found.items(), key=lambda item: (position[item[1].module], item[0])))


@cache
def dependencies(
    way: str = "published stack", single_price: bool = True, losses: str = "given"
) -> dict[str, tuple[str, ...]]:
    """What each node of the graph reads, quantities and the records between them alike."""
    return {
        variable.name: tuple(sorted(variable.required_dependencies))
        for variable in _variables(way, single_price, losses)
        if not variable.is_external_input
    }


@cache
def label_nodes(way: str = "published stack", single_price: bool = True, losses: str = "given") -> frozenset[str]:
    """The nodes of the graph that are grains: they say which rows there are, and no value is made from them."""
    return frozenset(v.name for v in _variables(way, single_price, losses) if v.type is Grain)


def same_labels(given: Mapping[str, Any]) -> None:
    """Hold every dim to one set of labels; WrongInput names the odd ones.

    A grain given under the name of a dim's rows (`action_rows`) counts as labels of that dim.
    """
    first: dict[str, tuple[str, Any]] = {}
    for name, value in given.items():
        if isinstance(value, Grain):
            pairs = list(zip(value.dims, value.indexes, strict=True))
        elif isinstance(value, xr.DataArray):
            pairs = [(str(dim), value.indexes[dim]) for dim in value.dims]
        else:
            continue
        for dim, index in pairs:
            if dim not in first:
                first[dim] = (name, index)
            elif index is not first[dim][1] and not index.equals(first[dim][1]):
                other, wanted = first[dim]
                odd = [*index.difference(wanted)[:3], *wanted.difference(index)[:3]]
                raise WrongInput(
                    f"{name} and {other} do not carry the same labels of {dim}: "
                    f"{len(index)} against {len(wanted)}, odd ones {odd or 'only in their order'}. "
                    "Bring both to one set of labels."
                )


class _Gate(NodeExecutionHook):
    """Holds every rule to the dims in its tag, and to numbers."""

    def run_before_node_execution(self, **event: Any) -> None:
        pass

    def run_after_node_execution(
        self, *, node_name: str, node_tags: dict, result: Any, error: Any, **event: Any
    ) -> None:
        if error or "dims" not in node_tags:
            return
        declared = tuple(node_tags["dims"].split())
        said = f"{node_name} ({node_tags['symbol']}, clause {node_tags['clause']})"
        if tuple(result.dims) != declared:
            raise WrongShape(
                f"{said} gave dimensions {list(result.dims)} but declares {list(declared)}. "
                f"Sum over the missing ones or correct the tag in {node_tags['module']}."
            )
        _numbers(said, result)


def _numbers(said: str, array: xr.DataArray) -> None:
    """Raise NotANumber, naming the first label, where a value of the array is none."""
    values = np.asarray(array.variable.data)
    # The least of some numbers is none where one of them is: no array of answers is made.
    if values.dtype.kind == "f" and values.size and np.isnan(values.min()):
        where = int(np.argmax(np.isnan(values.reshape(-1))))
        grain = grain_of(array)
        key = {name: spoken(grain.label(name, where)) for name in grain.keys}
        raise NotANumber(
            f"{said} is not a number at {key}. What does not exist has no row; "
            "what did not arrive must set its period aside before settling."
        )


@cache
def _variables(way: str, single_price: bool, losses: str) -> tuple[driver.Variable, ...]:
    """The nodes of a graph; Hamilton copies every tag anew at each asking, which costs more than a small market."""
    return tuple(_graph(way, single_price, losses).list_available_variables())


@cache
def _graph(way: str, single_price: bool, losses: str) -> driver.Driver:
    for what, found, wanted in (("way", way, WAYS), ("losses", losses, LOSSES)):
        if found not in wanted:
            raise WrongInput(f"{what}: found {found!r}, wanted one of {', '.join(wanted)}.")
    modules = [import_module(f"settlement.rules.{name}") for name in RULES]
    built = driver.Builder().with_modules(*modules).with_adapters(_Gate())
    return built.with_config({"way": way, "single_price": single_price, "losses": losses}).build()


def _complete(
    variables: Sequence[driver.Variable], wanted: list[str], given: Mapping[str, Any], overrides: Mapping[str, Any]
) -> None:
    stop = set(given) | set(overrides)
    queue, seen = list(wanted), set()
    reads = {variable.name: variable for variable in variables}
    while queue:
        name = queue.pop()
        if name in seen or name in stop:
            continue
        seen.add(name)
        if reads[name].is_external_input:
            if name in chosen():
                continue
            told = INPUTS.get(name)
            about = f" ({told.symbol}, {told.unit}, by {told.dims or 'date'}: {told.about})" if told else ""
            raise WrongInput(f"{name}{about} is needed for {', '.join(wanted)} and was not given. Give it.")
        queue.extend(reads[name].required_dependencies)


def _with_tag(value: Any, quantity: Quantity | None) -> Any:
    if quantity is None or not isinstance(value, xr.DataArray):
        return value
    told = {"symbol": quantity.symbol, "unit": quantity.unit, "clause": quantity.clause}
    return value._replace(value.variable._replace(attrs={**value.attrs, **told}))


__all__ = ["Quantity", "SettlementError", "dependencies", "quantities", "same_labels", "settle"]
