"""How archives are named. Without imports: the state machine's definition is made from it as well."""

SENT_STRAIGHT = (".zip", ".ZIP")
"""Ends of names with which the state machine has a small file planned at once, where archives are opened."""
