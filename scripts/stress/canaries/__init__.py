"""The canary: what only one tenant knows, random requests of all others, and whether it ever turns up."""
