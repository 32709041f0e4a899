"""The policy pack: registers the rules of all themes, and nothing else. Making the pack serves it until it is ended."""

import sys
from pathlib import Path

# The engine runs this folder as a program, so the project's folder is not on the path.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pulumi_policy import EnforcementLevel, PolicyPack

from policies import encryption, least_privilege, public_access, transport
from policies.rules import of_module

PolicyPack(
    name="penstock",
    description="What every stack of Penstock has to be, whoever changes it",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[rule for theme in (encryption, least_privilege, public_access, transport) for rule in of_module(theme)],
)
