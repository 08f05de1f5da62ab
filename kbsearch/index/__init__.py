"""Search over passages and documents. The only package that imports faiss."""
