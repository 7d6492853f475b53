"""Compiled loops over JSON records that are all written as the first of their file is.

The text between the values of a record (names, colons, commas, blanks) is that of the first record, byte for byte. So
each field is there once, in one order, and none is new: a record of which that does not hold ends the reading of its
file. Values are cut by the grammar of JSON; a text with a backslash, or a value of another kind than asked for, ends
it too. Everything that a kernel calls stands in this file: numba's cache does not notice an edited callee elsewhere.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

TEXT, WHOLE, DECIMAL, FLAG, ANY = range(5)  # kinds of fields; ANY is passed over
EMPTY, THERE, LONG = range(3)  # of a number: null, read, and a decimal with too many digits to be read here
_DIGITS = 18  # that a whole number of 64 bits always takes
_TENS = np.array([10.0**n for n in range(23)])  # these and whole numbers up to 2**53 are exact as doubles
_EXACT = 2**53
_QUOTE, _BLANK, _N, _T, _F = 34, 32, 110, 116, 102


class Records(NamedTuple):
    """Values of records, by kind: a line for each field of it, a column for each record.

    run           of texts: place among the runs of equal texts, -1 for null
    run_end       where each run ends in the line of its field in `said`, and before it, where the first begins
    runs          how many runs each field has
    odd           whether a field has texts that are empty, have a blank at an end, or may not be ASCII
    whole         whole numbers, and flags; `whole_state` says which are there
    decimal       decimals; `decimal_state` says which are there, and which are long: these stand in `said` too
    said          texts of each run, then those of long decimals, by field
    """

    run: NDArray[np.int32]
    run_end: NDArray[np.int32]
    runs: NDArray[np.int64]
    odd: NDArray[np.bool_]
    whole: NDArray[np.int64]
    whole_state: NDArray[np.uint8]
    decimal: NDArray[np.float64]
    decimal_state: NDArray[np.uint8]
    said: NDArray[np.uint8]


def room_for(rows: int, size: int, texts: int, wholes: int, decimals: int) -> Records:
    """Room for so many records out of so many bytes. The system gives memory for what of it is written only."""
    run_end = np.empty((texts + decimals, rows + 1), np.int32)
    run_end[:, 0] = 0
    return Records(
        np.empty((texts, rows), np.int32),
        run_end,
        np.zeros(texts + decimals, np.int64),
        np.zeros(texts, np.bool_),
        np.empty((wholes, rows), np.int64),
        np.empty((wholes, rows), np.uint8),
        np.empty((decimals, rows)),
        np.empty((decimals, rows), np.uint8),
        np.empty((texts + decimals, size), np.uint8),
    )


@njit(cache=True, nogil=True)
def cut_files(text, begins, ends, ascii, literals, literal_ends, kinds, slots, separator, out, counts):
    """Cut the records of files that stand one after the other in `text`; `counts` takes how many are of each, as `cut`
    gives them.
    """
    row = 0
    for n in range(len(begins)):
        # A file that is not text of UTF-8 begins nowhere.
        counts[n] = -1
        if begins[n] >= 0:
            counts[n] = cut(
                text, begins[n], ends[n], ascii[n], literals, literal_ends, kinds, slots, separator, out, row
            )
        row += max(counts[n], 0)


@njit(cache=True, nogil=True)
def cut(text, at, end, ascii, literals, literal_ends, kinds, slots, separator, out, row):  # noqa: PLR0912, PLR0915
    """Cut the records of one file into values; gives how many they are, -1 where they are not written so.

    text       the bytes of the file: its records stand from `at` to `end`; `ascii` says that all of it is
    literals   what stands before each value of a record, and after the last, one after the other
    separator  what stands between records
    row        place of the first record in `out`
    """
    # One function, and no array handed on but the text: numba counts references to each array at each call.
    run_of, run_end, runs, said, odd = out.run, out.run_end, out.runs, out.said, out.odd
    whole, whole_state, decimal, decimal_state = out.whole, out.whole_state, out.decimal, out.decimal_state
    first, fields, texts = row, len(kinds), len(run_of)
    before = runs.copy()
    while at >= 0:
        literal = 0
        for field in range(fields):
            at = _literal(text, at, end, literals, literal, literal_ends[field])
            if at < 0 or at >= end:
                at = -1
                break
            literal = literal_ends[field]
            kind, slot, letter, begin = kinds[field], slots[field], text[at], at
            line = -1  # of `said`, where the value is to be noted there
            if letter == _QUOTE:
                at = _text(text, at + 1, end)
                if kind == TEXT and at >= 0:
                    length, run = at - begin - 2, runs[slot]
                    start = run_end[slot, run - 1] if run else 0
                    if (
                        run
                        and run_end[slot, run] - start == length
                        and _same(text, begin + 1, said[slot], start, length)
                    ):
                        run_of[slot, row] = run - 1
                    else:
                        line, run_of[slot, row] = slot, run
                        if length == 0 or text[begin + 1] == _BLANK or text[at - 2] == _BLANK or not ascii:
                            odd[slot] = True
                elif kind != ANY:
                    at = -1
            elif letter == _N:
                at = _word(text, at, end, 117, 108, 108, 0)
                if kind == TEXT:
                    run_of[slot, row] = -1
                elif kind in (WHOLE, FLAG):
                    whole[slot, row], whole_state[slot, row] = 0, EMPTY
                elif kind == DECIMAL:
                    decimal[slot, row], decimal_state[slot, row] = 0.0, EMPTY
            elif letter in (_T, _F):
                yes = letter == _T
                at = _word(text, at, end, 114, 117, 101, 0) if yes else _word(text, at, end, 97, 108, 115, 101)
                if kind == FLAG:
                    whole[slot, row], whole_state[slot, row] = yes, THERE
                elif kind != ANY:
                    at = -1
            else:
                at, value, digits, tens, plain, minus = _number(text, at, end)
                if kind == WHOLE:
                    if not plain or digits > _DIGITS:
                        at = -1
                    whole[slot, row], whole_state[slot, row] = -value if minus else value, THERE
                elif kind == DECIMAL:
                    decimal_state[slot, row] = THERE
                    if digits <= _DIGITS and value <= _EXACT and -22 <= tens <= 22:
                        number = value / _TENS[-tens] if tens < 0 else value * _TENS[tens]
                        # A zero without a decimal point is a whole number, and such have no sign.
                        decimal[slot, row] = -number if minus and not (plain and value == 0) else number
                    else:
                        line, decimal_state[slot, row], length = texts + slot, LONG, at - begin
                elif kind != ANY:
                    at = -1
            if at < 0:
                break
            if line >= 0:
                run, piece = runs[line], begin + (letter == _QUOTE)
                start = run_end[line, run]
                for n in range(length):
                    said[line, start + n] = text[piece + n]
                run_end[line, run + 1] = start + length
                runs[line] = run + 1
        if at >= 0:
            at = _literal(text, at, end, literals, literal, literal_ends[fields])
        if at < 0:
            break
        row += 1
        if at == end:
            break
        at = _literal(text, at, end, separator, 0, len(separator))
    if at < 0:
        runs[:] = before
        return -1
    return row - first


@njit(cache=True, nogil=True)
def _literal(text, at, end, literals, begin, stop):
    """The place after a literal, -1 where something else stands."""
    if at + stop - begin > end:
        return -1
    # Unsigned places need no look at whether they count from the end, and a loop without a way out is done wide.
    here, there, other = np.uintp(at), np.uintp(begin), np.uint8(0)
    for n in range(np.uintp(stop - begin)):
        other |= text[here + n] ^ literals[there + n]
    return at + stop - begin if other == 0 else -1


@njit(cache=True, nogil=True)
def _word(text, at, end, second, third, fourth, fifth):
    """The place after a word of which the first letter stands at a place; the fifth is 0 where it has four."""
    length = 5 if fifth else 4
    if at + length > end or text[at + 1] != second or text[at + 2] != third or text[at + 3] != fourth:
        return -1
    return at + length if not fifth or text[at + 4] == fifth else -1


@njit(cache=True, nogil=True)
def _text(text, at, end):
    """The place after the quote that ends a text; -1 where it has a backslash or a control sign, or no end."""
    while at < end:
        letter = text[at]
        if letter == 34:
            return at + 1
        if letter == 92 or letter < 32:
            return -1
        at += 1
    return -1


@njit(cache=True, nogil=True)
def _same(text, at, other, begin, length):
    """Whether a piece of a text is the same as a piece of another."""
    here, there, differs = np.uintp(at), np.uintp(begin), np.uint8(0)
    for n in range(np.uintp(length)):
        differs |= text[here + n] ^ other[there + n]
    return differs == 0


@njit(cache=True, nogil=True)
def _number(text, at, end):
    """Read a number: the place after it (-1 where none stands), digits, how many, power of ten, if plain, if minus.

    plain  without a decimal point and a power of ten
    """
    minus = text[at] == 45
    if minus:
        at += 1
    first = at
    value, digits, tens, power = np.int64(0), 0, 0, 0
    plain, sound = True, True
    while at < end and 48 <= text[at] <= 57:
        if digits < _DIGITS:
            value = value * 10 + (text[at] - 48)
        if digits or text[at] != 48:
            digits += 1
        at += 1
    if at == first or (text[first] == 48 and at - first > 1):
        sound = False
    if at < end and text[at] == 46:
        plain = False
        at += 1
        first = at
        while at < end and 48 <= text[at] <= 57:
            if digits < _DIGITS:
                value = value * 10 + (text[at] - 48)
                tens -= 1
            if digits or text[at] != 48:
                digits += 1
            at += 1
        sound = sound and at > first
    if at < end and text[at] in (69, 101):
        plain = False
        at += 1
        less = at < end and text[at] == 45
        if at < end and text[at] in (43, 45):
            at += 1
        first = at
        while at < end and 48 <= text[at] <= 57:
            power = min(power * 10 + (text[at] - 48), 100_000)
            at += 1
        sound = sound and at > first
        tens += -power if less else power
    return (at if sound else -1), value, digits, tens, plain, minus
