"""Feature flags: what a product's services do differently for whom, changed without a deployment.

What the flags of a product shall be is an item of the operations table, changed by a conditional
write; what services read is a parameter of Systems Manager, one in each region, to which it is
published. A publication that was interrupted is completed by the next one.

`find` knows which products of an environment have flags, `model` what a flag is, `store` how flags
are kept and published, `change` what `flag set` does.
"""
