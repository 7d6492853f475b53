"""The modules that make docs/coverage.md import each other by name, and their tests do so too."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
