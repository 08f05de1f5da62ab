"""The index of the current generation: documents made for it, following changes, rebuilding it."""
