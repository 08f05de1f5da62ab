"""Serves an exported model with onnxruntime: neither torch nor sentence-transformers is imported."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from kbsearch.checksums import checksum
from kbsearch.embedding.embedder import Vectors
from kbsearch.embedding.queries import QueryEmbedding
from kbsearch.embedding.turns import Turns

FORMAT = 1
DESCRIPTION, GRAPH, WEIGHTS, TOKENIZER = "export.json", "model.onnx", "model.bin", "tokenizer.json"
_TOKENS_AT_ONCE = 512  # docs/measurements.md
_PADDING = 32  # tokens; a call costs as much as 16 (on one thread) to 38 (on two), whatever it computes


class ExportInvalid(Exception):
    """An export cannot be used: damaged, incomplete or of another format."""


@dataclass(frozen=True, slots=True)
class Description:
    """What an export is.

    Attributes:
        format: FORMAT of the version that wrote it.
        fingerprint: names the weights in ``model_id``.
        dimension: length of a vector.
        max_length: tokens that are read, special ones counted.
        inputs: which of input_ids, attention_mask, token_type_ids the graph takes.
        pad: id of the padding token.
        checksums: xxh3 of the files.
        measured: what the export lost against sentence-transformers, for people.
    """

    format: int
    fingerprint: str
    dimension: int
    max_length: int
    inputs: list[str]
    pad: int
    checksums: dict[str, str]
    measured: dict[str, float]

    def write(self, folder: Path) -> None:
        (folder / DESCRIPTION).write_text(json.dumps(asdict(self), indent=1))


@dataclass(frozen=True, slots=True)
class Threads:
    """How the cores are used.

    Attributes:
        query: threads of one model call for queries.
        workers: document batches at the same time.
        document: threads of each.
    """

    query: int
    workers: int
    document: int


def describe(folder: Path) -> Description:
    """Read and check an export. Raises ExportInvalid."""
    try:
        description = Description(**json.loads((folder / DESCRIPTION).read_text()))
        if description.format != FORMAT:
            raise ExportInvalid(f"{folder}: its format is {description.format}, this version reads {FORMAT}")
        for name, expected in description.checksums.items():
            if checksum(folder / name) != expected:
                raise ExportInvalid(f"{folder / name}: the file is damaged (its checksum differs)")
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ExportInvalid(f"{folder}: the export cannot be read") from error
    return description


class Graph:
    """The exported graph with its tokenizer; each number of threads gets a session when it is first wanted.

    Args:
        folder: the export.
        description: what describe() said of it.

    Raises:
        ExportInvalid: its files cannot be loaded.
    """

    def __init__(self, folder: Path, description: Description) -> None:
        self._folder = folder
        self._description = description
        self._sessions: dict[int, onnxruntime.InferenceSession] = {}
        try:
            self._tokenizer: Any = Tokenizer.from_file(str(folder / TOKENIZER))
        except Exception as error:
            raise ExportInvalid(f"{folder}: the tokenizer cannot be loaded") from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(description.max_length)

    @property
    def max_tokens(self) -> int:
        """How many tokens of a text are read, special tokens not counted."""
        return self._description.max_length - int(self._tokenizer.num_special_tokens_to_add(False))

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        # What a text is cut off is kept beside it: counting needs no second tokenizer, which takes long to load.
        found = _encodings(self._tokenizer, texts, special=False)
        return [len(one.ids) + sum(len(rest.ids) for rest in one.overflowing) for one in found]

    def batches(self, texts: Sequence[str], most_tokens: int = _TOKENS_AT_ONCE) -> list[tuple[list[int], list[Any]]]:
        """The texts' places and their token ids in batches of like length, the longest first."""
        ids = [encoding.ids for encoding in _encodings(self._tokenizer, texts)]
        order = sorted(range(len(texts)), key=lambda place: -len(ids[place]))
        batches: list[list[int]] = []
        room, longest, padding = 0, 0, 0
        for place in order:
            padding += longest - len(ids[place])
            if room <= 0 or padding > _PADDING:
                batches.append([])
                longest, padding = len(ids[place]), 0
                room = most_tokens // max(1, longest)
            batches[-1].append(place)
            room -= 1
        return [(places, [ids[place] for place in places]) for places in batches]

    def run(self, ids: Sequence[Sequence[int]], threads: int) -> Vectors:
        """Unit vectors of one batch, shape (len(ids), dimension)."""
        longest = max(map(len, ids))
        padded = np.full((len(ids), longest), self._description.pad, np.int64)
        mask = np.zeros_like(padded)
        for row, some in enumerate(ids):
            padded[row, : len(some)] = some
            mask[row, : len(some)] = 1
        given: dict[str, NDArray[np.int64]] = {
            "input_ids": padded,
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(padded),
        }
        feed = {name: given[name] for name in self._description.inputs}
        vectors: Vectors = self._session(threads).run(None, feed)[0]
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)

    def encode(self, texts: Sequence[str], threads: int) -> Vectors:
        """Unit vectors of some texts, shape (len(texts), dimension)."""
        vectors = np.empty((len(texts), self._description.dimension), np.float32)
        for places, ids in self.batches(texts):
            vectors[places] = self.run(ids, threads)
        return vectors

    def forget_sessions(self, keep: Collection[int]) -> None:
        """Drop the sessions of other numbers of threads: each holds some 40 MB of packed weights."""
        self._sessions = {threads: session for threads, session in self._sessions.items() if threads in keep}

    def _session(self, threads: int) -> onnxruntime.InferenceSession:
        session = self._sessions.get(threads)
        if session is None:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = threads
            options.inter_op_num_threads = 1
            # The saved graph is optimised already.
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
            # Threads that wait by spinning make a query 15 times slower as soon as another process wants the cores.
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")
            try:
                path = str(self._folder / GRAPH)
                session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
            except Exception as error:
                raise ExportInvalid(f"{self._folder}: the graph cannot be loaded") from error
            self._sessions[threads] = session
        return session


