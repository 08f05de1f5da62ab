"""Two applications in one process."""

from __future__ import annotations

from pathlib import Path

import httpx

from api.calls import hit_ids, suggest, suggested_ids, write_back
from api.conftest import calling, serving
from kbsearch.api.app import create_app
from kbsearch.api.service import Service
from kbsearch.bootstrap import embedded
from scripts.harness.hashing import HashingEmbedder

SUBJECT = "Stapler of the big copier jams"


def test_each_has_its_own_knowledge(tmp_path: Path) -> None:
    ours = embedded(tmp_path / "ours", lambda model: HashingEmbedder())
    theirs = embedded(tmp_path / "theirs", lambda model: HashingEmbedder(dimension=32, name="other"))
    with calling(create_app(Service(ours))) as one, calling(create_app(Service(theirs))) as other:
        for i in range(5):
            write_back(one, f"RT-{i}", SUBJECT, f"Removed the bent staple number {i} from the finisher.")
        key = {"Idempotency-Key": "k-1"}
        body = {"title": SUBJECT, "issue": [SUBJECT], "resolution": "Remove the bent staple."}
        first = one.post("/v1/articles", json=body, headers=key)
        second = other.post("/v1/articles", json={**body, "title": "Projector shows nothing", "issue": []}, headers=key)
        assert (first.status_code, second.status_code) == (201, 201)
        assert len(suggested_ids(one, SUBJECT)) == 6
        assert hit_ids(other, f'"{SUBJECT}"') == []
        assert suggest(one, SUBJECT)["model"] == "hashing@64"
        assert suggest(other, SUBJECT)["model"] == "other@32"
        ours.close()
        assert suggest(other, "Projector shows nothing")["solutions"]
        theirs.close()


def test_both_serve_at_once(tmp_path: Path) -> None:
    bases = [embedded(tmp_path / str(i), lambda model: HashingEmbedder()) for i in range(2)]
    with serving(create_app(Service(bases[0]))) as one, serving(create_app(Service(bases[1]))) as other:
        sent = {"ticket": {"subject": SUBJECT}, "resolution": "Removed the bent staple from the finisher."}
        assert httpx.put(f"{one}/v1/tickets/RT-1/resolution", json=sent).status_code == 201
        assert httpx.get(f"{one}/v1/tickets/RT-1").status_code == 200
        assert httpx.get(f"{other}/v1/tickets/RT-1").status_code == 404
    for base in bases:
        base.close()


def test_two_applications_of_one_folder_see_each_others_writes(tmp_path: Path) -> None:
    bases = [embedded(tmp_path / "same", lambda model: HashingEmbedder()) for _ in range(2)]
    with calling(create_app(Service(bases[0]))) as one, calling(create_app(Service(bases[1]))) as other:
        for i in range(10):
            writer, reader = (one, other) if i % 2 else (other, one)
            subject = f"Copier number{i} shows C{i:05d}"
            revision = write_back(writer, f"RT-{i}", subject, f"Cleaned mirror{i} of the copier.")["revision"]
            answer = suggest(reader, subject)
            assert answer["revision"] == revision
            assert answer["solutions"][0]["evidence"]["examples"] == [f"RT-{i}"]
    for base in bases:
        base.close()
