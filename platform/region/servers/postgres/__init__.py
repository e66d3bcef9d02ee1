"""PostgreSQL servers: where the programs are, one data folder, its archive of changes."""
