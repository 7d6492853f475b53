"""One JSON object whose names and values are records: `{"S0142_20240115_SF_20240208101500.gz": "2024-02-08 10:15:21"}`.

Whether an object is such a mapping or one record with named fields, only its names tell: a job says what the names of
its mapping look like. A name of another look is a refused record, and the others are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from loaders.errors import Finding
from loaders.formats.raw import RawFile, RawTable
from loaders.formats.text import shown

MOSTLY = 0.5  # of the names must have the look of the job, else the object is something else


def has_names_of(pattern: str, names: Iterable[str]) -> bool:
    """Whether more than half of some names have the look of a pattern."""
    looks = re.compile(pattern, re.ASCII)
    fit = [bool(looks.fullmatch(name)) for name in names]
    return sum(fit) > MOSTLY * len(fit)


def records(file: str, pairs: Mapping[str, Any], pattern: str) -> RawFile:
    """A record for each pair: `name`, `value`, and the named parts of the pattern, absent where a name lacks one."""
    looks = re.compile(pattern, re.ASCII)
    found = [looks.fullmatch(name) for name in pairs]
    broken = [
        Finding(file, place, "name", shown(name), f"a name as {pattern}", "Tell the owner of the job.")
        for place, (name, said) in enumerate(zip(pairs, found, strict=True), start=1)
        if said is None
    ]
    good = [said for said in found if said]
    places = [place for place, said in enumerate(found, start=1) if said]
    fields: dict[str, list[Any]] = {
        "name": [said.group() for said in good],
        "value": [pairs[said.group()] for said in good],
    } | {part: [said.group(part) for said in good] for part in looks.groupindex}
    table = RawTable(dict(fields), np.array(places, dtype=np.int64))
    return RawFile("json mapping", {"": table}, broken=broken, counts={"": len(found)}, blank=not found)
