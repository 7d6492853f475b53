"""What an action is called on paper and screen."""

from __future__ import annotations

from reports.views import Action


def action_name(action: Action) -> str:
    """The BM Unit of an action; an adjustment action (BSAA) says that it is one."""
    if action.acceptance_number is not None:
        return action.bm_unit
    return f"BSAA {action.bm_unit.removeprefix('BSAA').strip()}"
