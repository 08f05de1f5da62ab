import pytest

from kbsearch.model import SHARED, ArticleState, Scope, SolutionRef
from kbsearch.store import articles, tenants, tickets
from store.made import ACME, ACMES, GLOBEX, GLOBEXS, digest, make_article, put_article, put_ticket


def test_an_article_is_read_as_it_was_written(store, clock):
    article = make_article(
        issue=("Принтерът не печата", "It's offline"),
        environment=("Windows 11", "HP M404"),
        cause="The spooler hangs",
        tags=("printing",),
        language="en",
        audience="first line",
        state=ArticleState.WIP,
    )
    with store.write() as tx:
        stored = articles.put(tx, ACME, article, digest("x"))
    assert (stored.article, stored.version, stored.created_at, stored.updated_at) == (article, 1, clock.now, clock.now)
    with store.read() as tx:
        assert articles.get(tx, ACMES, article.id) == stored


def test_changes_are_counted_and_the_beginning_is_kept(store, clock):
    with store.write() as tx:
        first = put_article(tx)
    clock.advance(hours=1)
    with store.write() as tx:
        second = put_article(tx, title="Printer is offline")
    assert (first.version, second.version) == (1, 2)
    assert second.created_at == first.created_at
    assert second.updated_at == clock.now


def test_a_tenants_edition_comes_before_the_shared_one(store):
    with store.write() as tx:
        put_article(tx, SHARED, title="Shared")
        put_article(tx, ACME, title="Own")
    with store.read() as tx:
        assert articles.get(tx, ACMES, "printer").article.title == "Own"
        assert articles.get(tx, GLOBEXS, "printer").article.title == "Shared"
        assert articles.get(tx, Scope(SHARED), "printer").article.title == "Shared"


def test_another_tenants_article_is_not_seen(store):
    with store.write() as tx:
        put_article(tx, ACME)
    with store.read() as tx:
        assert articles.get(tx, GLOBEXS, "printer") is None
        assert articles.page(tx, GLOBEXS, ("", ""), 10, None) == []
        assert articles.get(tx, Scope(SHARED), "printer") is None


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_pages_give_every_article_once(store, size):
    with store.write() as tx:
        for tenant in (ACME, SHARED, GLOBEX):
            for number in range(4):
                put_article(tx, tenant, id=f"a{number}")
    seen, after = [], ("", "")
    with store.read() as tx:
        while page := articles.page(tx, ACMES, after, size, None):
            seen += [(one.tenant, one.article.id) for one in page]
            after = seen[-1]
    assert seen == [(tenant, f"a{number}") for tenant in (ACME, SHARED) for number in range(4)]


def test_a_page_can_be_of_one_state(store):
    with store.write() as tx:
        put_article(tx, id="a", state=ArticleState.WIP)
        put_article(tx, id="b", state=ArticleState.ARCHIVED)
    with store.read() as tx:
        page = articles.page(tx, ACMES, ("", ""), 10, ArticleState.ARCHIVED)
    assert [one.article.id for one in page] == ["b"]


def test_a_deleted_article_leaves_its_tickets_without_a_solution(store):
    with store.write() as tx:
        ref = articles.ref(put_article(tx))
        put_ticket(tx, solution=ref)
        assert articles.delete(tx, ACME, "printer")
        assert not articles.delete(tx, ACME, "printer")
        assert not articles.delete(tx, GLOBEX, "printer")
        stored = tickets.get(tx, ACME, "T-1")
    assert (stored.solution, stored.outcome, stored.resolution.text) == (None, "needs_review", "Restarted the spooler")


def test_only_the_tenants_own_article_is_deleted(store):
    with store.write() as tx:
        put_article(tx, ACME)
        put_article(tx, GLOBEX)
        articles.delete(tx, ACME, "printer")
        assert articles.get(tx, ACMES, "printer") is None
        assert articles.get(tx, GLOBEXS, "printer") is not None


def test_every_change_raises_the_revision(store):
    revisions = []
    with store.write() as tx:
        for change in (put_article, put_article, lambda tx: articles.delete(tx, ACME, "printer")):
            change(tx)
            revisions.append(tenants.revision(tx, ACMES))
    assert revisions == [1, 2, 3]


def test_what_a_folder_gave_is_remembered(store):
    with store.write() as tx:
        articles.put(tx, ACME, make_article("a"), digest(""), origin="/kb", origin_digest="1")
        articles.put(tx, ACME, make_article("b"), digest(""), origin="/other", origin_digest="2")
        articles.put(tx, GLOBEX, make_article("c"), digest(""), origin="/kb", origin_digest="3")
        put_article(tx, id="written here")
    with store.read() as tx:
        assert articles.mirrored(tx, ACME, "/kb") == {"a": articles.Mirrored("1", ArticleState.NOT_VALIDATED, 1)}
        assert sorted(articles.mirroring_tenants(tx, "/kb")) == [ACME, GLOBEX]


def test_the_ref_of_an_article(store):
    with store.write() as tx:
        assert articles.ref(put_article(tx)) == SolutionRef(ACME, "printer")
