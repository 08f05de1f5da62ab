"""The index of the current generation: documents made for it, following changes, building it anew."""
