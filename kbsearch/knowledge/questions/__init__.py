"""Questions: what they say, what is found for them, how it is ranked, what was shown."""
