"""Exports a sentence-transformers model to an ONNX graph that onnxruntime serves.

    python -m kbsearch.embedding.export MODEL TARGET fp32|int8

Runs in a process of its own, so that a serving process never imports torch. The whole pipeline of modules (transformer,
pooling, dense, normalise) becomes one graph. It is compared with sentence-transformers on texts of many
kinds and lengths, and refused where it does not give the same vectors. Exit code 0: TARGET holds the export;
3: refused, the last line on stderr says why.
"""

from __future__ import annotations

import hashlib
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kbsearch.checksums import checksum
from kbsearch.embedding.embedder import Vectors
from kbsearch.embedding.exported import (
    FORMAT,
    GRAPH,
    TOKENIZER,
    WEIGHTS,
    Description,
    ExportInvalid,
    Graph,
    cores,
)
from kbsearch.embedding.weights import fingerprint, model_folder

REFUSED = 3
LEAST_COSINE = 0.9999
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_OPSET = 17

CHECKED = (
    "",
    "vpn",
    "0x80070005",
    "Outlook asks for the password again and again",
    "The printer on the second floor prints blank pages since the driver was updated this morning.",
    "Принтерът не печата",
    "Не мога да вляза в пощата, иска парола и после пак иска парола, а вчера работеше. Телефонът я приема.",
    "ne moga da vlqza v poshtata ot vchera",
    "Teams: no sound in meetings, headset works in other programs (Jabra Evolve 40, Windows 11 23H2).",
    "BSOD IRQL_NOT_LESS_OR_EQUAL after KB5034441; rollback fails with 0x80070643 on srv-print01.corp.example",
    "1. Open the registry editor.\n2. Go to HKLM\\SOFTWARE\\Policies.\n3. Delete the value `Proxy`.\n4. Sign in again.",
    "Die Freigabe \\\\fs02\\daten ist nicht erreichbar: „Zugriff verweigert“ 🔒",
    "Excel " * 40,
    "The mailbox is full and the user cannot send. Archive old items, empty the deleted items folder, then raise the "
    "quota by one step in the admin centre; it takes effect within an hour. " * 6,
    "Нулирайте паролата от портала за самообслужване и изчакайте синхронизацията, после излезте от всички сесии. " * 8,
)
"""What an export is compared on: of every length, script and kind that a desk sees, nothing to longer than is read."""


class Refused(Exception):
    """The model is better served by sentence-transformers itself."""


def export(model: str, target: Path, precision: str) -> Description:
    """Export a model into a folder.

    Args:
        model: ``default``, ``english``, a folder, or a name that sentence-transformers finds in its cache.
        target: an empty folder.
        precision: ``fp32`` gives the same vectors; ``int8`` is smaller and faster, and loses something.

    Raises:
        Refused: it cannot be exported, or its graph gives other vectors.
        ModelNotLoadable: there is no such model.
    """
    warnings.simplefilter("ignore")
    from sentence_transformers import SentenceTransformer

    with model_folder(model) as path:
        # Without fused attention, which the exporter would take apart less well.
        loaded: Any = SentenceTransformer(path, device="cpu", model_kwargs={"attn_implementation": "eager"})
    loaded.eval()
    tokenizer = getattr(loaded.tokenizer, "backend_tokenizer", None)
    if tokenizer is None:
        raise Refused("it has no fast tokenizer")
    expected: Vectors = loaded.encode(list(CHECKED), normalize_embeddings=True, show_progress_bar=False)
    inputs = _write_graph(loaded, target)
    tokenizer.save(str(target / TOKENIZER))
    _optimise(target, precision)
    description = Description(
        format=FORMAT,
        fingerprint=fingerprint(model) or vector_fingerprint(loaded),
        dimension=int(expected.shape[1]),
        max_length=int(loaded.max_seq_length or 512),
        inputs=inputs,
        pad=int(loaded.tokenizer.pad_token_id or 0),
        checksums={name: checksum(target / name) for name in (GRAPH, WEIGHTS, TOKENIZER) if (target / name).exists()},
        measured={},
    )
    try:
        found = Graph(target, description).encode(CHECKED, cores())
    except ExportInvalid as error:
        raise Refused(str(error)) from error
    description.measured.update(_compared(expected, found))
    if precision == "fp32" and description.measured["least_cosine"] < LEAST_COSINE:
        least = description.measured["least_cosine"]
        raise Refused(f"the exported graph gives other vectors (cosine {least:.5f}, required are {LEAST_COSINE})")
    description.write(target)
    return description


