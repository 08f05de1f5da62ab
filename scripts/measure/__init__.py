"""Measurements of quality and cost."""
