import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbsearch.errors import InvalidInput, InvalidTenant
from kbsearch.model import SHARED, Scope, TenantId, Ticket


@pytest.mark.parametrize("value", ["acme", "shared", "a", "0", "north-wind.bg", "a_b", "x" * 63])
def test_a_tenant_id_is_itself(value):
    assert TenantId(value) == value


@pytest.mark.parametrize(
    "value", ["", "Acme", "x" * 64, "-acme", ".acme", "acme corp", "акме", "a/b", "../etc", "a\n", "a'", "*", "acmé"]
)
def test_anything_else_is_none(value):
    with pytest.raises(InvalidTenant):
        TenantId(value)
    assert issubclass(InvalidTenant, InvalidInput)


@given(st.text())
def test_a_tenant_id_can_be_a_file_name(value):
    try:
        tenant = TenantId(value)
    except InvalidTenant:
        return
    assert re.fullmatch(r"[a-z0-9._-]+", tenant)
    assert tenant not in (".", "..")


@pytest.mark.parametrize("tenant", ["acme", "", None, 7, ["acme"]])
def test_a_scope_needs_a_tenant_id(tenant):
    with pytest.raises(TypeError):
        Scope(tenant)


def test_a_scope_cannot_be_built_empty():
    with pytest.raises(TypeError):
        Scope()


def test_a_scope_cannot_be_changed():
    scope = Scope(TenantId("acme"))
    with pytest.raises(AttributeError):
        scope.tenant = TenantId("globex")


def test_a_scope_sees_its_tenant_first_then_what_is_shared():
    assert Scope(TenantId("acme")).tenants == ("acme", "shared")
    assert Scope(SHARED).tenants == ("shared",)


def test_a_tickets_text_repeats_nothing():
    assert Ticket("Printer", "Printer is offline").text == "Printer is offline"
    assert Ticket("Printer", "It is offline").text == "Printer\nIt is offline"
    assert Ticket("Printer").text == "Printer"
