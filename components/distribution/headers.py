"""Headers that CloudFront puts on every answer, whatever the origin says."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.distribution.caching import YEAR_SECONDS

OF_STORAGE = (
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-bucket-key-enabled",
    "x-amz-tagging-count",
    "x-amz-version-id",
)
"""What S3 says of objects to whoever may read them: account, key and versions are nobody's business outside."""
FILES_CSP = "default-src 'none'; sandbox"


def files_policy(name: str, opts: pulumi.ResourceOptions) -> aws.cloudfront.ResponseHeadersPolicy:
    """For files, and for answers of the API: no browser runs, frames or sniffs them."""
    return _policy(name, FILES_CSP, "Delivered files are data: no browser runs, frames or sniffs them", opts)


def page_policy(
    name: str, connect: Sequence[pulumi.Input[str]], opts: pulumi.ResourceOptions
) -> aws.cloudfront.ResponseHeadersPolicy:
    """For the page, which may speak to its own origin and to `connect`."""
    csp = pulumi.Output.all(*connect).apply(lambda origins: page_csp([str(one) for one in origins]))
    return _policy(name, csp, "The page runs its own scripts only, and speaks to nobody else", opts)


def page_csp(connect: Sequence[str]) -> str:
    """The page's content security policy. Previews of images are signed links of its own origin, or read by script."""
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' blob: data:",
            "font-src 'self'",
            "worker-src 'self'",
            "manifest-src 'self'",
            " ".join(["connect-src 'self'", *connect]),
            "form-action 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ]
    )


def _policy(
    name: str, csp: pulumi.Input[str], comment: str, opts: pulumi.ResourceOptions
) -> aws.cloudfront.ResponseHeadersPolicy:
    security = aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigArgs(
        strict_transport_security=aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigStrictTransportSecurityArgs(
            access_control_max_age_sec=2 * YEAR_SECONDS, include_subdomains=True, preload=True, override=True
        ),
        content_security_policy=aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigContentSecurityPolicyArgs(
            content_security_policy=csp, override=True
        ),
        content_type_options=aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigContentTypeOptionsArgs(
            override=True
        ),
        frame_options=aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigFrameOptionsArgs(
            frame_option="DENY", override=True
        ),
        referrer_policy=aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigReferrerPolicyArgs(
            referrer_policy="no-referrer", override=True
        ),
    )
    permissions = aws.cloudfront.ResponseHeadersPolicyCustomHeadersConfigItemArgs(
        header="Permissions-Policy", value="camera=(), geolocation=(), microphone=()", override=True
    )
    return aws.cloudfront.ResponseHeadersPolicy(
        name,
        comment=comment,
        security_headers_config=security,
        custom_headers_config=aws.cloudfront.ResponseHeadersPolicyCustomHeadersConfigArgs(items=[permissions]),
        remove_headers_config=aws.cloudfront.ResponseHeadersPolicyRemoveHeadersConfigArgs(
            items=[aws.cloudfront.ResponseHeadersPolicyRemoveHeadersConfigItemArgs(header=one) for one in OF_STORAGE]
        ),
        opts=opts,
    )
