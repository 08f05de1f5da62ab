"""Training the embedded multilingual model (scripts/train_multilingual.py)."""
