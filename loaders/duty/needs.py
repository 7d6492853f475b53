"""What must have come first: a job waits until those that it needs are in for the same days.

"In" is said by the arrivals of the store, so an empty answer counts, and it makes no difference
whether a job fetched its file or somebody brought it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from graphlib import CycleError, TopologicalSorter

import sqlalchemy as sa

from loaders.duty.expected import arrived, spans
from loaders.duty.schedule import Due
from loaders.errors import NotALoadJob
from loaders.job import Job


def in_order(jobs: Mapping[str, Job]) -> list[str]:
    """The jobs, each after those that it needs.

    Raises NotALoadJob for a need that is no job, and for jobs that need each other in a circle.
    """
    for name, job in sorted(jobs.items()):
        unknown = sorted(set(job.needs) - set(jobs))
        if unknown:
            raise NotALoadJob(
                f"{name}.yaml is not a load job:\n  needs: found {', '.join(unknown)}, wanted names of declared jobs"
            )
    try:
        return list(TopologicalSorter({name: sorted(jobs[name].needs) for name in sorted(jobs)}).static_order())
    except CycleError as error:
        circle = " needs ".join(reversed(error.args[1]))
        raise NotALoadJob(
            f"{error.args[1][0]}.yaml is not a load job:\n  needs: found a circle, {circle}, wanted an order"
        ) from None


def unmet(connection: sa.Connection, jobs: Mapping[str, Job], due: Due) -> list[str]:
    """What a question still waits for, one sentence a job and day; empty when it may be asked."""
    spots: dict[date, list[int]] = {}
    if jobs[due.job].needs:
        for day, period in due.periods:
            spots.setdefault(day, []).append(period)
    said = []
    for name in jobs[due.job].needs:
        for day, periods in spots.items():
            found = arrived(connection, jobs[name], day, periods)
            if found.whole:
                continue
            missing = [period for period, _ in found.not_arrived if period is not None]
            said.append(f"{name} for {day}, periods {spans(missing)}" if missing else name)
    return list(dict.fromkeys(said))


def met(jobs: Mapping[str, Job], connection: sa.Connection, due: Due) -> bool:
    """Whether a question may be asked; with `functools.partial(met, jobs)` the `ready` of `claims.claim`."""
    return not unmet(connection, jobs, due)
