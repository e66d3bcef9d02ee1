"""Migrations of a product's database: run by a task of the product's own, next to the database."""
