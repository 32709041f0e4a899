"""The API: its document, the gateway that is derived from it, and who may sign in."""
