"""Examples in the schemas of requests."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict

TICKET = {
    "id": "RT-1042",
    "subject": "Outlook asks for the password again and again",
    "description": "Since this morning a window asks for my password, I type it and it comes back.",
    "environment": ["Windows 11", "Outlook 2021"],
    "language": "en",
    "priority": "high",
}


def example(*examples: dict[str, Any]) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": list(examples)})
