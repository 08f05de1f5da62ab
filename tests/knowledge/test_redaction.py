from dataclasses import replace

import pytest

from kbsearch.bootstrap import embedded
from kbsearch.errors import InvalidInput, NotFound, StorageError
from kbsearch.knowledge.sealing import FernetSeal, new_key
from kbsearch.knowledge.writing.article_imports import ImportedArticle
from kbsearch.model import SHARED, Article, RedactionPolicy, Scope
from kbsearch.store.sqlite.files import FILE_NAME
from knowledge.made import ACME, GLOBEX, resolve, resolved

ISSUE = "SRV-PRINT01 is down, call 0888 123 456 or write to ivan@example.com about Falcon"


def stored(kb, tenant=ACME):
    return kb.tickets.get(tenant, "T-1").ticket.subject


def test_a_tenants_policy_holds_for_that_tenant_alone(kb):
    kb.redaction.set_policy(ACME, RedactionPolicy(off=frozenset({"host"}), words=("Falcon",)))
    for tenant in (ACME, GLOBEX):
        resolve(kb, "T-1", ISSUE, tenant=tenant)
    assert stored(kb) == "SRV-PRINT01 is down, call <PHONE> or write to <EMAIL> about <WORD>"
    assert stored(kb, GLOBEX) == "<HOST> is down, call <PHONE> or write to <EMAIL> about Falcon"


def test_a_changed_policy_holds_for_the_same_ticket_sent_again(kb):
    resolve(kb, "T-1", ISSUE)
    kb.redaction.set_policy(ACME, RedactionPolicy(words=("Falcon",)))
    resolve(kb, "T-1", ISSUE)
    assert stored(kb).endswith("about <WORD>")


def test_shared_articles_lose_every_kind_own_ones_what_belongs_in_none(kb):
    article = Article("a", "Printer", resolution="Ping SRV-PRINT01, call 0888 123 456; password: Zima2024!")
    for tenant in (ACME, SHARED):
        kb.articles.put(tenant, article)
    assert kb.articles.get(Scope(ACME), "a").article.resolution == (
        "Ping SRV-PRINT01, call 0888 123 456; password: <SECRET>"
    )
    assert kb.articles.get(Scope(SHARED), "a").article.resolution == "Ping <HOST>, call <PHONE>; password: <SECRET>"
    kb.articles.put(SHARED, article)
    assert kb.articles.get(Scope(SHARED), "a").version == 1


def test_imports_count_what_they_take_out(kb):
    article = Article("a", "Printer", resolution="Call 0888 123 456; password: Zima2024!")
    [report] = kb.articles.import_lines(SHARED, [(1, ImportedArticle(article))])
    assert report.redacted == {"phone": 1, "secret": 1}
    [report] = kb.articles.import_lines(SHARED, [(1, ImportedArticle(article))])
    assert (report.unchanged, report.redacted) == (1, {"phone": 1, "secret": 1})


def test_nothing_may_be_switched_off_for_shared(kb):
    with pytest.raises(InvalidInput):
        kb.redaction.set_policy(SHARED, RedactionPolicy(off=frozenset({"ip"})))
    with pytest.raises(InvalidInput, match="no such kind"):
        kb.redaction.set_policy(ACME, RedactionPolicy(off=frozenset({"mood"})))


def test_texts_as_they_came_are_kept_only_where_the_policy_says_so(kb):
    kb.redaction.set_policy(ACME, RedactionPolicy(keep_raw=True))
    for tenant in (ACME, GLOBEX):
        resolve(kb, "T-1", ISSUE, tenant=tenant)
    assert kb.redaction.raw(ACME, "T-1")["subject"] == ISSUE
    with pytest.raises(NotFound):
        kb.redaction.raw(GLOBEX, "T-1")


@pytest.mark.parametrize("end", ["erase", "policy"])
def test_they_go_with_the_ticket_or_the_policy(kb, folder, end):
    kb.redaction.set_policy(ACME, RedactionPolicy(keep_raw=True))
    resolve(kb, "T-1", ISSUE)
    if end == "erase":
        kb.tickets.erase(ACME, "T-1")
    else:
        kb.redaction.set_policy(ACME, RedactionPolicy())
    with pytest.raises(NotFound):
        kb.redaction.raw(ACME, "T-1")
    kb.close()
    assert b"ivan@example.com" not in (folder / FILE_NAME).read_bytes()


def test_with_a_key_they_are_encrypted_and_the_key_can_be_changed(folder, embedder):
    def opened(*keys):
        return embedded(folder, lambda name: embedder, seal=FernetSeal(keys) if keys else None)

    old, new = new_key(), new_key()
    kb = opened(old)
    kb.redaction.set_policy(ACME, RedactionPolicy(keep_raw=True))
    resolve(kb, "T-1", ISSUE)
    kb.close()
    assert b"ivan@example.com" not in (folder / FILE_NAME).read_bytes()
    for keys, message in (((), "is not set"), ((new,), "not in KBSEARCH_RAW_KEY")):
        kb = opened(*keys)
        with pytest.raises(StorageError, match=message):
            kb.redaction.raw(ACME, "T-1")
        kb.close()
    kb = opened(new, old)
    assert kb.redaction.raw(ACME, "T-1")["subject"] == ISSUE
    kb.close()


def test_imported_tickets_are_kept_as_well(kb):
    kb.redaction.set_policy(ACME, RedactionPolicy(keep_raw=True))
    given = resolved("T-1", ISSUE)
    [report] = kb.tickets.import_lines(ACME, [(1, given), (2, replace(given, ticket_id="T-2"))])
    assert report.redacted == {"host": 2, "phone": 2, "email": 2}
    assert kb.redaction.raw(ACME, "T-2")["subject"] == ISSUE
