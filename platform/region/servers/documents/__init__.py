"""A document database: MongoDB's wire protocol over mongomock's query engine, kept on disk.

docs/decisions says why, and what it cannot do.
"""
