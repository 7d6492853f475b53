"""The steps that bring a workspace of any age to the present tables."""

# The newest step: a workspace that is there already is opened without alembic, whose import is slow.
HEAD = "0007"