class ExportedEmbedder:
    """An embedder over an exported graph.

    Args:
        name: how the model was asked for.
        model_id: name and fingerprint.
        graph: the loaded graph.
        dimension: length of a vector.
        threads: how the cores are used.
    """

    def __init__(self, name: str, model_id: str, graph: Graph, dimension: int, threads: Threads) -> None:
        self._name = name
        self._model_id = model_id
        self._graph = graph
        self._dimension = dimension
        self._threads = threads
        self._turns = turns = Turns(threads.workers)

        def encode(texts: Sequence[str]) -> Vectors:  # holds no reference to the embedder, so that it can end
            with turns.query():
                return graph.encode(texts, threads.query)

        self._queries = QueryEmbedding(encode, dimension)
        self.embed_query(["the first call sets up what the next ones use"])

    @property
    def name(self) -> str:
        return self._name

    @property
    def model_id(self) -> str:
        return self._model_id

    @property
    def dimension(self) -> int:
        return self._dimension

    @property
    def max_tokens(self) -> int:
        return self._graph.max_tokens

    def embed_query(self, texts: Sequence[str]) -> Vectors:
        return self.submit_query(texts).result()

    def submit_query(self, texts: Sequence[str], scope: str = "") -> Future[Vectors]:
        return self._queries.submit(texts, scope)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        vectors = np.empty((len(texts), self._dimension), np.float32)
        for places, ids in self._graph.batches(texts):
            with self._turns.documents():
                # A few texts, as a write-back brings, are not worth a session of their own.
                few = len(texts) <= 4
                vectors[places] = self._graph.run(ids, self._threads.query if few else self._threads.document)
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._graph.count_tokens(texts)


def _encodings(tokenizer: Any, texts: Sequence[str], special: bool = True) -> list[Any]:
    if len(texts) == 1:  # a batch wakes other threads, which takes longer than a question does
        return [tokenizer.encode(texts[0], add_special_tokens=special)]
    encodings: list[Any] = tokenizer.encode_batch_fast(list(texts), add_special_tokens=special)
    return encodings


def cores() -> int:
    return len(os.sched_getaffinity(0))
