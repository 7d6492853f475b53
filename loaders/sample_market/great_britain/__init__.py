"""A SYNTHETIC market day at the size of Great Britain: about 2,900 BM Units of 300 Parties, in three vintages.

The small day of this package with more of everything, and with what charges need: metered volumes, the register of
BM Units, contracts, reallocations. Prices, stacks and loss multipliers come from the exact calculators.

Gives    write_market, national_day, planted
"""

from loaders.sample_market.great_britain.folder import write_market
from loaders.sample_market.great_britain.vintages import national_day, planted

__all__ = ["national_day", "planted", "write_market"]
