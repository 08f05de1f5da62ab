"""An article that is moved to ``shared``: every tenant finds it; what the tenant gathered stays the tenant's."""

import sqlite3

import pytest

from kbsearch.errors import AlreadyExists, Conflict, NotFound, PreconditionFailed
from kbsearch.index.local.index import LocalIndexes
from kbsearch.knowledge.indexing.checking import check
from kbsearch.knowledge.tenant_erasing import erase_tenant
from kbsearch.knowledge.writing.article_imports import ImportedArticle
from kbsearch.knowledge.writing.drafts import DraftFrom
from kbsearch.model import (
    SHARED,
    Article,
    ArticleState,
    DocumentKind,
    Feedback,
    FeedbackOutcome,
    RedactionPolicy,
    Scope,
    SolutionRef,
    Ticket,
    TicketStatus,
)
from kbsearch.store import audit, holdings, solutions
from kbsearch.store.sqlite.database import FILE_NAME
from kbsearch.store.tickets import Filter
from knowledge.made import ACME, ACMES, GLOBEX, GLOBEXS, TENANTS, answers, found, hits, put, resolve, said, suggest
from scripts.harness.residue import Traces, residue, traces

TITLE, TEXT = "Laptop does not wake up", "Hold the power button for thirty seconds"
SHAREDS = Scope(SHARED)
OWN, COMMON = SolutionRef(ACME, "laptop"), SolutionRef(SHARED, "laptop")
BEHIND = 2**62
WORDS = ("Zyxwvutabc", "Qwertzuiop", "Yxcvbnmasd", "Пщъбдсртаж", "Wvutsrqpom")


@pytest.fixture
def laptop(kb):
    """An article of a tenant with tickets, a failure, a word, a flag, a merged article, decisions and two versions."""
    put(kb, "laptop", TITLE, "Hold the button", tags=("power",))
    put(kb, "laptop", TITLE, TEXT, tags=("power",))
    put(kb, "sleep", "Zyxwvut stays black", "Press the button for half a minute")
    resolve(kb, "T-9", "Zyxwvut stays black", "Did so 9", solution_id="sleep")
    kb.articles.merge(ACME, "sleep", "laptop", "lead")
    for number in range(3):
        resolve(kb, f"T-{number}", TITLE, f"Did so {number}", solution_id="laptop")
    kb.tickets.reopen(ACME, "T-2")
    kb.give_feedback(ACME, Feedback(suggest(kb, TITLE).id, "laptop", FeedbackOutcome.WRONG, "ani", "the lid"))
    kb.articles.flag(ACME, "laptop", "f-1", "outdated", "ani", "new models")
    resolve(kb, "T-5", "Screen of the laptop is dark", "Replaced the cable of the screen")
    kb.tickets.link(ACME, "T-5", "laptop", "lead")
    resolve(kb, "T-6", TITLE, "Replaced the battery of it", solution_id="laptop")
    kb.tickets.unlink(ACME, "T-6", "lead")
    return kb


def history(kb, scope, id="laptop"):
    """Whose solution of this id the tenant sees, and what it gathered."""
    with kb.store.read() as tx:
        ref = solutions.find(tx, scope, id)
        counted = solutions.many(tx, scope, [ref])[ref].evidence if ref else None
    return ref and (ref.tenant, ref.id), counted and (counted.solved, counted.failed, counted.agents_failed)


def links(kb):
    return {one.ticket.id: one.solution for one in kb.tickets.page(ACME, Filter())}


def rows(kb, tenant):
    """The rows that name the tenant, by table and the column that does."""
    db = sqlite3.connect(kb.store.path)
    named = {}
    for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for _, column, *_ in db.execute(f'PRAGMA table_info("{table}")').fetchall():
            if column.endswith("tenant"):
                found = db.execute(f'SELECT * FROM "{table}" WHERE "{column}" = ?', (tenant,)).fetchall()
                named |= {(table, column): sorted(found, key=repr)} if found else {}
    db.close()
    return named


