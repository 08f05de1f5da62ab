"""Embedding models. The only package that imports sentence_transformers or torch."""
