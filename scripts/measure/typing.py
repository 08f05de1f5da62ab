#!/usr/bin/env python3
"""Measures how long an agent waits for suggestions after the last key, in a real browser.

    python -m scripts.measure.typing --data FOLDER [--questions FILE] [--most 20]

Serves the data folder, types each question key by key as fast as a person does, and takes the time from the last key to
the moment at which its verdict stands in the page. The page itself waits 150 ms for a further key. FILE holds one
question a line; without it a few everyday ones are typed.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from scripts.harness.served import Served

_QUESTIONS = (
    "outlook keeps asking for my password since this morning",
    "the printer on the second floor does not print, the queue is full",
    "vpn error 809 after the update",
    "принтерът не печата",
    "I cannot send messages, the server says 550 5.7.1 unable to relay",
    "thunderbird shows no mails in any folder",
    "teams does not ring when somebody calls",
    "браузърът се затваря сам",
)
_BETWEEN_KEYS_MS = 45

_WATCH = """() => {
    const words = document.getElementById("words");
    window.shown = [];
    window.typed = 0;
    words.addEventListener("input", () => { window.typed = performance.now(); });
    document.addEventListener("htmx:after:swap", (event) => {
        if (event.detail.ctx.request.body?.get("words") === words.value) window.shown.push(performance.now());
    });
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the data folder to serve")
    parser.add_argument("--questions", type=Path, help="one question a line")
    parser.add_argument("--most", type=int, default=20, help="how many questions are typed")
    given = parser.parse_args()
    lines = given.questions.read_text().splitlines() if given.questions else _QUESTIONS
    asked = [line.strip()[:200] for line in lines if line.strip()][: given.most]
    with Served(given.data) as served, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("chromium-browser"), args=["--no-sandbox"]
        )
        page = browser.new_page(bypass_csp=True)  # to wait for what the page shows, a script is evaluated in it
        page.goto(f"http://127.0.0.1:{served.port}/?client=default")
        page.evaluate(_WATCH)
        waits = [_waited(page, question) for question in ("warming up", *asked)][1:]
        browser.close()
    print(f"{len(waits)} questions: from the last key to the verdict on the screen")
    for name, share in (("p50", 50), ("p95", 95), ("longest", 100)):
        print(f"{name:8} {np.percentile(waits, share):6.0f} ms")


def _waited(page: Page, question: str) -> float:
    """Milliseconds from the last key of a question until its answer is shown."""
    page.locator("#words").fill("")
    page.evaluate("window.shown = []")
    page.locator("#words").press_sequentially(question, delay=_BETWEEN_KEYS_MS)
    page.wait_for_function("window.shown.length && window.shown.at(-1) > window.typed", timeout=30_000)
    return page.evaluate("window.shown.at(-1) - window.typed")


if __name__ == "__main__":
    main()
