"""The forms of the page Work list, as they are sent: assign, comment, close, reopen, sign off, open a dispute."""

from __future__ import annotations

from dashboards.address import address
from dashboards.errors import WrongToken
from dashboards.own_requests import OwnRequests
from loaders.errors import LoadError
from reports.errors import ReportError
from reports.signoff.recording import MoveRefused
from reports.work.listed import ACTIONS
from settlement.command_line import AskedWrongly
from settlement.errors import SettlementError

PATH = "/work-list/act"
_FIELDS = ("item", "subject", "action", "comment", "to", "party", "token", "seen")
_DISPUTE = "dispute"
_WANTED = (*ACTIONS, _DISPUTE)


class WorkRequests(OwnRequests):
    """POST item, subject, action, seen and token, with comment and name where the action takes them."""

    page = ("/work-list", "Work list")
    wanted, nothing = "one of the buttons", "Nothing was written"

    def act(self) -> None:
        """Write the entry, and go back to what it is about."""
        said = {name: self.get_body_argument(name, "") for name in _FIELDS}
        back = f"{address('/work-list', item=said['item'] or None)}#item"
        if said["action"] not in _WANTED or not (said["seen"].isascii() and said["seen"].isdigit()):
            self.refuse(400, f"found the action {said['action']!r}, wanted one of {', '.join(_WANTED)}.", back)
            return
        what, seen, token = (said["item"], said["subject"]), int(said["seen"]), said["token"]
        try:
            if said["action"] == _DISPUTE:
                made = self.held.open_dispute(*what, said["comment"], said["party"], seen, token)
                back = f"{address('/work-list', item=made)}#item"
            else:
                self.held.act(*what, said["action"], said["comment"], said["to"], seen, token)
        except WrongToken as error:
            self.refuse(403, str(error), back)
        except MoveRefused as error:
            self.refuse(409, str(error), back)
        except (AskedWrongly, SettlementError) as error:
            self.refuse(400, str(error), back)
        except (ReportError, LoadError) as error:
            self.refuse(500, str(error), back)
        else:
            self.redirect(back, status=303)
