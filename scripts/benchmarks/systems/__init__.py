"""kbsearch and its peers behind one small protocol, each used as its own documentation recommends."""
