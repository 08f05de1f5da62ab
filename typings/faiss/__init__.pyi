"""The part of faiss that kbsearch uses."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

IO_FLAG_MMAP_IFC: int
METRIC_INNER_PRODUCT: int

class IDSelectorBitmap:
    def __init__(self, bits: NDArray[np.uint8]) -> None: ...

class SearchParameters:
    def __init__(self, sel: IDSelectorBitmap | None = None) -> None: ...

class SearchParametersIVF(SearchParameters):
    def __init__(self, sel: IDSelectorBitmap | None = None, nprobe: int = 1) -> None: ...

class ScalarQuantizer:
    QT_fp16: int

class ClusteringParameters:
    niter: int
    max_points_per_centroid: int
    min_points_per_centroid: int
    seed: int

class Index:
    d: int
    ntotal: int
    def train(self, x: NDArray[np.float32]) -> None: ...
    def reset(self) -> None: ...
    def add(self, x: NDArray[np.float32]) -> None: ...
    def search(
        self, x: NDArray[np.float32], k: int, *, params: SearchParameters | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]: ...
    def range_search(
        self, x: NDArray[np.float32], thresh: float, *, params: SearchParameters | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.int64]]: ...

class IndexScalarQuantizer(Index):
    codes: Any
    def __init__(self, d: int, qtype: int, metric: int) -> None: ...

class IndexIVF(Index):
    nlist: int
    cp: ClusteringParameters

class IndexIVFPQFastScan(IndexIVF): ...

def index_factory(d: int, description: str, metric: int) -> Any: ...
def clone_index(index: Any) -> Any: ...
def write_index(index: Any, fname: str) -> None: ...
def read_index(fname: str, io_flags: int = 0) -> Any: ...
def rev_swig_ptr(pointer: Any, n: int) -> NDArray[np.uint8]: ...
def omp_set_num_threads(n: int) -> None: ...
