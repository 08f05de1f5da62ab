"""Taking personal data and secrets out of a text before it is stored for search.

What goes is told by its form (and checksum, where there is one) or by its place in the text; error
codes, versions and KB numbers stay. Each find is replaced by its kind in angle brackets, so that a
reader sees that something stood there.
"""

from kbsearch.text.redaction.finds import Find, Kind
from kbsearch.text.redaction.redactor import Redactor

__all__ = ["Find", "Kind", "Redactor"]
