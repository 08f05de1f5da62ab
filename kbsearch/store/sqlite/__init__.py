"""The store in one SQLite file: what only this engine needs."""
