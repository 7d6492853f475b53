"""XML answers: of Insights (`format=xml`), and of the BMRS before it.

    <...><metadata><datasets><string>BOALF</string></datasets></metadata>
         <data><...><settlementDate>2024-01-15</settlementDate>...</...>...</data></...>
    <response><responseMetadata/><responseHeader/>
              <responseBody><responseList><item>...</item>...</responseList></responseBody></response>

Source: of the second form, public readers (find `responseBody/responseList/item`) and the BMRS API and Data Push
User Guide. Of the first, the parameter `format` of the Insights API ("use json/xml to include metadata"): it is the
JSON answer in another dress; no answer of it was at hand, so element names, their case and namespaces are not relied
on. Records are the children of `data`, of `responseList` or of a list at the top (`ArrayOf...`), else what is named
`item`, else the outermost element that repeats.

A child of a record is a field, a child of that is `outer.inner`. Attributes say nothing, but for `xsi:nil`. Nil,
empty, and (writers of XML leave nulls out) not there while other records have it: null. All values are text.
A file whose end is missing gives the records before the break. Document types and entities are refused.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from loaders.errors import Finding, UnreadableFile
from loaders.formats.raw import RawFile, RawTable
from loaders.formats.text import NOT_UTF8, is_broken

MOST_DEEP = 4  # elements inside a record
_ENCODING = re.compile(r"""^\s*<\?xml[^>]*encoding\s*=\s*["']([\w.-]+)["']""")
# XML has no way to carry bytes that are not of its encoding: they travel as letters for private use.
_PRIVATE = {code: code - 0xDC00 + 0xF700 for code in NOT_UTF8}
_BACK = {private: code for code, private in _PRIVATE.items()}

Path = tuple[str, ...]

FAR = 20  # names of a path that are looked at: lists and records lie nearer, and a path of thousands would cost as many


def read(file: str, text: str) -> RawFile:
    """The records of an answer. Raises UnreadableFile where there is no list of them, and for a document type."""
    odd = is_broken(text)
    data = _bytes(text, odd)
    try:
        told = _list_of(data)
        records = _Records(file, told, odd) if told else None
        raw = records.read(data) if records else None
    except (ValueError, LookupError) as error:  # DefusedXmlException is a ValueError, an unknown encoding the other
        found, wanted = f"{type(error).__name__}: {error}"[:120], "XML in UTF-8 without document type and entities"
        todo = "Nothing of it was read. Fetch the file again, or ask the sender."
        raise UnreadableFile(Finding(file, 0, "", found, wanted, todo)) from None
    if raw is None or records is None or records.only_text:
        wanted = "a list of records, as children of data or of responseList"
        raise UnreadableFile(Finding(file, 0, "", "no list of records", wanted, "Fetch it again."))
    return raw


def _bytes(text: str, odd: bool) -> bytes:
    declared = _ENCODING.match(text[:200])
    if odd and (declared is None or declared.group(1).lower() in ("utf-8", "utf8")):
        return text.translate(_PRIVATE).encode("utf-8")
    return text.encode("utf-8", errors="surrogateescape")


def _events(data: bytes) -> Iterator[tuple[str, Any]]:
    from defusedxml.ElementTree import iterparse

    yield from iterparse(io.BytesIO(data), events=("start", "end"), forbid_dtd=True)


def _name(tag: str) -> str:
    return tag.rpartition("}")[2]


def _is_list(path: Sequence[str]) -> bool:
    name = path[-1].lower()
    return name == "responselist" or (len(path) == 2 and name == "data") or (len(path) == 1 and name[:7] == "arrayof")


def _list_of(data: bytes) -> tuple[Path, bool] | None:
    """The path of the list of records, and whether all its children are records; else that of a record itself."""
    from defusedxml.ElementTree import ParseError

    path: list[str] = []
    seen: Counter[Path] = Counter()
    above: list[Any] = []
    try:
        for event, element in _events(data):
            if event == "start":
                name = _name(element.tag)
                path.append(name)
                above.append(element)
                if _is_list(path):
                    return tuple(path), True
                seen[tuple(path[:FAR])] += 1
            else:
                path.pop()
                above.pop()
                if above:
                    above[-1].remove(element)
    except ParseError:
        pass  # what came before the break is told of by the reading
    parents = {one[:-1] for one in seen}
    full = [one for one in seen if one in parents and len(one) > 1]
    named = [one for one in full if one[-1].lower() == "item"]
    found = named or [one for one in full if seen[one] > 1]
    return (min(found, key=len), False) if found else None


class _Records:
    """The records of one file, gathered as they are read; what was read is let go."""

    def __init__(self, file: str, told: tuple[Path, bool], odd: bool):
        self.file, (self.path, self.children), self.odd = file, told, odd
        self.fields: dict[str, list[str | None]] = {}
        self.places: list[int] = []
        self.broken: list[Finding] = []
        self.says: set[str] = set()
        self.count = 0
        self.only_text = False  # what should be a list is a sentence: an error, not an empty answer

    def read(self, data: bytes) -> RawFile:
        from defusedxml.ElementTree import ParseError

        path: list[str] = []
        above: list[Any] = []
        deep = len(self.path) + self.children
        cut = None
        try:
            for event, element in _events(data):
                if event == "start":
                    path.append(_name(element.tag))
                    above.append(element)
                    continue
                size, here = len(path), tuple(path[:FAR])
                path.pop()
                above.pop()
                if size == deep and here[: len(self.path)] == self.path:
                    self._take(element)
                elif "datasets" in (one.lower() for one in here[:-1]) and element.text:
                    self.says.add(element.text.strip())
                elif size == len(self.path) and here == self.path and not self.count:
                    self.only_text = bool((element.text or "").strip())
                # Inside a record nothing is let go before the record is whole.
                if above and not (size > deep and here[: len(self.path)] == self.path):
                    above[-1].remove(element)
        except ParseError as error:
            todo = f"The {self.count} records before it were read. Fetch the file again and load it."
            found = f"text that breaks off ({error})"
            cut = Finding(self.file, self.count + 1, "", found, "a whole XML answer", todo)
        named = {value for name, said in self.fields.items() if name.lower() == "dataset" for value in said if value}
        table = RawTable(dict(self.fields), np.array(self.places, dtype=np.int64))
        says = frozenset((self.says | named) - {""})
        return RawFile("xml", {"": table}, says, broken=self.broken, cut=cut, counts={"": self.count})

    def _take(self, record: Any) -> None:
        self.count += 1
        values: dict[str, str | None] = {}
        fault = None if len(record) else "no fields"
        inside = [("", child, 1) for child in reversed(record)]
        while inside and not fault:
            before, element, depth = inside.pop()
            name = before + _name(element.tag)
            if name in values:
                fault = f"{name} twice"
            elif depth > MOST_DEEP:
                fault = f"elements {depth} deep"
            elif len(element):
                inside += [(f"{name}.", child, depth + 1) for child in reversed(element)]
            else:
                values[name] = self._value(element)
        if fault:
            todo = "Correct the record, or tell the owner of the job."
            self.broken.append(Finding(self.file, self.count, "", fault, "a record of fields, each of them once", todo))
            return
        for name, value in values.items():
            self.fields.setdefault(name, [None] * len(self.places)).append(value)
        self.places.append(self.count)
        for name in self.fields.keys() - values.keys():
            self.fields[name].append(None)

    def _value(self, element: Any) -> str | None:
        nil = any(_name(name) == "nil" and said in ("true", "1") for name, said in element.attrib.items())
        text = None if nil else element.text
        return text.translate(_BACK) if text and self.odd else text or None