def vector_fingerprint(loaded: Any) -> str:
    """A fingerprint of a model without a folder, from one of its vectors."""
    vectors = loaded.encode(["kbsearch fingerprint"], normalize_embeddings=True, show_progress_bar=False)
    return hashlib.sha256(np.round(np.ascontiguousarray(vectors, np.float32), 3).tobytes()).hexdigest()[:12]


def _write_graph(loaded: Any, target: Path) -> list[str]:
    """Write the graph as the exporter gives it. Returns its inputs."""
    import torch

    to_onnx: Any = torch.onnx.export  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    features = dict(loaded.preprocess(["printer offline", "a somewhat longer text about a printer"]))
    inputs = [name for name in _INPUTS if name in features]
    if set(inputs) < {"input_ids", "attention_mask"} or not set(features) <= {*_INPUTS, "modality"}:
        raise Refused(f"it needs other inputs than tokens ({', '.join(sorted(features))})")

    class Whole(torch.nn.Module):
        def __init__(self, modules: Any) -> None:
            super().__init__()
            self.whole = modules

        def forward(self, *given: Any) -> Any:
            passed = dict(zip(inputs, given, strict=True))
            for module in self.whole:
                passed = module(passed)
            return passed["sentence_embedding"]

    axes = {name: {0: "texts", 1: "tokens"} for name in inputs} | {"vectors": {0: "texts"}}
    try:
        with torch.no_grad():
            to_onnx(
                Whole(loaded),
                tuple(features[name] for name in inputs),
                str(target / "exported.onnx"),
                input_names=inputs,
                output_names=["vectors"],
                dynamic_axes=axes,
                opset_version=_OPSET,
                dynamo=False,
            )
    except Exception as error:
        first = next(iter(str(error).splitlines()), "")
        raise Refused(f"the exporter cannot handle it: {type(error).__name__}: {first[:200]}") from error
    return inputs


def _optimise(target: Path, precision: str) -> None:
    """Let onnxruntime optimise the graph once, and keep the weights in a separate, memory-mapped file."""
    import onnxruntime

    source = target / "exported.onnx"
    if precision == "int8":
        from onnxruntime.quantization import QuantType, quantize_dynamic

        smaller = target / "quantised.onnx"
        quantize_dynamic(source, smaller, per_channel=True, weight_type=QuantType.QInt8)
        source.unlink()
        source = smaller
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(target / GRAPH)
    options.add_session_config_entry("session.optimized_model_external_initializers_file_name", WEIGHTS)
    options.add_session_config_entry("session.optimized_model_external_initializers_min_size_in_bytes", "1024")
    options.add_session_config_entry("session.disable_prepacking", "1")
    try:
        onnxruntime.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise Refused("onnxruntime cannot load the exported graph") from error
    source.unlink()


def _compared(expected: Vectors, found: Vectors) -> dict[str, float]:
    """Cosines with the vectors expected, and how many of the three nearest others are the same."""
    cosines = np.sum(expected * found, axis=1)

    def nearest(vectors: Vectors) -> list[set[int]]:
        near = vectors @ vectors.T - 2 * np.eye(len(vectors))
        return [set(row.tolist()) for row in np.argsort(-near, axis=1)[:, :3]]

    same = [len(a & b) / 3 for a, b in zip(nearest(expected), nearest(found), strict=True)]
    return {
        "least_cosine": float(cosines.min()),
        "mean_cosine": float(cosines.mean()),
        "same_neighbours": float(np.mean(same)),
    }


def main(arguments: Sequence[str]) -> int:
    model, target, precision = arguments
    try:
        export(model, Path(target), precision)
    except Refused as error:
        sys.stderr.write(f"\n{error}\n")
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
