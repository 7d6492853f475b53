"""Why a figure moved between two runs of a day: the change split by cause, adding up exactly.

The day is settled along a path: the inputs of the earlier run, then one cause after the other exchanged for those of
the later one. What a step moves is its cause's part; in fractions the parts telescope to the whole change, whatever
floating point did on the way. Another order shares cross effects otherwise, so the order is said and can be turned.
"""

from reports.variance.causes import CAUSES, Cause
from reports.variance.parts import Part, Variance, variance, variances

__all__ = ["CAUSES", "Cause", "Part", "Variance", "variance", "variances"]
