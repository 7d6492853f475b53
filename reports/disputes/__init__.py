"""Trading Disputes: cases with their evidence, deadline and money, and the packs that are handed in.

records      a case as a typed record
gathering    its subject, frozen from kept runs
cases        made, completed, raised, closed
dated        deadlines, threshold and required fields with their sources
deadline     until when, in Working Days
money        what it is worth, shown
conditions   why it may not be raised, everything at once
listed       open cases by money and days left
shown        what a notebook may show of a case
packing      one zip: page, workbook, record, inputs, manifest, signature
"""

from reports.disputes.listed import OpenCase, open_cases

__all__ = ["OpenCase", "open_cases"]
