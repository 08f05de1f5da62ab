"""The part that kbsearch uses."""

from pathlib import Path

def get_model_path() -> Path: ...
