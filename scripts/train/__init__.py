"""Training the embedded multilingual model ."""
