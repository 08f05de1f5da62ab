"""The lead's figures: how the desk does, where knowledge is missing, what breaks out. docs/metrics.md defines each."""
