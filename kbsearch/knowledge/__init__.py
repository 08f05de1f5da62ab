"""The knowledge base: store, index and embedder meet only here."""

from kbsearch.knowledge.base import KnowledgeBase

__all__ = ["KnowledgeBase"]
