"""Numbers of PostgreSQL's advisory locks; every lock of the service is listed here."""

MIGRATION = 0x68616E736801  # one migration at a time
WRITER = 0x68616E736802  # held while changes are numbered, so that numbers appear in order
SCHEDULER = 0x68616E736803  # held by the one worker whose clock runs
WORKER_CLASS = 0x68616E  # first half of a pair; the second half is the worker's id
