"""The SQLite engine of the store: everything specific to SQLite."""
