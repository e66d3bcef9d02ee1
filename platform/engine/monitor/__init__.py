"""Serves Pulumi's `ResourceMonitor` and `Engine` to the program, over gRPC on loopback.

`server` owns the sockets; `resource_monitor` and `engine_log` answer; `requests` turns messages
into goals, `marshal` turns protobuf values into property values; `callbacks` calls back into the
program for transforms and hooks. Nothing here decides anything: that is `planning`.
"""
