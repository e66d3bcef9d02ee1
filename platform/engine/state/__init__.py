"""What the engine remembers between runs, and how it survives a crash.

`resource` is one recorded resource; `checkpoint` reads and writes Pulumi's own format; `ledger`
holds the resources while an operation changes them, and tells `journal` every change before it
counts; `stack` owns one stack's files under a lock; `backend` is the folder with all stacks.
"""
