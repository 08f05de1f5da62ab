"""Between other systems' shapes and tickets and articles."""
