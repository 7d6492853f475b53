"""Threads that are kept: for what Arrow, compiled loops and the disk do outside the interpreter's lock.

A thread begun anew takes an arena of the system's memory of its own, and what lies free there is of use to no other: a
back-fill of five months that began one for each group of files came to 300 MiB more than one that keeps them.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache


@cache
def threads(count: int = 1) -> ThreadPoolExecutor:
    """So many threads, the same at each call. What they do must not ask for them again: it would wait for itself."""
    return ThreadPoolExecutor(count, thread_name_prefix=f"beside-{count}")


os.register_at_fork(after_in_child=threads.cache_clear)  # a fork has none of them
