"""The fields of JSON records, those of objects inside them included, and the values of each as a column.

Which columns there are follows from all records of a file together: where one of them has an object under a name, the
parts of it are columns for the others too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from loaders.formats.raw import ABSENT


@dataclass
class Fields:
    """What the records met so far have.

    names  of fields, in the order in which they came
    parts  name to the fields of the objects that stand under it, where there are any
    plain  names under which something other than an object, null or nothing stands
    """

    names: dict[str, None] = field(default_factory=dict)
    parts: dict[str, dict[str, None]] = field(default_factory=dict)
    plain: set[str] = field(default_factory=set)

    def take_up(self, records: Sequence[dict[str, Any]]) -> None:
        """Take up the fields of more records."""
        shapes = {tuple(record): None for record in records}
        for name in dict.fromkeys(name for shape in shapes for name in shape):
            self.names.setdefault(name)
            kinds = {type(record[name]) for record in records if name in record} - {type(None)}
            objects = {kind for kind in kinds if issubclass(kind, dict)}
            if kinds - objects:
                self.plain.add(name)
            if objects:
                inside = [value for record in records if isinstance(value := record.get(name), dict)]
                parts = self.parts.setdefault(name, {})
                parts.update((part, None) for value in inside for part in value if part not in parts)

    def join(self, other: Fields) -> None:
        """Take up what others have met."""
        for name in other.names:
            self.names.setdefault(name)
        for name, parts in other.parts.items():
            own = self.parts.setdefault(name, {})
            own.update((part, None) for part in parts if part not in own)
        self.plain |= other.plain

    @property
    def laid_out(self) -> list[str]:
        """The names of the columns, in their order."""
        found: list[str] = []
        for name in self.names:
            found += [name] if name not in self.parts or name in self.plain else []
            found += [f"{name}.{part}" for part in self.parts.get(name, ())]
        return found

    def columns(self, records: Sequence[dict[str, Any]]) -> dict[str, Sequence[Any]]:
        """Field to its values, one a record, ABSENT where a record does not have it; objects by their parts.

        The fields of an object are `pairVolumes.negative1`; null is an object with nothing in it. Where some records
        have a plain value, it is there too under the name of the field, as it stands: whichever of the two forms a job
        reads, the odd ones are refused and not passed over.
        """
        found: dict[str, Sequence[Any]] = {}
        for name in self.names:
            values = [record.get(name, ABSENT) for record in records]
            if name not in self.parts or name in self.plain:
                found[name] = values
            for part in self.parts.get(name, ()):
                found[f"{name}.{part}"] = [
                    value.get(part, ABSENT) if isinstance(value, dict) else _no_object(value) for value in values
                ]
        return found


def _no_object(value: Any) -> Any:
    """What a value that is no object says of a field within it: nothing, or what no column takes."""
    return value if value is None or value is ABSENT else [value]
