"""Bodies of requests that administer a server or a tenant."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from kbsearch.api.fields import (
    Id,
    In,
    Label,
    Labels,
)
from kbsearch.api.requests.examples import example
from kbsearch.model import (
    RedactionPolicy,
    Role,
)

WordList = Annotated[list[Label], Field(max_length=1_000)]


class PanelSessionIn(In):
    """For whom the side panel is opened."""

    model_config = example({"ticket_id": "RT-1042", "minutes": 60})

    ticket_id: Annotated[Id, Field(description="The ticket beside which the panel is shown.")] | None = None
    role: Annotated[
        Role, Field(description="What the panel may do; not more than the caller. A key of the role `system`: `agent`.")
    ] = Role.AGENT
    agent: (
        Annotated[Label, Field(description="With a key of the role `system`: the agent who sees the panel.")] | None
    ) = None
    minutes: Annotated[int, Field(ge=1, le=720, description="How long the panel can be used.")] = 60


class ReindexIn(In):
    """``model`` changes the model, to one that the server offers (`KBSEARCH_MODELS`)."""

    model_config = example({})

    model: Annotated[str, Field(min_length=1, max_length=500)] | None = None


class WordIn(In):
    """The name that a word stands for, as documents have it."""

    model_config = example({"name": "Outlook"})

    name: Annotated[Label, Field(max_length=100)]


class RedactionPolicyIn(In):
    """A complete policy. Fields that are not in the body get the strictest value."""

    model_config = example({"off": ["host"], "words": ["Project Heron"], "kept": ["servicedesk@example.org"]})

    off: Annotated[Labels, Field(description="Kinds that stay in the texts.")] = Field(default_factory=list)
    words: Annotated[WordList, Field(description="The company's own words to remove.")] = Field(default_factory=list)
    kept: Annotated[WordList, Field(description="Texts that stay although they look like personal data.")] = Field(
        default_factory=list
    )
    keep_raw: Annotated[bool, Field(strict=True, description="Also keep the original texts of tickets.")] = False

    def to_policy(self) -> RedactionPolicy:
        return RedactionPolicy(
            frozenset(self.off), tuple(dict.fromkeys(self.words)), tuple(dict.fromkeys(self.kept)), self.keep_raw
        )
