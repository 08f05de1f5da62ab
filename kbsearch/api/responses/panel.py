"""Bodies of answers about the side panel."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from kbsearch.api.fields import Out, Time


class PanelSessionOut(Out):
    """A session of the side panel. ``token`` and ``url`` cannot be shown again."""

    token: str
    url: Annotated[str, Field(description="The address to show in a frame. The token stands behind the `#`.")]
    ticket_id: str | None
    expires_at: Time
