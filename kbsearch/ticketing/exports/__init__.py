"""Exports of ticket systems and their knowledge bases, read through a mapping that says which column is what."""
