"""Taking personal data and secrets out of a text before it is stored for search.

Finds are recognised by their form (and checksum, if there is one) or by their context; error
codes, versions and KB numbers stay. Each find is replaced by its kind in angle brackets, so that a
reader sees that something stood there.
"""

from kbsearch.text.redaction.finds import Find, Kind
from kbsearch.text.redaction.redactor import Redactor

__all__ = ["Find", "Kind", "Redactor"]
