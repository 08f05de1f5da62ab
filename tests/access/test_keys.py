"""Keys: made, ended, recognised."""

from __future__ import annotations

from datetime import timedelta

import pytest
from clocks import FakeClock

from kbsearch.access.key_text import KeyText
from kbsearch.access.keys import Keys
from kbsearch.errors import InvalidInput, NotFound, Unauthorized, UnknownKey
from kbsearch.model import SHARED, Role, TenantId
from kbsearch.store.sqlite.database import SQLiteStore

ACME, GLOBEX = TenantId("acme"), TenantId("globex")


@pytest.fixture
def keys(store: SQLiteStore) -> Keys:
    return Keys(store)


def test_a_key_says_who_it_is(keys: Keys) -> None:
    key, text = keys.create("RT", Role.SYSTEM, (ACME, GLOBEX, ACME))
    recognised = keys.recognise(text)
    assert (recognised.name, recognised.role) == (f"key:{key.id}", Role.SYSTEM)
    assert recognised.tenants == (ACME, GLOBEX)
    assert recognised.home is None
    assert recognised.covers(ACME)
    assert not recognised.covers(SHARED)


def test_a_key_of_one_tenant_is_at_home_there(keys: Keys) -> None:
    assert keys.recognise(keys.create("a", Role.AGENT, (ACME,))[1]).home == ACME


def test_a_key_of_every_tenant_covers_those_to_come(keys: Keys) -> None:
    recognised = keys.recognise(keys.create("a", Role.ADMIN, None)[1])
    assert recognised.covers(TenantId("new-one"))
    assert recognised.home is None


def test_the_secret_is_not_in_the_data_folder(keys: Keys, store: SQLiteStore) -> None:
    _, text = keys.create("RT", Role.SYSTEM, (ACME,))
    assert store.purge()
    for file in store.path.parent.iterdir():
        assert text[14:46].encode() not in file.read_bytes()


@pytest.mark.parametrize(
    "text", ["", "nonsense", "kbs_", pytest.param(KeyText.new().written(), id="never made"), "a.b.c"]
)
def test_other_keys_are_unknown(keys: Keys, text: str) -> None:
    keys.create("RT", Role.SYSTEM, (ACME,))
    with pytest.raises(UnknownKey):
        keys.recognise(text)


def test_a_right_id_with_another_secret_is_unknown(keys: Keys) -> None:
    key, _ = keys.create("RT", Role.SYSTEM, (ACME,))
    with pytest.raises(UnknownKey):
        keys.recognise(KeyText(key.id, KeyText.new().secret).written())


def test_one_key_s_secret_does_not_open_under_another_s_id(keys: Keys) -> None:
    (_, agents), (admin, _) = keys.create("a", Role.AGENT, (ACME,)), keys.create("b", Role.ADMIN, (ACME,))
    own = KeyText.parse(agents)
    assert own is not None
    with pytest.raises(UnknownKey):
        keys.recognise(KeyText(admin.id, own.secret).written())


def test_a_revoked_key_is_refused_in_the_very_next_check_of_every_process(keys: Keys, store: SQLiteStore) -> None:
    key, text = keys.create("RT", Role.SYSTEM, (ACME,))
    other_process = SQLiteStore(store.path.parent, store.clock)
    keys.recognise(text)
    assert Keys(other_process).revoke(key.id).revoked_at == store.clock()
    with pytest.raises(Unauthorized, match="revoked"):
        keys.recognise(text)
    other_process.close()


def test_revoking_twice_keeps_the_first_time(keys: Keys, clock: FakeClock) -> None:
    key, _ = keys.create("RT", Role.SYSTEM, (ACME,))
    first = keys.revoke(key.id).revoked_at
    clock.advance(hours=1)
    assert keys.revoke(key.id).revoked_at == first


def test_a_key_ends_on_time(keys: Keys, clock: FakeClock) -> None:
    _, text = keys.create("RT", Role.SYSTEM, (ACME,), clock() + timedelta(days=1))
    clock.advance(days=1, microseconds=-1)
    keys.recognise(text)
    clock.advance(microseconds=1)
    with pytest.raises(Unauthorized, match="expired"):
        keys.recognise(text)


def test_a_key_that_has_ended_already_is_not_made(keys: Keys, clock: FakeClock) -> None:
    with pytest.raises(InvalidInput):
        keys.create("RT", Role.SYSTEM, (ACME,), clock())
    with pytest.raises(InvalidInput):
        keys.create("RT", Role.SYSTEM, ())
    assert not keys.any_created()


def test_rotation_gives_a_like_key_and_ends_the_old_one_a_little_later(keys: Keys, clock: FakeClock) -> None:
    old, old_text = keys.create("RT", Role.SYSTEM, (ACME,), clock() + timedelta(days=30))
    clock.advance(days=10)
    new, new_text = keys.rotate(old.id, timedelta(hours=2))
    assert (new.label, new.role, new.tenants) == (old.label, old.role, old.tenants)
    assert new.expires_at == clock() + timedelta(days=30)
    assert keys.recognise(old_text).name == f"key:{old.id}"
    assert keys.recognise(new_text).name == f"key:{new.id}"
    clock.advance(hours=2)
    with pytest.raises(Unauthorized):
        keys.recognise(old_text)
    keys.recognise(new_text)


def test_rotation_without_overlap_ends_the_old_one_now(keys: Keys) -> None:
    old, text = keys.create("RT", Role.SYSTEM, (ACME,))
    keys.rotate(old.id, timedelta())
    with pytest.raises(Unauthorized):
        keys.recognise(text)


def test_rotation_does_not_lengthen_an_old_key_s_life(keys: Keys, clock: FakeClock) -> None:
    old, text = keys.create("RT", Role.SYSTEM, (ACME,), clock() + timedelta(hours=1))
    keys.rotate(old.id, timedelta(hours=24))
    clock.advance(hours=1)
    with pytest.raises(Unauthorized):
        keys.recognise(text)


def test_ended_keys_are_not_rotated(keys: Keys) -> None:
    key, _ = keys.create("RT", Role.SYSTEM, (ACME,))
    keys.revoke(key.id)
    with pytest.raises(InvalidInput):
        keys.rotate(key.id, timedelta(hours=1))
    assert len(keys.every()) == 1


def test_unknown_ids_are_not_found(keys: Keys) -> None:
    with pytest.raises(NotFound):
        keys.revoke("none")
    with pytest.raises(NotFound):
        keys.rotate("none", timedelta())


def test_last_use_is_written_later(keys: Keys, clock: FakeClock) -> None:
    _, text = keys.create("RT", Role.SYSTEM, (ACME,))
    keys.recognise(text)
    assert keys.every()[0].last_used_at is None
    keys.write_uses()
    assert keys.every()[0].last_used_at == clock()
    clock.advance(days=-1)  # a clock that was set back does not make it look unused
    keys.recognise(text)
    keys.write_uses()
    assert keys.every()[0].last_used_at == clock() + timedelta(days=1)


def test_a_revoked_key_stays_known_as_created(keys: Keys) -> None:
    assert not keys.any_created()
    key, _ = keys.create("RT", Role.SYSTEM, (ACME,))
    keys.revoke(key.id)
    assert keys.any_created()
