"""The policy pack: registers the rules of all themes, and nothing else. Making the pack serves it until it is ended."""

import os
import sys
from pathlib import Path

# The engine runs this folder as a program, so the project's folder is not on the path.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pulumi_policy import EnforcementLevel, PolicyPack

from components.settings import is_protected
from policies.themes import levels, rules

PolicyPack(
    name="penstock",
    description="What every stack of Penstock has to be, whoever changes it",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=rules(),
    initial_config=dict(levels(protected=is_protected(os.environ))),
)
