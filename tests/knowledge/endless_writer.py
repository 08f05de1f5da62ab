"""Writes tickets back and prints the number of each one that was answered, until it is killed."""

import itertools
import sys
from pathlib import Path

from kbsearch.bootstrap import embedded
from knowledge.made import resolve
from scripts.harness.hashing import HashingEmbedder

kb = embedded(Path(sys.argv[1]), lambda name: HashingEmbedder())
for number in itertools.count():
    resolve(kb, f"T-{number}", f"Printer offline in room {number}")
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()
