"""Checks and generated files of the repository."""
