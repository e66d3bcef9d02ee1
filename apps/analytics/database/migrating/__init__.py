"""Migrates the database: expands the schema beside running releases, contracts it later."""
