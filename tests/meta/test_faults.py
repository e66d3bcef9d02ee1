"""Every fault of the reliability suite is injected by a test."""

from support.faults import FAULTS, marked


def test_every_fault_is_injected_by_a_test():
    injected = {number for number, _ in marked()}
    assert sorted(set(FAULTS) - injected) == []


def test_marks_name_faults_that_there_are():
    assert {number for number, _ in marked()} <= set(FAULTS)
