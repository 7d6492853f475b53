"""Signing on the command line: `bsc sign REPORT`, `bsc sign keys`, `bsc sign revoke`, and what `bsc verify` does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from reports.asked import a_moment, opened
from settlement.command_line import AsJson, AskedWrongly, Home, answer, working

if TYPE_CHECKING:
    from typer._click.core import Context  # only to say it: Typer brings its own


class ReportOrVerb(TyperGroup):
    """A group whose first word may be a report: `bsc sign REPORT` means `bsc sign report REPORT`."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Put the verb in front where it is left out."""
        named = args and (args[0] in self.commands or args[0] in ("-h", "--help"))
        return super().parse_args(ctx, args if named or not args else ["report", *args])


sign = typer.Typer(cls=ReportOrVerb, no_args_is_help=True, rich_markup_mode=None, help="Sign reports; make keys.")
Key = Annotated[str | None, typer.Option("--key", help="Id of the key to sign with; left out: the only one.")]


@sign.command("report")
def report(
    target: Annotated[Path, typer.Argument(metavar="REPORT_OR_FOLDER", help="A report, its manifest, or a folder.")],
    key: Key = None,
    home: Home = Path("workspace"),
    as_json: AsJson = False,
) -> None:
    """Sign a report, or every report of a folder; the word `report` may be left out.

    Example:  bsc sign settlement-2024-01-15-IP.html
    """
    from loaders.errors import StoreUnavailable
    from reports.errors import ReportError
    from reports.signing.keys import keys_folder, signing_key
    from reports.signing.signing import MANIFEST
    from reports.signing.signing import sign as sign_one

    if target.is_dir():
        manifests = sorted(target.glob(f"*{MANIFEST}"))
    else:
        stem = target.name.removesuffix(MANIFEST).removesuffix(".html")
        manifests = [one for one in [target.with_name(stem + MANIFEST)] if one.is_file()]
    if not manifests:
        raise AskedWrongly(f"{target}: found no manifest, wanted a report with its manifest beside it. Correct it.")
    keys = keys_folder(home)
    signer = signing_key(keys, key)
    entries: list[dict[str, Any]] = []
    for manifest in manifests:
        try:
            done = sign_one(manifest, signer, keys)
            entries.append({"file": manifest.name, "good": True, "new": done.new, "said": done.said})
        except (ReportError, StoreUnavailable, AskedWrongly) as error:
            if len(manifests) == 1:
                raise
            entries.append({"file": manifest.name, "good": False, "new": False, "said": str(error)})
    answer(entries, as_json, "\n".join(f"{one['file']}: {one['said']}" for one in entries))
    if not all(one["good"] for one in entries):
        raise typer.Exit(1)


@sign.command("keys")
def keys(
    holder: Annotated[str, typer.Option("--holder", help="Who answers for the signatures, as readers will see it.")],
    succeeds: Annotated[str | None, typer.Option("--succeeds", help="Id of the key that it follows.")] = None,
    valid_from: Annotated[str | None, typer.Option("--valid-from", help="UTC instant; left out: at once.")] = None,
    home: Home = Path("workspace"),
    as_json: AsJson = False,
) -> None:
    """Make an Ed25519 pair in BSC_SIGN_KEYS, or keys/ of the workspace; encrypted if BSC_SIGN_PASSPHRASE_FILE is set.

    Example:  bsc sign keys --holder "Settlement desk"
    """
    import os

    from reports.signing.keys import PASSPHRASE, keys_folder, make_key
    from reports.signing.public_records import ENDING

    folder = keys_folder(home)
    record = make_key(folder, holder, succeeds=succeeds, valid_from=a_moment(valid_from, "--valid-from"))
    path = folder / f"{record.key_id}{ENDING}"
    locked = bool(os.environ.get(PASSPHRASE))
    lines = [f"key {record.key_id} of {record.holder}, valid from {record.valid_from}", f"public record {path}"]
    if record.succeeds:
        lines.append(f"follows key {record.succeeds}: whoever accepts that one accepts this one")
    if not locked:
        lines.append(f"the private key is NOT encrypted: {PASSPHRASE} names no file. Only its owner may read it.")
    answer({"public_record": str(path), "encrypted": locked, **record.data()}, as_json, "\n".join(lines))


@sign.command("revoke")
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="KEY_ID", help="Id of the key that no longer counts.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, as readers will see it.")],
    key: Key = None,
    home: Home = Path("workspace"),
    as_json: AsJson = False,
) -> None:
    """Put a key on the signed list of revoked ones: its signatures from now on do not count.

    Example:  bsc sign revoke 0123456789abcdef0123456789abcdef --reason "Laptop lost"
    """
    from reports.signing.keys import keys_folder, signing_key
    from reports.signing.revocation import revoke as put_on_the_list
    from reports.signing.revocation import revoked_in

    folder = keys_folder(home)
    path = put_on_the_list(folder, key_id, reason, signing_key(folder, key))
    held = revoked_in(folder)[key_id]
    answer(
        {"list": str(path), **held.data()}, as_json,
        f"key {key_id} revoked from {held.revoked_at} ({held.reason})\n{path}: give it to all who verify",
    )  # fmt: skip


def verified(
    target: Path, keys: Sequence[Path], revoked: Path | None, rerun: tuple[Path, Path | None] | None, as_json: bool
) -> None:
    """What `bsc verify` says and leaves with; `rerun`: the workspace to settle again in, and the assumed file."""
    from reports.verification import verify, verify_folder

    if target.suffix == ".zip" and target.is_file():
        from reports.disputes.zipped import verify_zip

        if rerun is not None:
            raise AskedWrongly(f"{target}: found a zip, wanted one report with --rerun. Unpack it, name its HTML.")
        whole = verify_zip(target, keys, revoked)
        answer(whole.as_dict(), as_json, str(whole))
        good = whole.good
    elif target.is_dir():
        if rerun is not None:
            raise AskedWrongly(f"{target}: found a folder, wanted one report with --rerun. Name its HTML.")
        folder = verify_folder(target, keys, revoked)
        answer(folder.as_dict(), as_json, str(folder))
        good = folder.good
    elif not target.is_file():
        raise AskedWrongly(f"{target}: found no file, wanted a report. Correct the path.")
    else:
        verdict = verify(target, keys, revoked)
        if rerun is None or not verdict.good:
            answer(verdict.as_dict(), as_json, str(verdict))
            good = verdict.good
        else:
            from reports.signing.rerun import settled_again

            typer.echo(str(verdict.signature), err=True)
            with working("settling again", as_json):
                again = settled_again(verdict.manifest, rerun[0], rerun[1])
            answer(verdict.as_dict() | {"rerun": again.as_dict()}, as_json, str(again))
            good = again.good
    if not good:
        raise typer.Exit(1)


def chain_verified(home: Path, keys: Sequence[Path], revoked: Path | None, as_json: bool) -> None:
    """What `bsc verify --home` says of the sign-off chain of a workspace, and leaves with."""
    from reports.signoff.checking import check_chain

    with opened(home, "one, or a report to verify. Name one of them.") as store:
        verdict = check_chain(store, keys, revoked)
    answer(verdict.as_dict(), as_json, str(verdict))
    if not verdict.good:
        raise typer.Exit(1)
