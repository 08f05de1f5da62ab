"""The Model Context Protocol at ``/mcp``: the same knowledge for assistants, behind the same keys, roles and limits."""