def test_every_tenant_finds_the_article_and_none_the_tickets(laptop):
    assert found(laptop, TITLE, GLOBEXS) == []
    laptop.sharing.share(ACME, "laptop")
    for scope in (GLOBEXS, SHAREDS):
        [hit] = hits(laptop, TITLE, scope)
        assert (hit.id, hit.tenant, hit.resolution) == ("laptop", SHARED, TEXT)
        [solution] = suggest(laptop, TITLE, scope).solutions
        assert solution.solution.evidence.tickets == solution.solution.evidence.agents_failed == 0
        stored = laptop.articles.get(scope, "laptop")
        assert (stored.tenant, stored.article.state, stored.wordings) == (SHARED, "validated", ())
        assert laptop.articles.flags(scope) == []
        assert said(laptop, "Zyxwvut", scope) == []


def test_the_tenant_keeps_all_that_it_gathered(laptop):
    before = laptop.articles.get(ACMES, "laptop")
    assert history(laptop, ACMES) == ((ACME, "laptop"), (4, 1, 1))
    linked, flags = links(laptop), laptop.articles.flags(ACMES)
    answered = [(one.solution.ref.id, one.confidence) for one in suggest(laptop, TITLE).solutions]
    laptop.sharing.share(ACME, "laptop")
    after = laptop.articles.get(ACMES, "laptop")
    assert (after.tenant, after.article, after.created_at) == (SHARED, before.article, before.created_at)
    assert after.wordings == before.wordings != ()
    assert history(laptop, ACMES) == ((SHARED, "laptop"), (4, 1, 1))
    assert links(laptop) == {id: COMMON if ref == OWN else ref for id, ref in linked.items()}
    assert [(one.id, one.comment, one.tenant) for one in laptop.articles.flags(ACMES)] == [
        (one.id, one.comment, SHARED) for one in flags
    ]
    assert [(one.solution.ref.id, one.confidence) for one in suggest(laptop, TITLE).solutions] == answered
    assert sorted(found(laptop, TITLE)) == ["T-0", "T-1", "T-5", "T-6", "T-9", "laptop"]


GATHERED = ("tickets", "feedback", "failures", "flags", "apart", "link_decisions")
REFERENCES = (
    *((table, "solution_tenant", "solution_id") for table in GATHERED),
    *((table, "tenant", "id") for table in ("solutions", "merges", "merge_proposals")),
    ("documents", "tenant", "source_id"), ("fix_statements", "tenant", "solution_id"),
    ("merges", "into_tenant", "into_id"), ("merges", "end_tenant", "end_id"),
    ("merge_proposals", "other_tenant", "other_id"), ("drafts", "article_tenant", "article_id"),
)  # fmt: skip


def references(kb, ref):
    """How many rows name a solution, by table and column."""
    with kb.store.read() as tx:
        counts = {
            (table, tenant): tx.rows(f"SELECT * FROM {table} WHERE {tenant} = ? AND {id} = ?", (ref.tenant, ref.id))
            for table, tenant, id in REFERENCES
        }
    return {place: len(found) for place, found in counts.items() if found}


def test_nothing_leads_to_the_tenants_article_any_more(laptop, folder):
    before = references(laptop, OWN)
    assert before.keys() >= {(table, "solution_tenant") for table in GATHERED}
    assert before.keys() >= {("documents", "tenant"), ("fix_statements", "tenant"), ("merges", "end_tenant")}
    laptop.sharing.share(ACME, "laptop")
    assert references(laptop, OWN) == {}
    assert references(laptop, COMMON) == before
    checked = check(laptop.store, LocalIndexes(folder / "index"))
    assert (checked.is_sound, checked.unindexed) == (True, 0)


def test_what_was_merged_into_it_leads_there_and_can_be_taken_back(laptop):
    laptop.sharing.share(ACME, "laptop")
    assert laptop.rank(ACMES, Ticket("Zyxwvut stays black"))[0].ref == COMMON
    assert laptop.articles.get(ACMES, "sleep").merged_into == COMMON
    laptop.articles.unmerge(ACME, "sleep")
    assert history(laptop, ACMES, "sleep") == ((ACME, "sleep"), (1, 0, 0))
    assert history(laptop, ACMES) == ((SHARED, "laptop"), (3, 1, 1))


