"""What a pass in the local cloud does not prove. The demo prints these lines, and `docs/local-cloud.md` holds them."""

LIMITS = (
    "IAM judges the calls of functions and people; the roles of Step Functions, EventBridge and queue mappings are "
    "made but not judged, and no trust policy is asked when a service takes up a role.",
    "KMS keys are made and named everywhere, but key policies and grants are not checked: an object can be read "
    "without its key.",
    "Functions run on this machine's processor and Python, not on arm64 with Python 3.13.",
    "No packet is filtered: VPC, routes, endpoints and security groups are records.",
    "Alarms and dashboards are kept; of the metrics only AWS/Lambda exist, so most alarms never change.",
    "Mail is not sent: e-mail subscriptions are kept.",
    "Nothing expires, moves to cheaper storage or is written to an access log.",
    "CloudFront caches nothing, has one place, and speaks plain HTTP on localhost.",
    "What EventBridge cannot deliver does not reach its dead-letter queue.",
    "The AWS provider's own validation, diffs and deletion need the Pulumi engine (`pulumi preview`).",
)
