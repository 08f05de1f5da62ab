"""Processes that are killed while they write, and what must hold in the folder that they leave."""
