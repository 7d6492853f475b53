"""A synthetic GB market day in the feeds' own formats, and the exact calculators behind it.

Imports nothing of the settlement engine but its calendar: what it gives is an independent check.

Gives    write_day, later_vintage, write_market, and the modules exact_price, exact_volumes, exact_durations,
         exact_losses, exact_charges, random_markets, random_charges, tables
"""

from loaders.sample_market.folder import later_vintage, write_day
from loaders.sample_market.great_britain import write_market

__all__ = ["later_vintage", "write_day", "write_market"]
