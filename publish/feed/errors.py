"""What can go wrong on the feed.

FeedError
├── BrokerNotInstalled   Java or ActiveMQ is missing
├── BrokerNotStarted     the broker died or gave no answer in time
├── PortTaken            something else listens on the port asked for
├── AlreadyRunning       a broker or a relay works on this workspace already
├── NoWorkspace          the folder asked for is not there
├── NoBroker             nobody answers at the address
├── LinkLost             the connection to the broker broke or fell silent
├── NotLoopback          an address outside this machine, while the feed has no keys
├── BadName              a subscriber's name that cannot be part of a queue's name
└── BadMessage           a message that is not one of the feed's
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FeedFinding:
    """Where something is wrong on the feed, and what to do about it."""

    where: str
    found: str
    wanted: str
    todo: str

    def __str__(self) -> str:
        return f"{self.where}: found {self.found}, wanted {self.wanted}. {self.todo}"


class FeedError(Exception):
    """The base of all errors of the feed; its one argument is the FeedFinding."""

    @property
    def finding(self) -> FeedFinding:
        return self.args[0]


class BrokerNotInstalled(FeedError):
    """Java or ActiveMQ is missing on this machine."""


class BrokerNotStarted(FeedError):
    """The broker died or gave no answer in time."""


class PortTaken(FeedError):
    """Something else listens on the port asked for."""


class AlreadyRunning(FeedError):
    """A broker or a relay works on this workspace already."""


class NoWorkspace(FeedError):
    """The folder asked for is not there."""


class NoBroker(FeedError):
    """Nobody answers at the address."""


class LinkLost(FeedError):
    """The connection to the broker broke or fell silent."""


class NotLoopback(FeedError):
    """An address outside this machine, while the feed has no keys."""


class BadName(FeedError):
    """A subscriber's name that cannot be part of a queue's name."""


class BadMessage(FeedError):
    """A message that is not one of the feed's."""
