"""Downloads of the Elexon portal by scripting key: files by name, and the settlement reports of P114.

    <portal>/file/download/<FILE NAME>?key=          a file, named by the job's path
    <portal>/p114/list?key=&date=&filter=            the reports of a run date: an object, file name to a text
    <portal>/p114/download?key=&filename=            one of them

A job whose path is "p114/list" is asked for the list and then for each report in it.
The portal takes the key in the query, so it is joined to the address on the wire only.
A wrong key is told with a page or a line of text ("Scripting Error 001: ..."); whether
its status is 200 is not known, so both are failures.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from loaders.errors import WrongSettings
from loaders.sources.answers import Answer, Failure
from loaders.sources.attempt import Got, NoAnswer, Request, excerpt
from loaders.sources.content import looks_like_a_page
from loaders.sources.exchange import Exchange, exchange
from loaders.sources.questions import Question
from loaders.sources.settings import Settings

if TYPE_CHECKING:
    import httpx2
    from pydantic import SecretStr

LIST = "p114/list"
KEY = "portal_key"


def answers(
    questions: Iterable[Question],
    settings: Settings,
    told: Callable[[str], None] | None = None,
    client: httpx2.Client | None = None,
    met: Collection[str] = (),
) -> Iterator[Answer | Failure]:
    """The file of each question, or why there is none; of a P114 list every file that has not been met.

    met  names of P114 reports that are kept already: such a report never changes under its name
    Raises WrongSettings when there is no scripting key.
    """
    key = settings.secrets.get(KEY)
    if key is None:
        raise WrongSettings(
            f"{KEY}: found no secret, wanted the scripting key of the Elexon portal. "
            f"Put it into a file {KEY} of the folder that BSC_SECRETS names."
        )
    web = settings.portal
    with exchange(web.url, web.requests_a_minute, settings.limits, client, key) as ours:
        for question in questions:
            if told:
                told(question.name)
            if question.path.strip("/") == LIST:
                yield from _reports(ours, question, web.url.rstrip("/"), key, told, met)
                continue
            address = f"{web.url.rstrip('/')}/file/download/{question.path.strip('/')}"
            yield ours.ask(question, _request(address, question.query, key), fault_of_file)


def _reports(
    ours: Exchange,
    question: Question,
    portal: str,
    key: SecretStr,
    told: Callable[[str], None] | None,
    met: Collection[str],
) -> Iterator[Answer | Failure]:
    listed = ours.ask(question, _request(f"{portal}/{LIST}", question.query, key), _fault_of_list)
    if isinstance(listed, Failure):
        yield listed
        return
    for name in sorted(_names(listed.data)):
        if name in met:
            continue
        if told:
            told(name)
        request = _request(f"{portal}/p114/download", (("filename", name),), key)
        yield ours.ask(question, request, fault_of_file, name)


def _request(address: str, query: Iterable[tuple[str, str]], key: SecretStr) -> Request:
    return Request(address, tuple(query), (("key", key),))


def fault_of_file(got: Got) -> NoAnswer | None:
    """What is wrong with a file of the portal; None when it may be one."""
    if got.data.lstrip().startswith(b"Scripting Error"):
        return _no_entry(got, "an error of the portal")
    if looks_like_a_page(got.data) or got.content_type == "text/html":
        return _no_entry(got, "a page in HTML")
    if not got.data.strip():
        return NoAnswer("an empty file", "a file with rows", "Look at the file name of the job.", got.status)
    return None


def _fault_of_list(got: Got) -> NoAnswer | None:
    if got.data.strip() in (b"[]", b"{}"):
        return None  # no report of that flow on that date
    wrong = fault_of_file(got)
    if wrong:
        return wrong
    try:
        names = _names(got.data)
    except msgspec.DecodeError:
        return NoAnswer(f"no list: {excerpt(got.data)}", "an object of file names", "Ask again later.", got.status)
    # A name becomes the name of a file here, so none may lead elsewhere.
    strange = [name for name in names if not name or "/" in name or "\\" in name or name.startswith(".")]
    if strange:
        return NoAnswer(f"a file named {strange[0]!r}", "plain file names", "Tell the sender of the list.", got.status)
    return None


def _names(data: bytes) -> list[str]:
    """File names of a list: the keys of an object; an empty list of none is written [] too."""
    said: Any = msgspec.json.decode(data, type=dict[str, Any] | list[str])
    return list(said)


def _no_entry(got: Got, found: str) -> NoAnswer:
    return NoAnswer(
        f"{found}: {excerpt(got.data)}",
        "the file itself",
        f"Nothing was kept of it. Look at the scripting key ({KEY}) on the portal, and at the licence that the file "
        "needs.",
        got.status,
    )
