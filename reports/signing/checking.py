"""Whether a signature holds: its bytes, its place in the chain, and that its key counted then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reports.found_wrong import Wrong
from reports.manifest import sha256
from reports.signing import chain
from reports.signing.records import AGAIN, NotAsWritten, read
from reports.signing.signing import ENDING, MANIFEST, Signature, signature_path
from reports.signing.trust import Trust


@dataclass(frozen=True)
class Found:
    """What is known of the signature of a report.

    state  "not signed", "not checked" (no public key was given), "holds" or "wrong"
    """

    state: str
    key_id: str | None = None
    holder: str | None = None
    signed_at: str | None = None

    def __str__(self) -> str:
        if self.state == "not signed":
            return "Integrity was checked. The report is not signed: who made it is not proven."
        if self.state == "not checked":
            return (
                f"Integrity was checked, the signature (key {self.key_id}, {self.signed_at}) was not: "
                "no public key was given. Give one with --key."
            )
        if self.state == "holds":
            return f"Signed by {self.holder}, key {self.key_id}, at {self.signed_at}."
        return "The signature does not hold."


def read_lines(folder: Path) -> tuple[list[chain.Line] | None, list[Wrong]]:
    """The chain of a folder, None where it is broken, and what is wrong with it."""
    try:
        return chain.read_chain(folder), []
    except NotAsWritten as error:
        return None, [error.wrong]


def check(manifest: Path, lines: Sequence[chain.Line] | None, trust: Trust) -> tuple[Found, list[Wrong]]:
    """The signature of a manifest, and what is wrong with it.

    lines  the chain of its folder; None: broken, and told already
    """
    path = signature_path(manifest)
    last = next((line for line in reversed(lines or ()) if line.file == path.name), None)
    if not path.is_file():
        return _absent(path, last, trust)
    try:
        held = read(path, Signature)
    except NotAsWritten as error:
        return Found("wrong"), [error.wrong]
    wrong = _of_manifest(path, held, manifest)
    holder = None
    if trust.given:
        about = _by_whom(path, held, trust)
        wrong += about
        holder = trust.accepted[held.key_id].holder if held.key_id in trust.accepted else None
    if not wrong and lines is not None:
        wrong += _in_chain(path, held, last, proven=trust.given)
    state = "wrong" if wrong or lines is None else "holds" if trust.given else "not checked"
    return Found(state, held.key_id, holder, held.signed_at), wrong


def _absent(path: Path, last: chain.Line | None, trust: Trust) -> tuple[Found, list[Wrong]]:
    if last is not None:
        wanted = f"the signature that line {last.number} of {chain.FILE} names"
        return Found("wrong"), [Wrong(path.name, "no such file", wanted, AGAIN)]
    if trust.given:
        todo = "Ask the sender for a signed report; without a key, integrity alone is checked."
        return Found("not signed"), [Wrong(path.name, "no such file", "a signature by the key you gave", todo)]
    return Found("not signed"), []


def _of_manifest(path: Path, held: Signature, manifest: Path) -> list[Wrong]:
    found = sha256(manifest.read_bytes())
    if (held.manifest, held.manifest_sha256) == (manifest.name, found):
        return []
    said = f"the signature of {held.manifest} with SHA-256 {held.manifest_sha256}"
    return [Wrong(path.name, said, f"one of {manifest.name} with SHA-256 {found}", AGAIN)]


def _by_whom(path: Path, held: Signature, trust: Trust) -> list[Wrong]:
    return by_whom(path.name, held.key_id, held.signature, held.content(), held.signed_at, trust)


def by_whom(where: str, key_id: str, signature: str, content: bytes, at: str, trust: Trust) -> list[Wrong]:
    """Whether an accepted key signed some bytes, and counted when it did; `where` names what is signed."""
    record = trust.accepted.get(key_id)
    if record is None:
        known = ", ".join(f"{one.key_id} of {one.holder}" for one in trust.accepted.values()) or "none"
        todo = "Take it for unsigned, or get the public key from its holder by a way you trust."
        return [Wrong(where, f"a signature by key {key_id}, unknown to you", f"one by {known}", todo)]
    if not record.holds(signature, content):
        return [Wrong(where, "a content that its key did not sign", "the signature as written", AGAIN)]
    if at < record.valid_from:
        found = f"a signature of {at} by a key that was not valid yet"
        return [Wrong(where, found, f"one from {record.valid_from} on", "Ask its holder to sign again.")]
    lost = trust.revoked.get(key_id)
    if lost is not None and at >= lost.revoked_at:
        found = f"a signature of {at} by a key revoked at {lost.revoked_at} ({lost.reason})"
        return [Wrong(where, found, "one by a key that counted then", "Ask its holder to sign with another key.")]
    return []


def _in_chain(path: Path, held: Signature, last: chain.Line | None, proven: bool) -> list[Wrong]:
    """Whether the chain holds this signature at its place; `proven`: the signature itself is beyond doubt."""
    if last is None:
        found = f"no line of {path.name}: the chain is cut off at its end, or is not there"
        return [Wrong(chain.FILE, found, f"its line {held.number}", AGAIN)]
    said = (last.signature_sha256, last.number, last.previous, last.at)
    if said == (sha256(path.read_bytes()), held.number, held.previous, held.signed_at):
        return []
    if proven:
        return [Wrong(chain.FILE, f"line {last.number} about {path.name}", f"its line {held.number} as signed", AGAIN)]
    wanted = f"the signature that line {last.number} of {chain.FILE} names"
    return [Wrong(path.name, "another signature", wanted, AGAIN)]


def check_folder(folder: Path, lines: Sequence[chain.Line] | None) -> list[Wrong]:
    """What only a whole folder shows: a file that the chain names and is gone, a signature without its manifest."""
    wrong = []
    for path in sorted(folder.glob(f"*{ENDING}")):
        manifest = path.with_name(path.name.removesuffix(ENDING) + MANIFEST)
        if not manifest.is_file():
            wrong.append(Wrong(manifest.name, "no such file", f"the manifest that {path.name} signs", AGAIN))
    last = {line.file: line for line in lines or ()}
    for file, line in last.items():
        manifest = (folder / file).with_name(file.removesuffix(ENDING) + MANIFEST)
        if not (folder / file).is_file() and not manifest.is_file():  # else its report tells
            wanted = f"the signature that line {line.number} of {chain.FILE} names"
            wrong.append(Wrong(file, "no such file", wanted, AGAIN))
    return wrong
