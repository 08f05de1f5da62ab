"""From signals to a ranked list with a verdict. Pure: no I/O, no clock."""
