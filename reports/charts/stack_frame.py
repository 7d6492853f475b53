"""Places in the picture of a price stack, and the scales that all stages of a period share."""

from __future__ import annotations

from reports.charts.scale import Linear, ticks
from reports.charts.stack_layout import price_range
from reports.views import PeriodView

# The states of volume that is gone.
GHOSTS = ("minimis", "arbitrage", "niv")


class Frame:
    """Places in a drawing of one width, with the scales that all stages of a period share."""

    def __init__(self, period: PeriodView, width: int) -> None:
        self.wide = width >= 600
        self.width, self.height = (900, 408) if self.wide else (360, 326)
        self.left, self.right = (46, 884) if self.wide else (36, 350)
        self.top, self.bottom, self.ticks, self.lane = (30, 330, 347, 368) if self.wide else (26, 250, 268, 286)
        extent = {"buy": 0.0, "sell": 0.0}
        for action in period.actions:
            extent[action.side] += abs(action.volume)
        self.low, self.high = -extent["sell"], extent["buy"]
        if self.low == self.high:
            self.high = 1.0
        self.x = Linear(self.low, self.high, self.left, self.right)
        found = [0.0, *price_range(period)]
        low, high = min(found), max(found)
        reach = (high - low) or 1.0
        self.y = Linear(low - 0.08 * reach * (low < 0), high + 0.08 * reach, self.bottom, self.top)
        self.price_ticks = ticks(self.y.low, self.y.high)
