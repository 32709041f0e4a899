"""What the steps of `.github/workflows` run beside make's targets."""
