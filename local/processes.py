"""Processes of this machine."""

import os


def alive(pid: int) -> bool:
    """True while there is a process of this number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
