"""What an environment costs a month: planned resources × a dated price book.

1. `resources` reads the planned resources out of a preview's steps;
2. `meters` says, by resource type, what AWS would meter of each: a table;
3. `assumptions.yaml` adds the traffic that no plan can know, and says so;
4. a price book (`prices_*.yaml`, read by `book`) turns meters into money;
5. `estimate` adds up by product and service, `difference` compares before and after.
"""
