"""The index in this process: FAISS and BM25F over segments, with snapshots on disk."""
