"""What the local cloud has to say goes to one logger, `penstock.local`, and so does ministack's chatter."""

import logging
import os
import sys

LOG = logging.getLogger("penstock.local")
_VARIABLE = "PENSTOCK_LOCAL_LOG"
_QUIET = logging.CRITICAL


def configure() -> None:
    """Silent by default; `PENSTOCK_LOCAL_LOG=debug` (or any level's name) prints to stderr."""
    level = os.environ.get(_VARIABLE, "").upper()
    LOG.propagate = False
    LOG.setLevel(level if level in logging.getLevelNamesMapping() else _QUIET)
    LOG.handlers = [logging.StreamHandler() if level else logging.NullHandler()]
    for handler in LOG.handlers:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))


def adopt() -> None:
    """Makes all loggers of the modules of ministack that are loaded children of ours.

    They have names like `s3` and would otherwise write to whatever the root logger does.
    """
    for name, module in list(sys.modules.items()):
        if name.startswith("ministack"):
            for value in list(vars(module).values()):
                if isinstance(value, logging.Logger) and value is not LOG:
                    value.parent = LOG
    # A client that hangs up in the middle of a download is no news for who runs the cloud.
    for name in ("asyncio", "uvicorn", "uvicorn.error"):
        logging.getLogger(name).parent = LOG
    # Loggers remember what is enabled; setting a level makes all of them forget.
    LOG.setLevel(LOG.level)
