"""Kafka brokers: librdkafka's mock cluster in a process of its own, one process per cluster.

The mock speaks Kafka's protocol with groups, transactions and compression, and serves well over a
hundred thousand messages per second. It keeps everything in memory, the newest 5 MiB of each
partition; what no group has read yet is saved when the program is asked to stop, and put back
when it starts again, with new offsets.

A group that is not new rebalances for its members' `session.timeout.ms` less one second, however
soon all have joined: clients that restart often do well with 6000.
"""
