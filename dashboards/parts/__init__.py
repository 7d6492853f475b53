"""Parts that pages are put together from: controls, tables, stages, states."""
