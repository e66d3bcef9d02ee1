"""Cutovers: moving a service from the side that serves to the one with another release, and back.

`course.py` says what is to be moved, and `plan.py` which steps that takes. Each step is a file in
`steps/`; `balanced.py`, `fargate.py`, `startup.py` and `figures.py` are how they see and change
AWS.
"""
