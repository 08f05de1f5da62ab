"""Bodies of answers, a module for each noun."""
