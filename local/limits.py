"""What a pass in the local cloud does not prove. The demo prints these lines, and `docs/local-cloud.md` holds them."""

LIMITS = (
    "IAM judges functions, state machines, mappings and rules by roles, boundaries, trust, resource and key policies; "
    "sessions' own policies, organisations and other accounts are not part of it, and every call counts as made over "
    "TLS.",
    "What AWS does behind the scenes is not done here, so not judged while it runs: Lambda's network interfaces, "
    "delivery of logs, keys of log groups, CloudFront's use of keys, alarms' notifications. `docs/least-privilege.md` "
    "judges those as AWS documents them.",
    "Keys encrypt nothing on this machine: who may use them is judged, what is stored stays readable to its owner.",
    "Functions run on this machine's processor and Python, not on arm64 with Python 3.13.",
    "No packet is filtered: VPC, routes, endpoints and security groups are records.",
    "Alarms and dashboards are kept; of the metrics only AWS/Lambda exist, so most alarms never change.",
    "Mail is not sent: e-mail subscriptions are kept.",
    "The malware scan knows one signature, that of the EICAR test file, anywhere in an object and in members of ZIP "
    "and gzip five levels deep, 10,000 files and 1 GiB at most; GuardDuty knows far more, looks into more kinds of "
    "archives, and need not report EICAR in the middle of a file.",
    "No secret is rotated by its schedule; `RotateSecret` calls the function at once, and once.",
    "Nothing expires, moves to cheaper storage or is written to an access log.",
    "CloudFront caches nothing, has one place, and speaks plain HTTP on localhost.",
    "API Gateway speaks through the distribution's plain HTTP, waits for functions as long as they run, and writes no "
    "access log; its import of the API's body is ours, so what AWS's importer would refuse is not seen.",
    "Cognito's pages look otherwise, send no mail, and ask for no second factor.",
    "What EventBridge cannot deliver does not reach its dead-letter queue.",
    "The AWS provider's own validation, diffs and deletion need the Pulumi engine (`pulumi preview`).",
)
