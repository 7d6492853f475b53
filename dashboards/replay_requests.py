"""The button Replay of the page Loads, as its form sends it."""

from __future__ import annotations

from dashboards.address import address
from dashboards.errors import Busy, WrongAddress, WrongToken
from dashboards.own_requests import OwnRequests

PATH = "/loads/replay"


class ReplayRequests(OwnRequests):
    """POST job and token."""

    page = ("/loads", "Loads")
    wanted, nothing = "the button Replay", "Nothing was replayed"

    def act(self) -> None:
        """Start a replay, and go back to the page of the job."""
        job, token = self.get_body_argument("job", ""), self.get_body_argument("token", "")
        try:
            where = address("/loads", job=job)
            self.held.replay(job, token)
        except WrongToken as error:
            self.refuse(403, str(error))
        except WrongAddress as error:
            self.refuse(400, str(error))
        except Busy as error:
            self.refuse(409, str(error))
        else:
            self.redirect(f"{where}#job", status=303)
