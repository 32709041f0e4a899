"""Certificates of authorities that no library brings along.

`rds.pem` has the roots by which RDS signs databases' certificates with `rds-ca-ecc384-g1`, one for each region. They
are those of AWS's global bundle (RDS User Guide, "Using SSL/TLS to encrypt a connection to a DB instance"), valid
until 2121. 25 of the 27 are the same in two independent copies of it, those of ap-south-2 and eu-central-2 in one only.
"""

from pathlib import Path

RDS_AUTHORITY = "rds-ca-ecc384-g1"
RDS = Path(__file__).with_name("rds.pem")


def rds_regions() -> frozenset[str]:
    """The regions whose databases can be told from others'."""
    lines = RDS.read_text().splitlines()
    return frozenset(line.removeprefix("# ") for line in lines if line.startswith("# "))
