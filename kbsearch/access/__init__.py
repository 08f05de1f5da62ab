"""Who is let in: keys, tokens of people, shares of the work, and the log of what was changed."""
