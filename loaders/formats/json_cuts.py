"""Where a long JSON list may be cut: a compiled look at each byte, for what is in a text and how deep it stands.

All that a kernel calls stands in this file: numba's cache does not notice an edited callee elsewhere.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

_QUOTE, _BACKSLASH, _COMMA, _OPEN_LIST, _END_LIST, _OPEN, _END = 34, 92, 44, 91, 93, 123, 125


def last_cut(text: bytes) -> tuple[int, bool]:
    """The place of the last comma between two records, -1 where there is none, and whether the list ends in the text.

    text  begins within the list, before a record

    A comma counts as soon as something other than another comma or the end of the list is known to follow it.
    """
    cut, ended = _last_cut(np.frombuffer(text, np.uint8))
    return int(cut), bool(ended)


@njit(cache=True, nogil=True)
def _last_cut(text: Any) -> Any:  # noqa: PLR0912
    depth, cut, waiting, quoted, at = 0, -1, -1, False, 0
    while at < len(text):
        letter = text[at]
        if quoted:
            if letter == _BACKSLASH:
                at += 1
            elif letter == _QUOTE:
                quoted = False
        elif letter > 32:
            if depth == 0:
                if letter == _COMMA:
                    waiting = at
                elif letter == _END_LIST:
                    return cut, True
                elif waiting >= 0:
                    cut, waiting = waiting, -1
            if letter == _QUOTE:
                quoted = True
            elif letter in (_OPEN, _OPEN_LIST):
                depth += 1
            elif letter in (_END, _END_LIST):
                depth -= 1
                if depth < 0:
                    return cut, True
        at += 1
    return cut, False
