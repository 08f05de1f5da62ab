"""What is written: tickets with their resolutions, articles, drafts, imports, redaction, erasing."""
