"""Long runs that look for lost writes, leaks and growth."""
