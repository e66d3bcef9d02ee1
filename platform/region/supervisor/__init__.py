"""The supervisor: one process per project that owns everything the local region runs.

A region starts and stops in this order; each stage only uses what came before it:

1. `__main__` takes the lock of the region's folder, so that there is one supervisor per folder.
2. `processes` clears away what an earlier supervisor's ledger still lists, then starts the warden.
3. `store`, `addresses` and `certificates` open what earlier runs left behind.
4. The AWS endpoint listens; the emulator starts; meanwhile the region's own services are imported.
5. Each own service starts and brings reality in line with its records.

Stopping goes backwards. The endpoint answers until the last service has stopped, because services
that stop still write logs and state through it.
"""
