"""Kept answers stay within their bound, and the ones asked for last stay longest."""

from __future__ import annotations

from publish.api.ready import Ready, ReadyAnswers


def key(name):
    return ("run", 1, name, "json")


def test_the_oldest_asked_for_goes_when_the_bound_is_reached():
    held = ReadyAnswers(most_bytes=25)
    for name in ("a", "b"):
        held.keep(key(name), Ready(b"0123456789", "application/json", {}))
    held.get(key("a"))

    held.keep(key("c"), Ready(b"0123456789", "application/json", {}))

    assert [held.get(key(name)) is not None for name in ("a", "b", "c")] == [True, False, True]


def test_an_answer_kept_again_counts_once():
    held = ReadyAnswers(most_bytes=25)
    for _ in range(5):
        held.keep(key("a"), Ready(b"0123456789", "application/json", {}))

    held.keep(key("b"), Ready(b"0123456789", "application/json", {}))

    assert held.get(key("a")) is not None


def test_equal_bytes_have_equal_etags_and_others_do_not():
    first, same, other = (Ready(body, "text/csv", {}).etag for body in (b"1.0", b"1.0", b"1.1"))

    assert first == same != other
