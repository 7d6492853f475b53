"""The forms of the page Work list: assign, comment, close, reopen, and the moves of sign-off, as they are sent."""

from __future__ import annotations

from dashboards.address import address
from dashboards.errors import WrongToken
from dashboards.own_requests import OwnRequests
from loaders.errors import LoadError
from reports.errors import ReportError
from reports.signoff.recording import MoveRefused
from reports.work.listed import ACTIONS
from settlement.command_line import AskedWrongly

PATH = "/work-list/act"
_FIELDS = ("item", "subject", "action", "comment", "to", "token", "seen")


class WorkRequests(OwnRequests):
    """POST item, subject, action, seen and token, with comment and name where the action takes them."""

    page = ("/work-list", "Work list")
    wanted, nothing = "one of the buttons", "Nothing was written"

    def act(self) -> None:
        """Write the entry, and go back to what it is about."""
        said = {name: self.get_body_argument(name, "") for name in _FIELDS}
        back = f"{address('/work-list', item=said['item'] or None)}#item"
        if said["action"] not in ACTIONS or not (said["seen"].isascii() and said["seen"].isdigit()):
            self.refuse(400, f"found the action {said['action']!r}, wanted one of {', '.join(ACTIONS)}.", back)
            return
        try:
            self.held.act(
                said["item"], said["subject"], said["action"], said["comment"], said["to"], int(said["seen"]),
                said["token"],
            )  # fmt: skip
        except WrongToken as error:
            self.refuse(403, str(error), back)
        except MoveRefused as error:
            self.refuse(409, str(error), back)
        except AskedWrongly as error:
            self.refuse(400, str(error), back)
        except (ReportError, LoadError) as error:
            self.refuse(500, str(error), back)
        else:
            self.redirect(back, status=303)
