from kbsearch.model import Job, JobState
from kbsearch.store import jobs


def test_a_job_is_followed(store):
    with store.write() as tx:
        jobs.put_new(tx, "j", "reindex", None)
        assert jobs.get(tx, "j") == Job("j", JobState.QUEUED, 0, 0, None, None)
        assert not jobs.update(tx, "j", JobState.RUNNING, 5, 10, 3)
        assert jobs.get(tx, "j") == Job("j", JobState.RUNNING, 5, 10, 3, None)
        assert jobs.get(tx, "other") is None


def test_a_job_learns_that_it_shall_stop(store):
    with store.write() as tx:
        jobs.put_new(tx, "j", "reindex", None)
        jobs.cancel(tx, "j")
        assert jobs.update(tx, "j", JobState.RUNNING, 5, 10, None)


def test_what_a_killed_process_left_running_is_closed(store):
    with store.write() as tx:
        for id, state in (("queued", None), ("running", JobState.RUNNING), ("done", JobState.DONE)):
            jobs.put_new(tx, id, "reindex", None)
            if state:
                jobs.update(tx, id, state, 1, 2, 60)
        jobs.fail_unfinished(tx, "the process was ended")
        assert jobs.get(tx, "queued") == Job("queued", JobState.FAILED, 0, 0, None, "the process was ended")
        assert jobs.get(tx, "running") == Job("running", JobState.FAILED, 1, 2, None, "the process was ended")
        assert jobs.get(tx, "done").state == JobState.DONE
