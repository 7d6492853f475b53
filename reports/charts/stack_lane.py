"""The lane below a price stack: the same x, told by fate alone, so that it balances by eye."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from reports.charts.scale import text_width
from reports.charts.stack_frame import GHOSTS, Frame
from reports.charts.stack_layout import Placed, at_or_after
from reports.charts.svg import Drawing
from reports.look import numbers


def lane(drawing: Drawing, placed: list[Placed], frame: Frame, stage: str) -> None:
    """What is left and what went, with MWh."""
    for side, state, inner, outer in _runs(placed):
        sign = 1 if side == "buy" else -1
        a, b = sorted((frame.x(sign * inner), frame.x(sign * outer)))
        if state in GHOSTS:
            class_ = f"gone {state}"
        elif state == "par":
            class_ = "par"
        else:
            class_ = f"{side} pale" if at_or_after(stage, "8") else side
        drawing.bar(a, frame.lane, b - a, 9, class_)
    for words, short, x, room in _lane_labels(placed, frame, stage):
        chosen = words if text_width(words, 11) <= max(room, 70 if frame.wide else 0) else short
        for y in (frame.lane + 21, frame.lane + 35):
            if drawing.free_label(x, y, chosen, "m", "middle", 11):
                break


def _runs(placed: list[Placed]) -> Iterator[tuple[str, str, float, float]]:
    """Neighbouring pieces of one state as one piece: side, state, inner, outer."""
    pieces = [(one.action.side, part.state, part.inner, part.outer) for one in placed for part in one.parts]
    for (side, state), run in groupby(pieces, key=lambda piece: piece[:2]):
        found = list(run)
        yield side, state, found[0][2], found[-1][3]


def _lane_labels(placed: list[Placed], frame: Frame, stage: str) -> list[tuple[str, str, float, float]]:
    """Long and short words, their middle and the room they have."""
    sums: dict[tuple[str, str], list[float]] = {}
    for one in placed:
        for part in one.parts:
            state = "left" if part.state in ("active", "par") else part.state
            found = sums.setdefault((one.action.side, state), [0.0, part.inner, part.outer])
            found[0] += part.outer - part.inner
            found[1], found[2] = min(found[1], part.inner), max(found[2], part.outer)
    labels = []
    names = {"left": "left", "niv": "NIV-tagged", "minimis": "De Minimis"}
    for (side, state), (volume, inner, outer) in sums.items():
        sign = 1 if side == "buy" else -1
        if state == "arbitrage":
            continue
        if state == "minimis" and stage != "4a":
            continue
        signed = sign * volume
        words = numbers.signed_volume(signed)
        room = frame.x(outer) - frame.x(inner)
        middle = frame.x(sign * (inner + outer) / 2)
        labels.append(
            (f"{names[state]} {words}", words if frame.wide else numbers.written(signed, 1, True), middle, room)
        )
    if ("buy", "arbitrage") in sums:
        volume = sums["buy", "arbitrage"][0]
        room = (frame.x(volume) - frame.x(0)) * 2
        short = f"±{numbers.written(volume, 1)}"
        labels.append((f"arbitrage ±{numbers.volume(volume)}", short, frame.x(0), room))
    return sorted(labels, key=lambda label: -label[3])
