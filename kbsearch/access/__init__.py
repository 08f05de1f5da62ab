"""Access: keys, tokens of people, limits per caller, and the audit log."""
