"""All that a notebook may show of the loads of a workspace: what came, what is missing, what was refused and why.

from reports import data_quality

quality = data_quality.open_loads(home)
quality.day("2024-01-15")
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from markupsafe import Markup

from reports.access import THIS_MACHINE, Access
from reports.loads_records import Matrix, RefusedRow
from reports.loads_view import Loads
from reports.look import times
from reports.sections import loads_words
from reports.sections.loads import matrix_table, picture, refused_by, refused_table
from reports.sections.shown import Shown


class Quality:
    """The loads of one workspace. Each method shows one part; a day is given as text or date."""

    def __init__(self, loads: Loads) -> None:
        self.loads = loads

    def __repr__(self) -> str:
        newest = self.loads.newest_day()
        return f"<loads, newest day {newest}>" if newest else "<loads, nothing has come>"

    def day(self, settlement_date: date | str) -> Shown:
        """Datasets by period of a day, as a picture."""
        matrix = self.loads.day(_date(settlement_date))
        return Shown("loads-day", _headed(f"What arrived, {times.long_day(matrix.first)}", picture(matrix)))

    def missing(self, settlement_date: date | str) -> Shown:
        """The datasets of a day that lack something, with the periods; then those that came whole."""
        return Shown("loads-missing", _tables(self.loads.day(_date(settlement_date))))

    def refused(self, settlement_date: date | str) -> Shown:
        """The rows of a day that were refused, with remedy and record; then those of which no day could be told."""
        of_day, undated = self._refused(settlement_date)
        shown = refused_table(of_day)
        if undated:
            shown += Markup("<h4>Of no day that could be told</h4>") + refused_table(undated)
        return Shown("loads-refused", shown)

    def refused_by_job(self, settlement_date: date | str) -> Shown:
        """How many of those rows each job has."""
        return Shown("loads-by-job", self._by(settlement_date, "job"))

    def refused_by_kind(self, settlement_date: date | str) -> Shown:
        """How many there are of each kind of fault."""
        return Shown("loads-by-kind", self._by(settlement_date, "kind"))

    def new_columns(self) -> Shown:
        """Columns that senders have begun to send, with the lines that would take them in."""
        found = [
            Markup("<li><b>{}</b> of job {}, in {}, as <code>{}</code>:<br><code>{}</code></li>").format(
                one.field, one.job, one.file, one.example or "nothing", one.draft
            )
            for one in self.loads.drifts()
        ]
        said = Markup('<ul class="list">{}</ul>').format(Markup("").join(found)) if found else Markup("<p>None.</p>")
        return Shown("loads-new-columns", said)

    def month(self, month: date | str) -> Shown:
        """Datasets by day of the month in which a day lies, as a picture."""
        matrix = self.loads.month(_date(month))
        return Shown("loads-month", _headed(f"What arrived, {matrix.first:%B %Y}", picture(matrix)))

    def missing_in_month(self, month: date | str) -> Shown:
        """The same as a table, with the days."""
        return Shown("loads-missing-in-month", _tables(self.loads.month(_date(month))))

    def _refused(self, settlement_date: date | str) -> tuple[list[RefusedRow], list[RefusedRow]]:
        day = _date(settlement_date)
        rows = self.loads.refused().rows
        return [one for one in rows if one.settlement_date == day], [one for one in rows if one.settlement_date is None]

    def _by(self, settlement_date: date | str, what: str) -> Markup:
        of_day, undated = self._refused(settlement_date)
        found = [*of_day, *undated]
        return refused_by(found, what) if found else Markup("<p>Nothing was refused.</p>")


def open_loads(home: Path | str | None = None) -> Quality:
    """The loads of a workspace: the folder named, else BSC_HOME, else ./workspace. Raises NoWorkspace."""
    import reports

    return Quality(Access(reports.workspace(home)).loads(THIS_MACHINE))


def _tables(matrix: Matrix) -> Markup:
    if not matrix.lines:
        return Markup("<p>No dataset with days has come.</p>")
    return Markup('<p class="small">{}</p>{}').format(f"{loads_words.finding(matrix)}.", matrix_table(matrix))


def _headed(head: str, shown: Markup) -> Markup:
    return Markup("<h3>{}</h3>{}").format(head, shown)


def _date(said: date | str) -> date:
    return said if isinstance(said, date) else date.fromisoformat(said)
