"""Sets one page: reads the moment on a line and then the page, writes the PDF, or says why not and leaves with 1.

python -m reports.paper < page
"""

from __future__ import annotations

import gc
import sys
from datetime import datetime

from reports.paper.compiled import compiled, pdf_of_page
from reports.paper.tree import NotPrinted


def main() -> int:
    """Exit code 0 with the PDF on standard output, 1 with a sentence on standard error."""
    gc.disable()  # one page and then the end: what is held in circles is freed with the process
    compiled("fonts are found while the page is still made")
    moment, _, html = sys.stdin.buffer.read().partition(b"\n")
    try:
        made = pdf_of_page(html.decode("utf-8"), datetime.fromisoformat(moment.decode()) if moment else None)
    except NotPrinted as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
