"""A tenant's redaction policy."""

from __future__ import annotations

from fastapi import APIRouter

from kbsearch.api.callers import CallerDep
from kbsearch.api.gate import GuardedRoute
from kbsearch.api.requests.administration import RedactionPolicyIn
from kbsearch.api.responses.operation import RedactionPolicyOut
from kbsearch.api.service import KnowledgeDep

router = APIRouter(prefix="/v1/redaction", tags=["operation"], route_class=GuardedRoute)


@router.get("")
def get_redaction_policy(caller: CallerDep, knowledge: KnowledgeDep) -> RedactionPolicyOut:
    """Get the redaction policy.

    It says what is removed from the tenant's texts before they are stored.
    """
    return RedactionPolicyOut.of(knowledge.redaction.policy(caller.tenant), knowledge.redaction.seals)


@router.put("")
def set_redaction_policy(body: RedactionPolicyIn, caller: CallerDep, knowledge: KnowledgeDep) -> RedactionPolicyOut:
    """Set the whole redaction policy.

    It applies to what is written from then on.
    `keep_raw: false` erases the original texts.
    """
    wanted = body.to_policy()
    knowledge.redaction.set_policy(caller.tenant, wanted)
    return RedactionPolicyOut.of(wanted, knowledge.redaction.seals)
