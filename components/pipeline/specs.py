"""The functions of the flow: environment, libraries and size of each."""

from components.function import FunctionSpec
from runtime import environment as env

CORE, DATA, SIGN, IMAGE, TABLE = "core", "data", "sign", "image", "table"
WHOLE_CPU_MB = 1769
LONGEST = 900

SPECS = {
    spec.name: spec
    for spec in (
        FunctionSpec(
            name="ingest", environment=env.Ingest, locks=(CORE,), timeout_seconds=30, memory_mb=512, quick=True
        ),
        FunctionSpec(
            name="process",
            environment=env.Process,
            locks=(DATA, SIGN, TABLE),
            timeout_seconds=60,
            memory_mb=WHOLE_CPU_MB,
        ),
        # Its memory is for the decoders: see `MEMORY_BYTES` in runtime/adapters/imaging.py.
        FunctionSpec(
            name="image", environment=env.Image, locks=(DATA, SIGN, IMAGE), timeout_seconds=300, memory_mb=3008
        ),
        FunctionSpec(name="plan", environment=env.Plan, locks=(DATA,), timeout_seconds=LONGEST, memory_mb=WHOLE_CPU_MB),
        FunctionSpec(
            name="part", environment=env.Part, locks=(DATA, TABLE), timeout_seconds=300, memory_mb=WHOLE_CPU_MB
        ),
        FunctionSpec(
            name="merge", environment=env.Merge, locks=(DATA, TABLE), timeout_seconds=LONGEST, memory_mb=WHOLE_CPU_MB
        ),
        FunctionSpec(
            name="archive", environment=env.Archive, locks=(DATA,), timeout_seconds=LONGEST, memory_mb=WHOLE_CPU_MB
        ),
        FunctionSpec(name="publish", environment=env.Publish, locks=(DATA, SIGN), timeout_seconds=300, memory_mb=512),
        FunctionSpec(name="fail", environment=env.Fail, locks=(CORE,), timeout_seconds=30, memory_mb=512, quick=True),
        FunctionSpec(
            name="announce", environment=env.Announce, locks=(CORE,), timeout_seconds=30, memory_mb=512, quick=True
        ),
        FunctionSpec(name="link", environment=env.Link, locks=(SIGN,), timeout_seconds=10, memory_mb=512, quick=True),
        FunctionSpec(
            name="redrive", environment=env.Redrive, locks=(CORE,), timeout_seconds=30, memory_mb=512, quick=True
        ),
    )
}
UNPACK = FunctionSpec(
    name="unpack", environment=env.Unpack, locks=(DATA,), timeout_seconds=LONGEST, memory_mb=WHOLE_CPU_MB
)
"""Only where the members of archives are files of their own."""
PLANNERS = ("process", "plan")
"""Functions that have to know which tables are declared."""
STEPS = ("process", "image", "plan", "part", "merge", "archive", "publish", "fail")
"""Functions that the state machine calls."""