def test_what_leads_decided_of_its_links_holds(laptop):
    laptop.sharing.share(ACME, "laptop")
    resolve(laptop, "T-5", "Screen of the laptop is dark", "Replaced the cable of the screen", minutes_spent=5)
    assert laptop.tickets.get(ACME, "T-5").solution == COMMON, "linked by a lead"
    resolve(laptop, "T-6", TITLE, TEXT)
    assert laptop.tickets.get(ACME, "T-6").solution.tenant == ACME, "taken off by a lead"
    resolve(laptop, "T-2", TITLE, "Did so 2", solution_id="laptop")
    assert laptop.tickets.get(ACME, "T-2").status == TicketStatus.RESOLVED
    assert history(laptop, ACMES) == ((SHARED, "laptop"), (5, 0, 1))


def test_former_versions_stay_the_tenants_own(laptop):
    laptop.sharing.share(ACME, "laptop")
    assert [(one.version, one.article.resolution) for one in laptop.articles.versions(ACMES, "laptop", BEHIND, 9)] == [
        (2, TEXT), (1, "Hold the button"),
    ]  # fmt: skip
    assert laptop.articles.versions(GLOBEXS, "laptop", BEHIND, 9) == []
    assert laptop.articles.versions(SHAREDS, "laptop", BEHIND, 9) == []
    put(laptop, "laptop", TITLE, "Hold it for a minute", tenant=SHARED)
    assert laptop.articles.get(GLOBEXS, "laptop").version == 4
    assert [one.version for one in laptop.articles.versions(ACMES, "laptop", BEHIND, 9)] == [3, 2, 1]
    assert [one.version for one in laptop.articles.versions(ACMES, "laptop", 3, 1)] == [2]
    assert [one.version for one in laptop.articles.versions(GLOBEXS, "laptop", BEHIND, 9)] == [3]


def test_an_edition_of_it_goes_on_from_the_former_versions(laptop):
    laptop.sharing.share(ACME, "laptop")
    for fix in ("Ask the desk", "Call the desk"):
        edition, _, _ = put(laptop, "laptop", TITLE, fix)
    assert (edition.tenant, edition.version) == (ACME, 4)
    assert [one.version for one in laptop.articles.versions(ACMES, "laptop", BEHIND, 9)] == [3, 2, 1]
    assert history(laptop, ACMES) == ((ACME, "laptop"), (4, 1, 1))
    laptop.articles.delete(ACME, "laptop")
    assert history(laptop, ACMES) == ((SHARED, "laptop"), (4, 1, 1))


def test_a_suggestion_made_before_takes_feedback(laptop):
    before = suggest(laptop, TITLE).id
    laptop.sharing.share(ACME, "laptop")
    laptop.give_feedback(ACME, Feedback(before, "laptop", FeedbackOutcome.WRONG, "boris", "no"))
    assert history(laptop, ACMES) == ((SHARED, "laptop"), (4, 1, 2))
    laptop.give_feedback(ACME, Feedback(before, "laptop", FeedbackOutcome.SOLVED, "boris"))
    assert history(laptop, ACMES) == ((SHARED, "laptop"), (4, 1, 1))
    assert {one.agent for one in laptop.articles.flags(ACMES)} == {"ani"}


def test_a_second_time_it_is_left_as_it_is(laptop):
    first = laptop.sharing.share(ACME, "laptop")
    before = rows(laptop, SHARED)
    assert laptop.sharing.share(ACME, "laptop") == first
    laptop.sharing.share(SHARED, "laptop")
    assert rows(laptop, SHARED) == before


def test_it_is_in_the_audit_log_of_both_tenants(laptop):
    laptop.sharing.share(ACME, "laptop")
    with laptop.store.read() as tx:
        entries = audit.page(tx, audit.AuditFilter(None, action="article.shared"), None, 9)
    assert {(one.tenant, one.subject, one.detail) for one in entries} == {
        (ACME, "laptop", "version 3, all tenants see it"), (SHARED, "laptop", "version 3, from a tenant"),
    }  # fmt: skip


