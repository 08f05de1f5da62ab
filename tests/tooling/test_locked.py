from __future__ import annotations

from scripts.project import locked


def test_what_differs_is_named() -> None:
    wanted = locked.locked("click==8.5.1\nA_b.c==1.0\n", "TORCH := torch==2.13.0\n")
    assert wanted == {"click": "8.5.1", "a-b-c": "1.0", "torch": "2.13.0"}
    assert locked.differing({"click": "8.5.1", "torch": "2.13.0+cpu"}, wanted) == []
    assert locked.differing({"click": "8.5.0", "left-pad": "1"}, wanted) == [
        "click 8.5.0 is installed, 8.5.1 is locked",
        "left-pad 1 is not locked",
    ]


def test_this_environment_is_the_locked_one() -> None:
    assert locked.main() == 0
