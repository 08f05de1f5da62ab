import sqlite3

import pytest

from kbsearch.model import GenerationState
from kbsearch.store import documents, generations
from store.made import ACMES, make_document


def _create(tx, state=GenerationState.BUILDING, model="hashing"):
    return generations.create(tx, model, f"{model}@4", 4, "recipe", state)


def test_a_new_folder_has_none(store):
    with store.read() as tx:
        assert generations.current(tx) is generations.building(tx) is None
        assert generations.get(tx, 1) is None


def test_a_generation_is_read_as_it_was_made(store):
    with store.write() as tx:
        made = _create(tx, GenerationState.CURRENT)
        assert generations.get(tx, made.id) == generations.current(tx) == made


def test_the_one_before_retires(store):
    with store.write() as tx:
        first, second = _create(tx, GenerationState.CURRENT), _create(tx)
        assert generations.building(tx) == second
        generations.activate(tx, second.id)
        assert generations.current(tx).id == second.id
        assert generations.get(tx, first.id).state == GenerationState.RETIRED
        assert generations.building(tx) is None


def test_only_one_answers(store):
    with store.write() as tx:
        _create(tx, GenerationState.CURRENT)
    with pytest.raises(sqlite3.IntegrityError), store.write() as tx:
        _create(tx, GenerationState.CURRENT)


def test_how_far_a_build_got_is_kept(store):
    with store.write() as tx:
        made = _create(tx)
        generations.cover(tx, made.id, 42)
        assert generations.building(tx).covered == 42


def test_an_abandoned_build_retires(store):
    with store.write() as tx:
        generations.abandon(tx, _create(tx).id)
        assert generations.building(tx) is None


def test_retired_ones_are_dropped_in_parts_after_a_while(store, clock):
    with store.write() as tx:
        first, second = _create(tx, GenerationState.CURRENT), _create(tx)
        documents.put(tx, first.id, make_document())
        kept = documents.put(tx, second.id, make_document())
        generations.activate(tx, second.id)
        assert generations.retired(tx, tx.now) == []
    clock.advance(minutes=1)
    with store.write() as tx:
        assert generations.retired(tx, tx.now) == [first.id]
        assert not generations.drop_some(tx, first.id)
        assert generations.drop_some(tx, first.id)
        assert generations.live(tx) == [second.id]
        assert documents.count(tx, first.id) == (0, 0)
        assert list(documents.located(tx, ACMES, [kept])) == [kept]
        assert tx.rows("SELECT name FROM sqlite_master WHERE name LIKE ?", (f"lexical_{first.id}_%",)) == []
