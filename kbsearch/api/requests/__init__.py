"""Bodies of requests, a module for each noun."""
