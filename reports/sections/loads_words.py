"""Sentences about loads, made from the figures that stand beside them."""

from __future__ import annotations

from collections.abc import Collection

from reports.loads_records import NEEDS_A_PERSON, Matrix, Refusals, Wall

_SAID = {
    "failing": ("is failing", "are failing"),
    "quarantined": ("has rows or files in quarantine", "have rows or files in quarantine"),
    "late": ("is late", "are late"),
    "drifting": ("drifts", "drift"),
}


def lead_sentence(wall: Wall) -> str:
    """What a manager can repeat: 3 of 136 jobs are late, 2 have rows or files in quarantine."""
    counts, whole = wall.counts(), len(wall.jobs)
    parts: list[str] = []
    for state in NEEDS_A_PERSON:
        if counts[state]:
            of = f" of {whole} jobs" if not parts else ""
            parts.append(f"{counts[state]}{of} {_SAID[state][counts[state] != 1]}")
    said = f"{', '.join(parts)}." if parts else f"None of {whole} jobs is late, failing, refused or drifting."
    if counts["never"]:
        said += f" Of {counts['never']} nothing has ever come."
    if not wall.fetches:
        said += " Files are brought here, none is fetched, so none can be late."
    return said


def finding(matrix: Matrix) -> str:
    """The title of a matrix, a finding in a few words."""
    whole, odd = len(matrix.lines), sum(line.odd for line in matrix.lines)
    if not whole:
        return "Nothing has come"
    if whole == 1:
        line = matrix.lines[0]
        lacking = line.count("missing") + line.count("incomplete")
        of = "periods" if matrix.of == "period" else "days"
        name = line.dataset.replace("_", " ")
        name = name[0].upper() + name[1:]
        if not lacking:
            return f"{name} came whole"
        return f"{name}: {lacking} of {len(line.cells)} {of} missing or incomplete"
    if not odd:
        return f"All {whole} datasets came whole"
    return f"{odd} of {whole} datasets {'is' if odd == 1 else 'are'} missing something"


def drawn(matrix: Matrix) -> str:
    """Below the title of a matrix: what is drawn."""
    of = "Settlement Period" if matrix.of == "period" else "Settlement Day"
    silent = f" {matrix.silent} datasets of which nothing ever came are left out." if matrix.silent else ""
    return f"A row a dataset, a cell a {of}; at the end of a row how many came whole.{silent}"


def spans(numbers: Collection[int]) -> str:
    """Numbers as they are said: 3 to 5, 9."""
    from loaders.duty.expected import spans as said

    return said(numbers)


def refused(refusals: Refusals) -> str:
    """How many rows were refused, and how many of those that are shown have been made good since."""
    if not refusals.count:
        return "Nothing was refused."
    mended = sum(row.mended for row in refusals.rows)
    said = f"{refusals.count} {'refusal' if refusals.count == 1 else 'refusals'}"
    if len(refusals.rows) < refusals.count:
        said += f", {len(refusals.rows)} shown"
    return (
        f"{said}; what {mended} of them {'is' if mended == 1 else 'are'} about has come whole since."
        if mended
        else f"{said}."
    )