# -- what is refused -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["archived", "merged", "mirrored", "there as an article", "there as a fix"])
def test_what_cannot_be_shared(kb, state):
    put(kb, "laptop", TITLE, TEXT, state=ArticleState.ARCHIVED if state == "archived" else ArticleState.VALIDATED)
    wanted = Conflict
    if state == "merged":
        put(kb, "other")
        kb.articles.merge(ACME, "laptop", "other", "lead")
    elif state == "mirrored":
        mirrored = ImportedArticle(Article("laptop", TITLE, resolution=f"{TEXT} or more"), "/folder", "digest")
        list(kb.articles.import_lines(ACME, [(1, mirrored)]))
    elif state == "there as an article":
        put(kb, "laptop", TITLE, "Ask the desk", tenant=SHARED)
        wanted = AlreadyExists
    elif state == "there as a fix":
        fix = resolve(kb, "S-1", TITLE, TEXT, tenant=SHARED).solution_id
        put(kb, fix, TITLE, "Hold the power button", tenant=ACME)
        with pytest.raises(AlreadyExists):
            kb.sharing.share(ACME, fix)
        return
    before = [rows(kb, tenant) for tenant in TENANTS]
    with pytest.raises(wanted) as raised:
        kb.sharing.share(ACME, "laptop")
    assert type(raised.value) is wanted
    assert [rows(kb, tenant) for tenant in TENANTS] == before


def test_others_and_missing_articles_are_not_found(kb):
    put(kb, "laptop", TITLE, TEXT)
    fix = resolve(kb, "T-1", "Lamp is dark", "Replaced the bulb of the lamp").solution_id
    for tenant, id in ((GLOBEX, "laptop"), (SHARED, "laptop"), (ACME, "nothing"), (ACME, fix)):
        with pytest.raises(NotFound):
            kb.sharing.share(tenant, id)
    assert kb.articles.get(ACMES, "laptop").tenant == ACME


def test_only_the_version_that_was_read_is_shared(kb):
    put(kb, "laptop", TITLE, "Hold the button")
    put(kb, "laptop", TITLE, TEXT)
    with pytest.raises(PreconditionFailed):
        kb.sharing.share(ACME, "laptop", 1)
    assert found(kb, TITLE, GLOBEXS) == []
    kb.sharing.share(ACME, "laptop", 2)
    assert found(kb, TITLE, GLOBEXS) == ["laptop"]


@pytest.mark.parametrize("id", ["heron-laptop", "laptop/heron", "ivan@example.com"])
def test_an_id_that_others_must_not_see_is_refused(kb, id):
    kb.redaction.set_policy(ACME, RedactionPolicy(words=("Heron",)))
    put(kb, id, TITLE, TEXT)
    with pytest.raises(Conflict, match="another id"):
        kb.sharing.share(ACME, id)


def test_where_it_breaks_off_nothing_has_changed(laptop, folder):
    answered = {tenant: answers(laptop, Scope(tenant)) for tenant in TENANTS}
    laptop._suggestions.flush()
    stored = {tenant: rows(laptop, tenant) for tenant in TENANTS}
    db = sqlite3.connect(folder / FILE_NAME)
    db.execute(  # the last statement of the transaction
        "CREATE TRIGGER broken BEFORE INSERT ON passages WHEN (SELECT tenant FROM documents WHERE id = new.document)"
        " = 'shared' BEGIN SELECT raise(ABORT, 'no'); END"
    )
    db.commit()
    with pytest.raises(sqlite3.IntegrityError):
        laptop.sharing.share(ACME, "laptop")
    db.execute("DROP TRIGGER broken")
    db.commit()
    db.close()
    assert {tenant: rows(laptop, tenant) for tenant in TENANTS} == stored
    assert {tenant: answers(laptop, Scope(tenant)) for tenant in TENANTS} == answered
    laptop.sharing.share(ACME, "laptop")
    assert history(laptop, ACMES) == ((SHARED, "laptop"), (4, 1, 1))


# -- what others may read ------------------------------------------------------------------------------------


def test_it_is_redacted_as_what_all_tenants_see(kb):
    policy = RedactionPolicy(off=frozenset({"host"}), words=("Heron",), kept=("desk@acme.example",))
    text = "Mail desk@acme.example of Heron, call +359 888 123 456, ping SRV-PRINT01"
    put(kb, "laptop", f"{TITLE} SRV-PRINT01", text, cause=text, issue=(text,), environment=(text,), tags=(text,))
    kb.redaction.set_policy(ACME, policy)
    kb.redaction.set_policy(SHARED, RedactionPolicy(words=("print",)))
    assert "desk@acme.example" in kb.articles.get(ACMES, "laptop").article.resolution
    kb.sharing.share(ACME, "laptop")
    article = kb.articles.get(GLOBEXS, "laptop").article
    clean = "Mail <EMAIL> of <WORD>, call <PHONE>, ping <HOST>"
    assert (article.title, article.resolution, article.cause) == (f"{TITLE} <HOST>", clean, clean)
    assert (article.issue, article.environment, article.tags) == ((clean,), (clean,), (clean,))
    for word in ("acme.example", "Heron", "888", "PRINT01"):
        assert said(kb, word) == said(kb, word, GLOBEXS) == []


