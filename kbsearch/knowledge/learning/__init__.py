"""Learning each tenant's ranking from its history."""
