"""An explanation as a Party may see it: what belongs to others is left out, and that it is left out is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np

from reports.errors import NotShown
from reports.public_values import seen_rows
from settlement.explanation import Explanation, matching
from settlement.settled import Settled


def redacted(found: Explanation, settled: Settled, party: str | None) -> Explanation:
    """The tree without the values of other Parties.

    party  whose copy it is; None is nobody in particular

    Raises NotShown where the value that was asked for is another's.
    """

    @cache
    def rows_seen(quantity: str) -> np.ndarray:
        return seen_rows(settled, quantity, party)

    def seen(one: Explanation) -> bool:
        if one.quantity not in settled.arrays:  # a dated parameter, an option
            return True
        rows = matching(settled.grain(one.quantity), one.key)
        return bool(rows_seen(one.quantity)[rows].all()) and len(rows) > 0

    if not seen(found):
        raise NotShown(
            f"{found.quantity}: found a value that belongs to another than {party or 'you'}, wanted one of your own or "
            "a public one. Ask the desk."
        )
    return _cut(found, seen)


def _cut(found: Explanation, seen: Callable[[Explanation], bool]) -> Explanation:
    kept = [_cut(child, seen) for child in found.inputs if seen(child)]
    gone = len(found.inputs) - len(kept)
    if not gone:
        return replace(found, inputs=kept)
    # What was said of rows left out may hold the sum of another's.
    said = f"{gone} values of other Parties are not shown"
    return replace(found, inputs=kept, with_numbers="", not_shown=said)
