"""Policy packs: `interface` is what the engine asks of them, `analyzer` runs real ones."""