def test_after_the_tenant_is_erased_only_the_shared_text_is_left(open_base, folder):
    kb = open_base()
    kb.redaction.set_policy(ACME, RedactionPolicy(kept=(f"{WORDS[0]}@acme.example",)))
    put(kb, "laptop", TITLE, f"Call the {WORDS[1]}")
    put(kb, "laptop", TITLE, f"{TEXT}. Mail {WORDS[0]}@acme.example")
    put(kb, "sleep", f"{WORDS[2]} stays black", "Press the button for half a minute")
    kb.articles.merge(ACME, "sleep", "laptop", "lead")
    resolve(kb, "T-1", f"{WORDS[3]} is dark", f"Asked the {WORDS[4]}", solution_id="laptop")
    kb.give_feedback(ACME, Feedback(suggest(kb, TITLE).id, "laptop", FeedbackOutcome.WRONG, "ani", WORDS[3]))
    kb.articles.flag(ACME, "laptop", "f-1", WORDS[4], "ani", WORDS[2])
    left = [Traces(WORDS), traces(kb.store, ACME, DocumentKind.ARTICLE, "laptop", WORDS)]
    kb.sharing.share(ACME, "laptop")
    text = kb.articles.get(GLOBEXS, "laptop").article.resolution
    assert text == f"{TEXT}. Mail <EMAIL>"
    assert erase_tenant(kb.store, kb.purges, ACME, late_s=0).purged
    assert residue(folder, left) == []
    assert {table for table, _ in rows(kb, ACME)} <= holdings.KEPT
    assert kb.articles.get(GLOBEXS, "laptop").article.resolution == text
    assert found(kb, TITLE, GLOBEXS) == ["laptop"]
    kb.close()
    assert residue(folder, left) == []


def test_the_words_that_redaction_took_out_leave_the_files(kb, folder):
    kb.redaction.set_policy(ACME, RedactionPolicy(kept=(f"{WORDS[0]}@acme.example",)))
    put(kb, "laptop", TITLE, f"{TEXT}. Mail {WORDS[0]}@acme.example")
    left = traces(kb.store, ACME, DocumentKind.ARTICLE, "laptop", WORDS[:1])
    kb.sharing.share(ACME, "laptop")
    assert kb.purges.run()
    assert {one.partition(": ")[2] for one in residue(folder, [left])} == {f"the word {WORDS[0]}"}, "a former version"


def test_a_ticket_that_it_was_begun_with_is_erased(laptop, folder):
    resolve(laptop, "T-x", f"{WORDS[0]} is dark", f"Replaced the {WORDS[1]}")
    laptop.draft(ACME, "begun", DraftFrom(ticket_id="T-x"))
    put(laptop, "begun", "Lamp is dark", "Replace the bulb of the lamp")
    laptop.sharing.share(ACME, "begun")
    left = [Traces(WORDS[:2])]
    erased, _ = laptop.tickets.erase(ACME, "T-x")
    assert (erased.drafts, erased.articles_to_review) == ((), ("begun",))
    assert laptop.purges.run()
    assert residue(folder, left) == []
    assert laptop.articles.get(GLOBEXS, "begun").article.title == "Lamp is dark"


# -- afterwards ----------------------------------------------------------------------------------------------


def test_it_is_archived_and_deleted_as_any_shared_article(laptop, folder):
    put(laptop, "laptop", TITLE, f"Ask {WORDS[0]} first")
    put(laptop, "laptop", TITLE, TEXT)
    laptop.sharing.share(ACME, "laptop")
    put(laptop, "laptop", TITLE, TEXT, tenant=SHARED, state=ArticleState.ARCHIVED)
    assert (
        found(laptop, TITLE, GLOBEXS) == found(laptop, "Hold the power button", ACMES, kind=DocumentKind.ARTICLE) == []
    )
    put(laptop, "laptop", TITLE, TEXT, tenant=SHARED)
    assert found(laptop, TITLE, GLOBEXS) == ["laptop"]
    laptop.articles.delete(SHARED, "laptop")
    with pytest.raises(NotFound):
        laptop.articles.get(ACMES, "laptop")
    assert {one for one in links(laptop).values() if one and one.id == "laptop"} == set()
    assert laptop.articles.get(ACMES, "sleep").merged_into is None
    assert laptop.purges.run()
    assert residue(folder, [Traces(WORDS[:1])]) == [], "its former versions go as well"


