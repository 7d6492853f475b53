"""Layouts of pipe-delimited flows: which records, how wide, and whose children they are.

Source: the interface definition (IDD Part 1) as public readers, a public schema report and the published field tables
give it; what is not in a table here is not read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Flow:
    """What a version of a flow holds.

    top      the record that says what day (and run) the file is of, and the places where it does
    widths   fields of each record that is taken apart; a version only ever appends
    parents  the record under which each of them stands; "" for the first of the file
    carried  fields of a parent that its children bear too, as "SP7:1"
    rows     the records that become rows
    counted  records that are known and only counted: a file holds millions of them
    made     fields of the AAA record that every row bears
    repeats  whether the first record may come again, each time with a day of its own
    says_none  whether a file without records of a kind says that there are none
    """

    top: tuple[str, tuple[int, ...]]
    widths: dict[str, int]
    parents: dict[str, str]
    carried: dict[str, tuple[int, ...]]
    rows: frozenset[str]
    counted: frozenset[str] = frozenset()
    made: tuple[int, ...] = (3,)
    repeats: bool = False
    says_none: bool = False

    def line_of(self, code: str) -> list[str]:
        """A record and those above it, from the top.

        >>> FLOWS["S0142", "013"].line_of("BP7")
        ['SRH', 'BPH', 'SP7', 'BP7']
        """
        above = self.parents.get(code, "")
        return [*(self.line_of(above) if above else []), code]


_SETTLEMENT_REPORT = Flow(
    top=("SRH", (1, 2)),
    widths={"SRH": 8, "SPI": 53, "BPH": 8, "APC": 12, "SP7": 1, "APD": 14, "BP7": 25},
    parents={"SRH": "", "SPI": "SRH", "BPH": "SRH", "APC": "BPH", "SP7": "BPH", "APD": "SP7", "BP7": "SP7"},
    carried={"SRH": (1, 2, 3), "BPH": (8,), "SP7": (1,)},
    rows=frozenset({"SPI", "APC", "APD", "BP7"}),
    counted=frozenset(
        {"MD1", "DB1", "TRA", "BPI", "RUE", "RUI", "RDE", "RDI", "MEL", "MIL"}
        | {"BO4", "BO3", "BO6", "BO7", "PPC", "SSD", "MD2", "DB2", "APB", "MVR"}
    ),
)

FLOWS = {
    ("S0142", "013"): _SETTLEMENT_REPORT,
    ("S0142", "014"): replace(_SETTLEMENT_REPORT, widths=_SETTLEMENT_REPORT.widths | {"APC": 13, "BP7": 27}),
    # CDCA-I042, BM Unit aggregation report.
    ("C0421", "002"): Flow(
        top=("ABV", (2, 3)),
        widths={"ABV": 5, "ABP": 4},
        parents={"ABV": "", "ABP": "ABV"},
        carried={"ABV": (1, 2, 3, 4)},
        rows=frozenset({"ABP"}),
        repeats=True,
    ),
    # ECVAA-I014, notification report.
    ("E0141", "004"): Flow(
        top=("NOH", (1,)),
        widths={"NOH": 2, "SP8": 1, "ECN": 11, "MV9": 13},
        parents={"NOH": "", "SP8": "NOH", "ECN": "SP8", "MV9": "SP8"},
        carried={"NOH": (1, 2), "SP8": (1,)},
        rows=frozenset({"ECN", "MV9"}),
        made=(3, 7),
        says_none=True,
        counted=frozenset({"DSI", "AED", "MEI", "IDD", "CAT", "ACE", "ACT", "CL9"}),
    ),
}
