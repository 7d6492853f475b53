"""What other rooms want to do when a load has kept something: they name a function in the group `bsc.after_load`.

So the loaders call what they do not know: no arrow points up. A function takes the workspace and gives sentences.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path

GROUP = "bsc.after_load"


def after_load(home: Path) -> list[str]:
    """Call them all, in the order of their names; the load is kept already, whatever they raise."""
    found = sorted(entry_points(group=GROUP), key=lambda point: point.name)
    return [sentence for point in found for sentence in point.load()(home)]
