"""The emulator that answers for the AWS services which the region does not answer itself.

It is ministack, in a process of its own, on a socket that the supervisor holds: when the emulator
crashes, connections wait there until it runs again. It believes that its port is the endpoint's,
so that queue URLs, and the functions it runs, lead back through the endpoint.
"""
