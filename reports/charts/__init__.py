"""Pictures of a settled day: our own SVG, without a chart library and without script."""

from reports.charts.day_chart import own_against_published
from reports.charts.price_average import price_average_strip
from reports.charts.stack_chart import price_stack
from reports.charts.svg import standalone, two_widths

__all__ = ["own_against_published", "price_average_strip", "price_stack", "standalone", "two_widths"]
