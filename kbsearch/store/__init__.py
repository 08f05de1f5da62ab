"""The truth. The only package that knows SQL; store.port is its contract, store.sqlite the engine behind it.

Modules are named for what they keep. Their functions take an open Read or Write, so that a caller
decides what belongs to one transaction, and a Scope or TenantId: nothing is read without one.
"""
