"""A picture of an environment: `model` finds its parts, `layout` places them, `svg` draws them."""
