from dataclasses import replace

import pytest

from kbsearch.errors import NotFound, PreconditionFailed
from kbsearch.knowledge.writing.article_imports import ImportedArticle
from kbsearch.model import SHARED, Article, ArticleState, DocumentKind, Scope
from kbsearch.store.articles import Mirrored
from knowledge.made import (
    ACME,
    ACMES,
    GLOBEX,
    GLOBEXS,
    answers,
    found,
    hits,
    put,
    ranked,
    resolve,
    said,
    suggest,
    suggested,
)


def test_a_new_article_is_found_by_the_very_next_question(kb):
    stored, created, revision = put(kb)
    assert (created, stored.version, revision) == (True, 1, 1)
    assert suggested(kb) == found(kb, "printer") == ["printer"]
    assert kb.articles.get(ACMES, "printer") == stored


def test_every_part_of_an_article_is_found(kb):
    put(
        kb,
        "a",
        "Title",
        "Resolution",
        issue=("Symptom", "Второ описание"),
        environment=("Windows 11",),
        cause="Reason",
        tags=("category",),
    )
    for word in ("title", "resolution", "symptom", "описание", "windows", "reason", "category"):
        assert said(kb, word) == ["a"], word


def test_a_changed_article_is_found_by_its_new_words_only(kb):
    put(kb, "a", "Printer offline", "Restart the spooler")
    stored, created, _ = put(kb, "a", "Scanner broken", "Buy another one")
    assert (created, stored.version) == (False, 2)
    assert said(kb, "scanner") == ["a"]
    assert said(kb, "spooler") == []


def test_writing_the_same_again_changes_nothing(kb):
    put(kb)
    before = answers(kb, ACMES)
    stored, created, revision = put(kb)
    assert (created, stored.version, revision) == (False, 1, 1)
    assert answers(kb, ACMES) == before


def test_a_version_that_was_changed_meanwhile_is_not_overwritten(kb):
    put(kb, "a", "first")
    put(kb, "a", "second")
    for version in (1, 3):
        with pytest.raises(PreconditionFailed):
            kb.articles.put(ACME, Article("a", "third"), if_version=version)
        with pytest.raises(PreconditionFailed):
            kb.articles.delete(ACME, "a", if_version=version)
    with pytest.raises(PreconditionFailed):
        kb.articles.put(ACME, Article("new", "new"), if_version=1)
    assert kb.articles.get(ACMES, "a").article.title == "second"
    assert kb.articles.put(ACME, Article("a", "third"), if_version=2)[0].version == 3


def test_a_deleted_article_is_found_no_more(kb):
    put(kb)
    kb.articles.delete(ACME, "printer")
    assert found(kb, "printer") == suggested(kb) == []
    for act in (lambda: kb.articles.get(ACMES, "printer"), lambda: kb.articles.delete(ACME, "printer")):
        with pytest.raises(NotFound):
            act()


def test_only_its_tenant_can_delete_an_article(kb):
    put(kb, tenant=SHARED)
    put(kb, "own", tenant=GLOBEX)
    for id in ("printer", "own"):
        with pytest.raises(NotFound):
            kb.articles.delete(ACME, id)
    assert sorted(found(kb, "offline", GLOBEXS)) == ["own", "printer"]


def test_an_article_without_a_language_gets_one(kb):
    put(kb, "bg", "Принтерът не печата", "Рестартирайте услугата")
    put(kb, "en", "Printer offline", "Restart the service")
    put(kb, "de", "Printer offline", "Restart the service", language="de")
    assert [kb.articles.get(ACMES, id).article.language for id in ("bg", "en", "de")] == ["bg", "en", "de"]
    assert found(kb, "printer", language="de") == ["de"]


# -- archived ----------------------------------------------------------------------------------------------


def _archive_by_put(kb, article):
    kb.articles.put(ACME, replace(article, state=ArticleState.ARCHIVED))


def _archive_by_import(kb, article):
    list(kb.articles.import_lines(ACME, [(1, ImportedArticle(replace(article, state=ArticleState.ARCHIVED)))]))


@pytest.mark.parametrize("archive", [_archive_by_put, _archive_by_import])
@pytest.mark.parametrize("known_before", [True, False])
def test_an_archived_article_never_appears(kb, archive, known_before):
    article = Article("printer", "Printer offline", resolution="Restart the spooler")
    if known_before:
        kb.articles.put(ACME, article)
        resolve(kb, "T-1", "Printer offline", "Restart the spooler", solution_id="printer")
    archive(kb, article)

    def check():
        assert suggested(kb) == []
        assert ranked(kb, "Printer offline") == []
        assert found(kb, "printer", kind=DocumentKind.ARTICLE) == []
        assert all(one.solution_id != "printer" for one in resolve(kb, "T-2", fix="Bought another one").similar)
        kb.tickets.erase(ACME, "T-2")

    check()
    kb.reindexing.run()
    check()
    assert kb.articles.get(ACMES, "printer").article.state == ArticleState.ARCHIVED


def test_an_article_taken_from_the_archive_appears_again(kb):
    put(kb)
    before = suggested(kb), found(kb, "printer")
    put(kb, state=ArticleState.ARCHIVED)
    put(kb)
    assert (suggested(kb), found(kb, "printer")) == before


# -- editions ----------------------------------------------------------------------------------------------


