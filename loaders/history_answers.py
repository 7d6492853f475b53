"""Differences and lineages as answers: data for machines, text for readers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    from loaders.history import Change, Difference
    from loaders.lineage import KeyHistory, Lineage, Told

SHOWN = 20  # rows in a readable answer


def difference_data(found: Difference) -> dict[str, Any]:
    """A difference as plain values; `added` and `removed` are counts only where rows were chosen by a column."""
    whole = found.column is None
    return {
        "dataset": found.dataset.name,
        "from": _moment(found.before.version, found.before.published_by),
        "to": _moment(found.after.version, found.after.published_by),
        "rows_without_a_sender_clock": {"from": found.undated[0], "to": found.undated[1]},
        "column": found.column,
        "counts": counts(found),
        "added": [_row(row, found) for row in found.added.to_pylist()] if whole else None,
        "removed": [_row(row, found) for row in found.removed.to_pylist()] if whole else None,
        "changed": [_change(change, found) for change in found.changes()],
    }


def counts(found: Difference) -> dict[str, int]:
    """How many rows were added, removed and changed."""
    return {name: getattr(found, of).num_rows for name, of in _TABLES.items()}


def difference_text(found: Difference) -> str:
    """A difference as lines: the first rows of each kind, then what there is in all."""
    lines: list[list[str]] = []
    for change in found.changes(SHOWN):
        moved = ", ".join(f"{name} {_said(a)} -> {_said(b)}" for name, (a, b) in change.columns.items())
        whence = f"{_whence(change.before, found)} -> {_whence(change.after, found)}"
        lines.append(["changed", _pairs(change.key), moved, whence])
    if found.column is None:
        for what, table in (("added", found.added), ("removed", found.removed)):
            lines += [
                [what, _pairs({key: row[key] for key in found.dataset.keys}), _values(row, found), _whence(row, found)]
                for row in _first(table, SHOWN - len(lines))
            ]
    number = counts(found)
    shown = number["changed"] if found.column else sum(number.values())
    text = [f"{found.dataset.name}: from {found.before}", f"{' ' * len(found.dataset.name)}  to   {found.after}", ""]
    text += _beside(lines)
    if shown > len(lines):
        text.append(f"and {shown - len(lines)} more: --json has them all")
    if lines:
        text.append("")
    chosen = f" in {found.column} as asked" if found.column else ""
    text.append(f"{number['changed']} rows changed{chosen}, {number['added']} added, {number['removed']} removed")
    if any(found.undated):
        text.append(
            f"{found.undated[0]} rows before and {found.undated[1]} after do not say when they were published: "
            "they count from when they were kept"
        )
    return "\n".join(text)


def lineage_data(found: Lineage) -> dict[str, Any]:
    """A lineage as plain values."""
    return {
        "dataset": found.dataset.name,
        "version": found.version,
        "keys": found.count,
        "in_force": found.in_force,
        "shown": len(found.keys),
        "rows": [
            {"key": plain(one.key), "in_force": one.in_force, "told": [_told(told) for told in one.told]}
            for one in found.keys
        ],
    }


def lineage_text(found: Lineage) -> str:
    """A lineage as lines: a block for each key, the latest that was told of it first."""
    lines = [line for one in found.keys for line in [*_key_lines(one), ""]]
    if found.count > len(found.keys):
        lines.append(f"and {found.count - len(found.keys)} more keys: name more of the key")
    lines.append(f"{found.in_force} of {found.count} keys of {found.dataset.name} in force at version {found.version}")
    return "\n".join(lines)


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as JSON has them: dates and instants as ISO 8601 text."""
    return {
        name: value.isoformat().replace("+00:00", "Z") if isinstance(value, date | datetime) else value
        for name, value in values.items()
    }


def _key_lines(one: KeyHistory) -> Iterable[str]:
    yield _pairs(one.key)
    for told in one.told:
        yield f"  {told.state}: version {told.version}, kept {told.kept_at.isoformat(timespec='seconds')}"
        if told.state != "withdrawal":
            yield "    " + _pairs({name: value for name, value in told.values.items() if name not in one.key})
        whence = f"{told.file}, row {told.source_row}" if told.source_row is not None else told.file or "no file noted"
        landing, job_hash = (told.landing or "not noted")[:12], (told.job_hash or "")[:12]
        yield f"    {whence} (landing {landing}), job {told.job} {job_hash}".rstrip()
        yield from (f"    | {line}" for line in (told.record or told.unread).splitlines())


def _told(told: Told) -> dict[str, Any]:
    return {
        "state": told.state,
        "values": plain(told.values),
        "file": told.file,
        "landing": told.landing,
        "source_row": told.source_row,
        "kept_at": told.kept_at.isoformat(),
        "version": told.version,
        "job": told.job,
        "job_hash": told.job_hash,
        "record": told.record or None,
        "unread": told.unread or None,
    }


_TABLES = {"added": "added", "removed": "removed", "changed": "new"}


def _moment(version: int, published_by: datetime | None) -> dict[str, Any]:
    return {"version": version, "published_by": published_by.isoformat() if published_by else None}


def _change(change: Change, found: Difference) -> dict[str, Any]:
    columns = {name: plain(dict(zip(("from", "to"), both, strict=True))) for name, both in change.columns.items()}
    return {
        "key": plain(change.key),
        "columns": columns,
        "from": _origin(change.before, found),
        "to": _origin(change.after, found),
    }


def _row(row: dict[str, Any], found: Difference) -> dict[str, Any]:
    values = plain({name: row[name] for name in found.dataset.columns})
    key = {name: values.pop(name) for name in found.dataset.keys}
    return {"key": key, "values": values, "from": _origin(row, found)}


def _origin(row: Mapping[str, Any], found: Difference) -> dict[str, Any]:
    return {"file": found.files.get(row["landing"]), "source_row": row["source_row"], "landing": row["landing"]}


def _first(table: pa.Table, count: int) -> list[dict[str, Any]]:
    return list(table.slice(0, max(count, 0)).to_pylist())


def _whence(row: Mapping[str, Any], found: Difference) -> str:
    return f"{found.files.get(row['landing'], row['landing'])} row {row['source_row']}"


def _values(row: Mapping[str, Any], found: Difference) -> str:
    names = [name for name in found.dataset.columns if name not in found.dataset.keys]
    return ", ".join(f"{name} {_said(row[name])}" for name in names if row[name] is not None)


def _pairs(values: Mapping[str, Any]) -> str:
    return " ".join(f"{name}={_said(value)}" for name, value in values.items())


def _said(value: Any) -> str:
    return "empty" if value is None else str(plain({"": value})[""])


def _beside(lines: Sequence[Sequence[str]]) -> list[str]:
    """Cells one beside the other, each column as wide as its widest."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return ["  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip() for line in lines]
