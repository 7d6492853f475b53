"""The paper form of a report: a PDF set by typst from the very page that a reader sees.

    page as HTML -> tree -> typst source -> PDF/A-3b

There is no second template: `tree` reads the page, `blocks`, `inline`, `tables`, `mathematics` and `pictures` say each
element of our own small set in typst, `compiled` sets it. The same page gives the same bytes on every machine.
"""

from __future__ import annotations

from reports.paper.compiled import pdf_of_page
from reports.paper.tree import NotPrinted

__all__ = ["NotPrinted", "pdf_of_page"]