def test_an_own_edition_is_shown_instead_of_the_shared_one(kb):
    put(kb, "printer", "Printer offline", "Call the vendor", tenant=SHARED)
    put(kb, "printer", "Printer offline", "Call our second line", tenant=ACME)
    for scope, expected in ((ACMES, "Call our second line"), (GLOBEXS, "Call the vendor")):
        assert [one.solution.resolution for one in suggest(kb, scope=scope).solutions] == [expected]
        assert [hit.resolution for hit in hits(kb, "printer", scope)] == [expected]


def test_an_own_archived_edition_hides_the_shared_one(kb):
    put(kb, tenant=SHARED)
    put(kb, state=ArticleState.ARCHIVED, tenant=ACME)
    assert suggested(kb) == found(kb, "printer") == []
    assert suggested(kb, scope=GLOBEXS) == found(kb, "printer", GLOBEXS) == ["printer"]
    kb.articles.delete(ACME, "printer")
    assert suggested(kb) == found(kb, "printer") == ["printer"]


# -- imports -----------------------------------------------------------------------------------------------


def _lines(count):
    return [
        (n + 1, ImportedArticle(Article(f"a{n}", f"Printer {n} offline", resolution=f"Restart spooler {n}")))
        for n in range(count)
    ]


def test_an_import_equals_writing_one_by_one(kb, open_base, tmp_path):
    other = open_base(tmp_path / "other")
    for _, one in _lines(70):
        other.articles.put(ACME, one.article)
    *_, report = kb.articles.import_lines(ACME, _lines(70))
    assert (report.accepted, report.unchanged, report.errors) == (70, 0, ())
    assert answers(kb, ACMES) == answers(other, ACMES)


def test_importing_again_changes_nothing(kb):
    list(kb.articles.import_lines(ACME, _lines(40)))
    before, revision = answers(kb, ACMES), kb.revision(ACMES)
    *_, report = kb.articles.import_lines(ACME, _lines(40))
    assert (report.accepted, report.unchanged, report.revision) == (40, 40, revision)
    assert answers(kb, ACMES) == before


def test_importing_beside_a_shared_article_makes_an_own_one(kb):
    put(kb, "a0", "Printer 0 offline", "Restart spooler 0", tenant=SHARED)
    [report] = kb.articles.import_lines(ACME, _lines(1))
    assert report.unchanged == 0
    assert kb.articles.get(ACMES, "a0").tenant == ACME


def test_an_id_that_comes_twice_in_an_import_replaces(kb):
    first, second = (Article("a", title, resolution="Text") for title in ("Printer", "Scanner"))
    list(kb.articles.import_lines(ACME, [(1, ImportedArticle(first)), (2, ImportedArticle(second))]))
    assert kb.articles.get(ACMES, "a").article.title == "Scanner"
    assert said(kb, "scanner") == ["a"]
    assert said(kb, "printer") == []


def test_broken_lines_are_reported_and_the_others_stored(kb):
    lines = [(1, "no title"), *((line + 1, one) for line, one in _lines(2))]
    [report] = kb.articles.import_lines(ACME, lines)
    assert (report.accepted, report.errors) == (2, ((1, "no title"),))
    assert sorted(found(kb, "printer")) == ["a0", "a1"]


def test_what_a_folder_gave_is_remembered(kb):
    lines = [(1, ImportedArticle(Article("a", "Printer"), origin="/kb", origin_digest="1"))]
    list(kb.articles.import_lines(SHARED, lines))
    assert kb.articles.mirrored(SHARED, "/kb") == {"a": Mirrored("1", ArticleState.NOT_VALIDATED, 1)}
    assert kb.articles.mirrored(ACME, "/kb") == {}
    assert kb.articles.mirroring_tenants("/kb") == [SHARED]


# -- pages and flags ---------------------------------------------------------------------------------------


def test_pages_give_every_article_once(kb):
    list(kb.articles.import_lines(ACME, _lines(7)))
    put(kb, "shared", tenant=SHARED)
    put(kb, "foreign", tenant=GLOBEX)
    seen, after = [], ("", "")
    while page := kb.articles.page(ACMES, after, limit=3):
        seen += [one.article.id for one in page]
        after = (page[-1].tenant, page[-1].article.id)
    assert seen == [*(f"a{n}" for n in range(7)), "shared"]
    assert kb.articles.page(ACMES, state=ArticleState.ARCHIVED) == []


def test_an_article_can_be_flagged_by_who_sees_it(kb):
    put(kb, tenant=SHARED)
    kb.articles.flag(ACME, "printer", "flag-1", "outdated", "ani", "the menu has moved")
    with kb.store.read() as tx:
        assert [(row["tenant"], row["solution_tenant"], row["reason"]) for row in tx.rows("SELECT * FROM flags")] == [
            ("acme", "shared", "outdated")
        ]
    put(kb, "own", tenant=GLOBEX)
    for id in ("own", "unknown"):
        with pytest.raises(NotFound):
            kb.articles.flag(ACME, id, "flag-2", "wrong", "ani", None)


def test_shared_articles_are_found_by_everyone(kb):
    put(kb, tenant=SHARED)
    for scope in (ACMES, GLOBEXS, Scope(SHARED)):
        assert suggested(kb, scope=scope) == ["printer"]
