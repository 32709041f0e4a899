"""ACM: certificates that are imported. None is asked for, because nobody here could prove that a domain is theirs."""

from local.resources.base import Cloud, Create, Inputs, Made
from local.resources.shaping import shape


def certificate(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """The id is the ARN, as in the provider."""
    acm = cloud.client("acm")
    rename = {"certificateBody": "Certificate"}
    arn = acm.import_certificate(**shape(acm, "import_certificate", inputs, rename))["CertificateArn"]
    made = acm.describe_certificate(CertificateArn=arn)["Certificate"]
    return arn, {
        "arn": arn,
        "status": made["Status"],
        "type": made["Type"],
        "notBefore": made["NotBefore"].isoformat(),
        "notAfter": made["NotAfter"].isoformat(),
    }


CREATORS: dict[str, Create] = {"aws:acm/certificate:Certificate": certificate}
