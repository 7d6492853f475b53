"""The parts of an audit report: each takes a DayView or PeriodView and gives an HTML fragment."""
