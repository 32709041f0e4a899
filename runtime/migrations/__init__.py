"""The catalogue's migrations: numbered SQL files, each run once, in order, and never changed afterwards.

They only add: for some minutes of a deployment, functions of before work with a database of after.
"""

from pathlib import Path

FOLDER = Path(__file__).parent
