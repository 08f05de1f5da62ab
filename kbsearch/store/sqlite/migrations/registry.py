"""The set that every migration registers itself in. sqlite-utils applies them in the order of registration."""

from sqlite_utils.migrations import Migrations

MIGRATIONS = Migrations("kbsearch")
