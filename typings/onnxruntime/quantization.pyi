"""The part of onnxruntime.quantization that kbsearch uses."""

from enum import Enum
from pathlib import Path

class QuantType(Enum):
    QInt8 = 0

def quantize_dynamic(
    model_input: Path, model_output: Path, *, per_channel: bool = False, weight_type: QuantType = ...
) -> None: ...
