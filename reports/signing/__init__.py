"""Signatures of reports: who answers for a file, provable offline and without a workspace.

keys             Ed25519 pairs: the private half in a folder of its own
public_records   the public half, whose it is, and which key it follows
revocation       the signed list of keys that no longer count
chain            what was signed in a folder, in which order
signing          a signature beside a manifest, and its line in the chain
trust            which keys a reader accepts
checking         whether a signature holds
rerun            the report settled again

All files are written in one form only (`manifest.canonical`), so that every byte counts.
"""
