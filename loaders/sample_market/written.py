"""JSON files of a SYNTHETIC folder, as the Insights API answers them.

Reads    insights_form, published
Gives    write_json, write_stack, answer_of, lines_of
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from loaders.sample_market import insights_form as form
from loaders.sample_market.exact_market import BUY, SELL
from loaders.sample_market.published import Published

_SIDES = {"bid": SELL, "offer": BUY}
_ENCODER = json.JSONEncoder(allow_nan=False)


def write_stack(folder: Path, settlement_date: date, entry: Published, suffix: str) -> list[Path]:
    """Both sides of a published stack."""
    return [
        write_json(
            folder,
            f"stack_{name}_{settlement_date}_{entry.settlement_period:02d}{suffix}",
            answer_of("ISPSTACK", form.stack_records(settlement_date, entry, side)),
        )
        for name, side in _SIDES.items()
    ]


def write_json(folder: Path, name: str, text: str) -> Path:
    """A file of the folder, SYNTHETIC in its name."""
    path = folder / f"SYNTHETIC_{name}.json"
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def answer_of(dataset: str, records: Sequence[form.Record]) -> str:
    """Records inside the envelope that names their dataset."""
    metadata = json.dumps({"datasets": [dataset], "note": "SYNTHETIC"})
    return f'{{"metadata": {metadata},\n"data": {lines_of(records).rstrip()}}}\n'


def lines_of(records: Sequence[form.Record]) -> str:
    """Records as a list, one a line."""
    return "[\n" + ",\n".join(map(_ENCODER.encode, records)) + "\n]\n"
