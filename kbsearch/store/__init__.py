"""The truth: SQLite through sqlite-utils. The only room that knows SQL.

Modules are named for what they keep. Their functions take an open Read or Write, so that a caller
decides what belongs to one transaction, and a Scope or TenantId: nothing is read without one.
"""