def test_deleting_it_leaves_the_versions_of_a_tenants_edition(laptop):
    laptop.sharing.share(ACME, "laptop")
    put(laptop, "laptop", TITLE, "Ask the desk")
    laptop.articles.delete(SHARED, "laptop")
    assert [one.version for one in laptop.articles.versions(ACMES, "laptop", BEHIND, 9)] == [2, 1]


def test_another_tenants_article_of_the_same_id_becomes_its_edition(laptop):
    put(laptop, "laptop", "Laptop is wet", "Dry it for a day", tenant=GLOBEX)
    resolve(laptop, "G-1", "Laptop is wet", "Dried it", solution_id="laptop", tenant=GLOBEX)
    laptop.sharing.share(ACME, "laptop")
    assert history(laptop, GLOBEXS) == ((GLOBEX, "laptop"), (1, 0, 0))
    laptop.articles.delete(GLOBEX, "laptop")
    assert history(laptop, GLOBEXS) == ((SHARED, "laptop"), (1, 0, 0))
    assert history(laptop, ACMES) == ((SHARED, "laptop"), (4, 1, 1))


def test_no_fix_takes_the_id_of_a_shared_article(kb):
    """A fix that became an article that was shared: its ticket forms no edition of that by itself."""
    fix = resolve(kb, "T-1", TITLE, TEXT).solution_id
    put(kb, fix, TITLE, "Ask the desk for another laptop")
    kb.sharing.share(ACME, fix)
    resolve(kb, "T-1", TITLE, "Replaced the battery of the laptop")
    written = resolve(kb, "T-1", TITLE, TEXT)
    assert written.solution_id != fix
    assert kb.articles.get(ACMES, fix).tenant == SHARED


def test_dismissed_proposals_stay_dismissed(kb):
    steps = "Remove the old driver. Install the new one. Restart the computer. Print a page."
    for id, tenant in (("a", ACME), ("b", ACME), ("c", ACME), ("d", SHARED)):
        put(kb, id, TITLE, steps, tenant=tenant)
    kb.proposals.catch_up()
    kb.proposals.dismiss(ACME, "a", "b")
    kb.proposals.dismiss(ACME, "b", "d")
    kb.sharing.share(ACME, "b")
    kb.proposals.catch_up()
    pairs = {tenant: {(one.article.article.id, one.other.article.id) for one in kb.proposals.page(tenant, 0, 99)}
             for tenant in TENANTS}  # fmt: skip
    assert pairs == {ACME: {("a", "c"), ("a", "d"), ("c", "b"), ("c", "d")}, GLOBEX: set(), SHARED: set()}


def test_another_process_follows(open_base):
    kb, other = open_base(), open_base()
    put(kb, "laptop", TITLE, TEXT)
    resolve(kb, "T-1", TITLE, "Did so", solution_id="laptop")
    assert found(other, TITLE, GLOBEXS) == []
    shown = suggest(other, TITLE)
    kb.sharing.share(ACME, "laptop")
    assert found(other, TITLE, GLOBEXS) == ["laptop"]
    assert sorted(found(other, TITLE)) == ["T-1", "laptop"]
    kb.give_feedback(ACME, Feedback(shown.id, "laptop", FeedbackOutcome.SOLVED, "ani"))
    other.close()
    kb.close()
    again = open_base()
    assert found(again, TITLE, GLOBEXS) == ["laptop"]
    assert history(again, ACMES)[1] == (1, 0, 0)


def test_a_reindex_holds_it_once(open_base):
    kb = open_base()
    put(kb, "laptop", TITLE, TEXT)

    def share(done, total, left):
        if kb.articles.get(ACMES, "laptop").tenant == ACME:
            kb.sharing.share(ACME, "laptop")
        return False

    kb.reindexing.run("other", share)
    for scope in (ACMES, GLOBEXS, SHAREDS):
        assert found(kb, TITLE, scope) == ["laptop"]
