"""The sizes that Fargate has."""

import re

SIZES: dict[int, tuple[int, ...]] = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4096 + 1, 1024)),
    1024: tuple(range(2048, 8192 + 1, 1024)),
    2048: tuple(range(4096, 16384 + 1, 1024)),
    4096: tuple(range(8192, 30720 + 1, 1024)),
    8192: tuple(range(16384, 61440 + 1, 4096)),
    16384: tuple(range(32768, 122880 + 1, 8192)),
}
"""CPU units → memory in MiB."""

CPU = re.compile(r"(\d*\.?\d+)\s*(vcpu)?", re.IGNORECASE)
MEMORY = re.compile(r"(\d*\.?\d+)\s*(gb)?", re.IGNORECASE)


def units(text: str) -> int | None:
    """Return CPU units of `256` or `.25 vCPU`, None if it is neither."""
    return _scaled(CPU, text)


def mebibytes(text: str) -> int | None:
    """Return MiB of `512` or `0.5 GB`, None if it is neither."""
    return _scaled(MEMORY, text)


def _scaled(pattern: re.Pattern[str], text: str) -> int | None:
    match = pattern.fullmatch(text.strip())
    if match is None:
        return None
    return round(float(match[1]) * (1024 if match[2] else 1))


def exists(cpu: int, memory: int) -> bool:
    """Say whether Fargate has tasks of that size."""
    return memory in SIZES.get(cpu, ())
