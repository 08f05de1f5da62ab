"""``kbsearch serve``."""

from __future__ import annotations

import logging
import signal
import socket
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import FrameType

import click
import uvicorn
from fastapi import FastAPI

from kbsearch.allocator import share_arenas
from kbsearch.api.app import create_app
from kbsearch.api.hooks import Hooks, Source
from kbsearch.api.service import Service
from kbsearch.api.telemetry import NO_TELEMETRY, otlp_provider, traced
from kbsearch.bootstrap import gate_rules, open_knowledge
from kbsearch.cli.articles import load_folder
from kbsearch.cli.connections import bounded, most_connections
from kbsearch.cli.options import data_option, settings
from kbsearch.cli.output import fail, log_to_stderr, say
from kbsearch.cli.sample_history import MovableClock, play_history
from kbsearch.errors import InvalidInput, KBSearchError
from kbsearch.knowledge import KnowledgeBase
from kbsearch.settings import Settings
from kbsearch.ticketing.connector import connectors_in, secrets_of
from kbsearch.web.pages import add_pages

_log = logging.getLogger(__name__)

SAMPLES = Path(__file__).parent.parent / "samples"
"""Articles and tickets to try kbsearch with. In the repository it is a link to the folder ``articles``."""

_SWITCH_INTERVAL_S = 0.0005
_EXAMPLE = '{"ticket": {"subject": "Outlook asks for the password again and again"}}'


@click.command()
@data_option
@click.option("--host", help="Address to listen on (KBSEARCH_HOST); without keys, only loopback.")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port (KBSEARCH_PORT); 0 takes a free one.")
@click.option("--model", help="Embedding model for a new data folder (KBSEARCH_MODEL).")
@click.option(
    "--load",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="First mirror this folder of articles, as `articles sync` does, and import its tickets.",
)
@click.option("--samples", is_flag=True, help="First load the sample articles and tickets.")
def serve(
    data_dir: Path | None, host: str | None, port: int | None, model: str | None, folder: Path | None, samples: bool
) -> None:
    """Serve the API. SIGTERM stops the server after the running requests."""
    if samples and folder is not None:
        raise click.UsageError("Use either --samples or --load.")
    configured = settings(data_dir=data_dir, host=host, port=port, model=model)
    log_to_stderr(logging.INFO, configured.log_format)
    rules = gate_rules(configured)
    # A thread that has the interpreter keeps it for 5 ms by default: too long for one that only starts a model call.
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    share_arenas()
    telemetry = traced(otlp_provider()) if configured.telemetry else NO_TELEMETRY
    listening = _bind(configured)
    service = Service()
    audit_kept = timedelta(days=configured.audit_days)
    hooks = _hooks(configured.connectors_dir)
    origins, hosts = _listed(configured.cors_origins), _listed(configured.mcp_hosts)
    app = create_app(service, rules, origins, audit_kept, telemetry, hosts, hooks)
    add_pages(app, _listed(configured.panel_origins))
    server = _Server(server_config(app, configured), service)
    opening = _Opening(configured, service, SAMPLES if samples else folder, listening.getsockname()[:2], server, hooks)
    opening.start()
    server.run(sockets=[listening])
    opening.finish()


def server_config(app: FastAPI, configured: Settings) -> uvicorn.Config:
    """How uvicorn serves it. Only a trusted proxy may say who the client is."""
    return uvicorn.Config(
        app,
        http=bounded(most_connections()),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=configured.trusted_proxies is not None,
        forwarded_allow_ips=configured.trusted_proxies or "",
        timeout_graceful_shutdown=configured.shutdown_timeout_s,
    )


class _Server(uvicorn.Server):
    """Ends on SIGTERM or SIGINT without raising the signal again: the data folder is closed, the exit code is 0."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        before = {number: signal.signal(number, self._stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.force_exit = self.should_exit  # a second signal does not wait for requests
        self.should_exit = True
        self._service.stopping.set()


class _Opening(threading.Thread):
    """Opens the knowledge base while the server already answers /healthz; ends the server if that fails."""

    def __init__(
        self,
        configured: Settings,
        service: Service,
        folder: Path | None,
        address: tuple[str, int],
        server: uvicorn.Server,
        hooks: Hooks,
    ) -> None:
        super().__init__(name="kbsearch-open", daemon=True)
        self._hooks = hooks
        self._configured = configured
        self._service = service
        self._folder = folder
        self._address = address
        self._server = server
        self._knowledge: KnowledgeBase | None = None
        self._failure: str | None = None

    def run(self) -> None:
        try:
            self._open()
        except Exception as error:  # noqa: BLE001 - a server that will never be ready must end
            if isinstance(error, KBSearchError):
                self._failure = str(error)
            else:
                _log.error("the data folder could not be opened", exc_info=error)
                self._failure = f"an internal error ({type(error).__name__}) while opening, see the log above"
            self._server.should_exit = True

    def finish(self) -> None:
        """Close what was opened, or end the process with the reason why it could not be."""
        if self._failure is not None:
            fail(self._failure)
        if self._knowledge is not None:
            say("saving the index and closing the data folder")
            self._knowledge.close()

    def _open(self) -> None:
        self._service.waiting_for = "loading the model and opening the index"
        say(f"loading the model and opening {self._configured.data_dir}")
        clock = MovableClock()
        self._knowledge = knowledge = open_knowledge(self._configured, clock)
        if self._folder is not None:
            self._load(knowledge, clock, self._folder)
        if knowledge.reindexing.rebuild_if_outdated():
            say("this version analyses texts differently: the index is being rebuilt in the background")
        knowledge.start_upkeep()
        self._hooks.begin(knowledge)
        self._service.open(knowledge)
        documents, passages = knowledge.count()
        host, port = self._address
        if host in ("0.0.0.0", "::"):  # noqa: S104 - nothing is bound here
            say(f"listening on all addresses of this machine, port {port}")
            host = "127.0.0.1" if host == "0.0.0.0" else "::1"  # noqa: S104
        url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        say(f"ready on {url} with {documents} documents ({passages} passages); pages: {url}/, API: {url}/docs")
        say(f"try:\n  curl -s {url}/v1/suggest -H 'Content-Type: application/json' -d '{_EXAMPLE}'")

    def _load(self, knowledge: KnowledgeBase, clock: MovableClock, folder: Path) -> None:
        """Load a folder. The samples come with a history, which happens in a new data folder only."""
        self._service.waiting_for = f"loading {folder}"
        if folder == SAMPLES and knowledge.count() == (0, 0):
            say(f"added a history of {play_history(knowledge, clock, folder, clock())} tickets up to now")
        else:
            load_folder(knowledge, folder)


def _hooks(folder: Path | None) -> Hooks:
    """The connectors of a folder. Raises BrokenFile for one that cannot be read or has no secret."""
    found = {} if folder is None else connectors_in(folder)
    return Hooks({name: Source(one, secrets_of(one)) for name, one in found.items()})


def _listed(text: str | None) -> list[str]:
    return [one.strip() for one in (text or "").split(",") if one.strip()]


def _bind(configured: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in configured.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((configured.host, configured.port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise InvalidInput(
            "", f"cannot listen on {configured.host}:{configured.port} ({error.strerror}); choose another with --port"
        ) from error
    return listening
