"""kbsearch: the memory of an IT service desk."""

__version__ = "0.2.0"
