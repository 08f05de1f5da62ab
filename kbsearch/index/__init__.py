"""Search over passages and documents. The only room that imports faiss."""
