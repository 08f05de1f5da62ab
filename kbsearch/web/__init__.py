"""The page for agents. Plain files, nothing loaded from elsewhere."""
