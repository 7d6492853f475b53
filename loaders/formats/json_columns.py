"""JSON records straight to the typed columns of their job, many files at once: the quick way for clean files.

It reads what is written as the first record of its file is, with values that are all of their column's kind, and tells
which files are not so: these are for the reader that looks at each record (`loaders.formats.json`) and says what is
wrong. Both ways give the same rows. Dates, times, and texts with a translation are parsed once for each that occurs, by
the same functions as there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from loaders.beside import threads
from loaders.declared import arrow_schema
from loaders.formats.json_head import Head
from loaders.formats.raw import RawFile, RawTable
from loaders.job import Column, Job

if TYPE_CHECKING:
    import pyarrow as pa

    from loaders.formats.json_records import Records

TEXT, WHOLE, DECIMAL, FLAG, ANY = range(5)  # as in json_records, which is compiled and imported late
_KINDS = {"text": TEXT, "date": TEXT, "instant": TEXT, "integer": WHOLE, "decimal": DECIMAL, "flag": FLAG}
WORTH_TWO = 1_000_000  # bytes of files, from which on two threads cut them
_PARSED = {"day of", "period of", "list"}
_INSTANT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"


@dataclass(frozen=True)
class Plan:
    """How the fields of a head become the columns of a job.

    kinds  kind of each field that has a value
    field  the field that brings a column, by column; a column that is not brought is not named
    """

    job: Job
    columns: dict[str, Column]
    kinds: dict[str, int]
    field: dict[str, str]


def said_by(head: Head) -> RawFile:
    """What a head tells of its file: fields without records, to find the job by."""
    none: Sequence[Any] = ()
    table = RawTable(dict.fromkeys(head.fields, none), np.zeros(0, dtype=np.int64))
    return RawFile("json", {"": table}, head.says)


def plan_for(job: Job, head: Head) -> Plan | None:
    """How to read files with such a head; None where the job wants more than a look at values one by one."""
    if set(job.tables) != {""}:
        return None
    columns = job.tables[""].columns
    kinds: dict[str, int] = {}
    found: dict[str, str] = {}
    for name, column in columns.items():
        if column.minus_where or (column.names and column.names[0].startswith("header:")):
            return None
        if not column.from_the_rows:
            continue
        field = next((one for one in column.names if one in head.fields), None)
        if field is None:
            if column.missing == "stop":
                return None
            continue
        kind = TEXT if _PARSED & set(column.forms) else _KINDS[column.type]
        if field == "dataset" or kinds.setdefault(field, kind) != kind:
            return None
        found[name] = field
    if set(head.fields) - set(found.values()) - set(job.read.left_out):
        return None
    return Plan(job, columns, {name: kinds.get(name, ANY) for name in head.fields if name != "dataset"}, found)


def read_alike(plan: Plan, heads: Sequence[Head], datas: Sequence[bytes]) -> list[RawFile | None]:
    """The records of files of one shape; None for each that has to be read record by record."""
    from loaders.formats.json_records import cut_files  # noqa: F401  here, and not in two threads at once

    files = list(zip(heads, datas, strict=True))
    half = _half([head.end - head.begin for head in heads])
    # The compiled loops and Arrow work outside the interpreter's lock.
    second = threads().submit(_read, plan, files[half:]) if half < len(files) else None
    parts = [_read(plan, files[:half]), *([second.result()] if second else [])]
    found: list[RawFile | None] = []
    for columns, odd, counts in parts:
        first = 0
        for count in counts:
            is_clean = count > 0 and not odd[first : first + count].any()
            found.append(_raw(heads[len(found)], columns, first, count) if is_clean else None)
            first += max(count, 0)
    return found


def _half(sizes: Sequence[int]) -> int:
    """How many of the files are half of them by size; all, where two threads are not worth it."""
    if sum(sizes) < WORTH_TWO:
        return len(sizes)
    return max(1, int(np.searchsorted(np.cumsum(sizes), sum(sizes) / 2)))


def _read(plan: Plan, files: Sequence[tuple[Head, bytes]]) -> tuple[pa.RecordBatch, NDArray[np.bool_], list[int]]:
    """The columns of some files, which rows hold an odd value, and how many rows are of each file; -1 of one that
    has to be read record by record.
    """
    from loaders.formats.json_records import cut_files, room_for

    literals = files[0][0].literals
    kinds = np.array(list(plan.kinds.values()), dtype=np.int64)
    slots = _slots(kinds)
    least = sum(map(len, literals)) + len(kinds)
    texts, wholes, decimals = (int(np.isin(kinds, of).sum()) for of in ((TEXT,), (WHOLE, FLAG), (DECIMAL,)))
    sizes = [head.end - head.begin for head, _ in files]
    out = room_for(sum(size // least + 1 for size in sizes), sum(sizes), texts, wholes, decimals)
    ends, separator = np.cumsum(list(map(len, literals))), np.frombuffer(files[0][0].separator, np.uint8)
    written = np.frombuffer(b"".join(literals), np.uint8)
    begins = np.append(0, np.cumsum([len(data) for _, data in files]))[:-1]
    plain = np.array([data.isascii() for _, data in files])
    is_text = np.array([known or _is_utf8(data) for known, (_, data) in zip(plain, files, strict=True)])
    begin = np.where(is_text, begins + [head.begin for head, _ in files], -1)
    stop = begins + [head.end for head, _ in files]
    text = np.frombuffer(b"".join([data for _, data in files]), np.uint8)  # a file alone is not copied
    counts = np.empty(len(files), np.int64)
    cut_files(text, begin, stop, plain, written, ends, kinds, slots, separator, out, counts)
    rows = int(np.maximum(counts, 0).sum())
    return *_columns(plan, out, slots, rows), counts.tolist()


def _raw(head: Head, columns: pa.RecordBatch, first: int, count: int) -> RawFile:
    raw = said_by(head)
    rows, own = np.arange(1, count + 1, dtype=np.int64), columns.slice(first, count)
    raw.tables[""] = RawTable(raw.tables[""].fields, rows, own, within=(columns, first))
    raw.counts = {"": count}
    return raw


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _slots(kinds: NDArray[np.int64]) -> NDArray[np.int64]:
    """The place of each field among those of its kind; flags lie with the whole numbers."""
    stored = np.where(kinds == FLAG, WHOLE, kinds)
    return np.array([int((stored[:n] == stored[n]).sum()) for n in range(len(kinds))], np.int64)


def _columns(plan: Plan, out: Records, slots: NDArray[np.int64], rows: int) -> tuple[pa.RecordBatch, NDArray[np.bool_]]:
    """The typed columns that the fields bring, and which rows hold a value that is odd or out of reach."""
    import pyarrow as pa

    odd = np.zeros(rows, dtype=bool)
    slot = dict(zip(plan.kinds, slots.tolist(), strict=True))
    schema = arrow_schema({name: plan.columns[name] for name in plan.field})
    arrays = []
    for name, field in plan.field.items():
        at, column, kind = slot[field], plan.columns[name], plan.kinds[field]
        if kind == TEXT:
            array = _texts(out, at, rows, column, schema.field(name).type, odd)
        elif kind == DECIMAL:
            array = _decimals(out, at, rows, odd)
        else:
            values = out.whole[at, :rows]
            array = pa.array(values.astype(bool) if kind == FLAG else values, mask=out.whole_state[at, :rows] == 0)
        arrays.append(array)
    if not arrays:
        return pa.RecordBatch.from_pydict({"": np.zeros(rows, bool)}).select([]), odd
    return pa.RecordBatch.from_arrays(arrays, schema=schema), odd


def _texts(out: Records, slot: int, rows: int, column: Column, kind: pa.DataType, odd: NDArray[np.bool_]) -> pa.Array:
    import pyarrow as pa

    from loaders.steps.convert import in_reach

    said, run = _said(out, slot), out.run[slot, :rows]
    places = pa.array(run, mask=run < 0)
    if column.type == "text" and not column.values and "list" not in column.forms and not out.odd[slot]:
        return said.take(places)
    coded = said.dictionary_encode()
    values, wrong = _parsed(coded.dictionary, column, kind)
    values, far = in_reach(values)
    codes = coded.indices.take(places)
    if wrong or far:
        odd |= np.isin(codes.fill_null(-1).to_numpy(), [*wrong, *far])
    return values.take(codes)


def _parsed(said: pa.StringArray, column: Column, kind: pa.DataType) -> tuple[pa.Array, dict[int, str]]:
    """Texts in the type of their column, and which of them are odd; plain instants by Arrow, the others by Python."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from loaders.steps.convert import typed

    if column.type == "instant" and column.forms == ("",) and pc.all(pc.match_substring_regex(said, _INSTANT)).as_py():
        try:
            return said.cast(kind), {}
        except pa.ArrowInvalid:  # as of a day that its month has not
            pass
    return typed(said.to_pylist(), column, kind)


def _decimals(out: Records, slot: int, rows: int, odd: NDArray[np.bool_]) -> pa.Array:
    import pyarrow as pa

    state, values = out.decimal_state[slot, :rows], out.decimal[slot, :rows]
    long = np.flatnonzero(state == 2)
    if len(long):
        values[long] = _said(out, len(out.run) + slot).cast(pa.float64()).to_numpy()
        odd[long[~np.isfinite(values[long])]] = True
    return pa.array(values, mask=state == 0)


def _said(out: Records, line: int) -> pa.StringArray:
    """The texts of the runs of a field."""
    import pyarrow as pa

    runs = int(out.runs[line])
    ends = out.run_end[line, : runs + 1]
    # Copied, so that the room is given back, which is many times what was written in it.
    return pa.StringArray.from_buffers(runs, pa.py_buffer(ends.copy()), pa.py_buffer(out.said[line, : ends[-1]].copy()))
