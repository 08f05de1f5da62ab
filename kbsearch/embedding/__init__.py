"""Embedding models. The only room that imports sentence_transformers or torch."""
