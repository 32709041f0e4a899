"""What may change without a rule noticing: each row with the reason, and with who notices instead if somebody does."""

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """Patterns for short kind, path of the input and what was done to it."""

    kind: str
    path: str
    what: str
    reason: str


def find(kind: str, path: str, what: str) -> Accepted | None:
    """The row that says why this may be so."""
    for one in ACCEPTED:
        if fnmatchcase(kind, one.kind) and fnmatchcase(path, one.path) and fnmatchcase(what, one.what):
            return one
    return None


def _row(kind: str, path: str, reason: str, what: str = "*") -> Accepted:
    return Accepted(kind=kind, path=path, what=what, reason=reason)


NAME = "a name, or words for people"
ELSEWHERE = "AWS refuses it: it is not in the region, zone or network of what it belongs to"
LESS = "takes a right away: the grants' campaign and the flow notice"
SIZE = "a size or a limit of what is normal, not of what is allowed; the benchmarks and the flow tell"
FLOW = "the flow on the local cloud notices at once (tests/flow)"
STRICTER = "only stricter or longer, or more than AWS takes"
DEFAULT = "AWS's own default is the same"
ALARMS = "when an alarm rings is pinned by tests/components/test_observability.py"
DOMAIN = "CloudFront refuses names that its certificate is not for, and a certificate that is none of the account's"
CERTIFICATES = "for whom a certificate is, and what an operator is given: tests/components/test_vpn.py"
STORAGE = "for how long things are kept is pinned by tests/components/test_storage.py"
PAGE = "what the page is, and how long it is kept: tests/components/test_page_files.py, tests/browser"
SITE = "what is served where: tests/components/test_distribution.py, tests/flow/test_api.py, tests/browser"
BODY = "what it says is the document's: tests/components/api/test_body.py, tests/flow/test_api.py"
API = "then nobody is served: tests/flow/test_api.py"
CALLED = "another thing of this account may call it, and what has to, may not: the flow"
DEPOSIT = "who may only add could replace: tests/flow/test_archives.py tries it"
SIGN_IN = "who comes back where, and by what: tests/local/test_sign_in.py"
ACCEPTED: tuple[Accepted, ...] = (
    _row("*", "description", NAME),
    _row("*", "comment", NAME),
    _row("*", "name", NAME),
    _row("*", "tags*", NAME),
    _row("*", "policy.Statement.*.Sid", NAME),
    _row("cloudwatch.MetricAlarm", "alarmDescription", NAME),
    _row("cloudwatch.MetricAlarm", "metricQueries.*.label", NAME),
    _row("cloudwatch.MetricAlarm", "metricQueries.*.id", "no expression names the expression itself", "other"),
    _row("providers.aws", "defaultTags.tags.*", "a value of a tag", "other"),
    _row("providers.aws", "region", "where a stack is, its owner chooses"),
    _row("s3.BucketLogging", "targetPrefix", NAME),
    _row("s3.BucketLifecycleConfiguration", "rules.*.id", NAME),
    _row("cloudwatch.Dashboard", "*", "what people look at is pinned by tests/components/test_observability.py"),
    # Least privilege: less than now.
    _row("iam.RolePolicy", "policy.Statement.*", LESS, "dropped Allow"),
    _row("iam.RolePolicy", "policy.Statement.*.Effect", LESS),
    _row("iam.Policy", "policy.Statement.*", LESS, "dropped Allow"),
    _row("iam.Policy", "policy.Statement.*.Effect", LESS),
    _row("ec2.VpcEndpoint", "policy.Statement.*", LESS, "dropped Allow"),
    _row("ec2.VpcEndpoint", "policy.Statement.*.Effect", LESS),
    *(
        _row("ec2.VpcEndpoint", path, "services that no role names: tests/components/test_network.py lists them", what)
        for path, what in (("serviceName", "other"), ("", "removed"))
    ),
    # Regions, zones and networks.
    *(_row(kind, "region", ELSEWHERE) for kind in ("kms.*", "sns.*")),
    _row("ec2.*", "cidrBlock", ELSEWHERE),
    _row("ec2.Subnet", "availabilityZone", ELSEWHERE),
    _row("ec2.Route", "destinationCidrBlock", "another way out of a public subnet, in which nothing of ours is"),
    # What AWS refuses, or sets by itself.
    _row("cloudfront.Distribution", "origins.*.originId", "CloudFront refuses an origin that is not"),
    _row("cloudfront.Distribution", "defaultCacheBehavior.*ethods.*", "CloudFront refuses GET without HEAD", "dropped"),
    _row("cloudfront.Distribution", "restrictions*", "no country is shut out; the provider requires the block"),
    _row("cloudfront.Distribution", "enabled", FLOW),
    _row("cloudfront.Distribution", "httpVersion", "how fast, not how safe"),
    _row("cloudfront.Distribution", "isIpv6Enabled", "by which addresses, not to whom"),
    _row("cloudfront.Distribution", "priceClass", "from where, not to whom"),
    _row("cloudfront.Distribution", "defaultCacheBehavior.compress", DEFAULT, "dropped"),
    _row("cloudfront.CachePolicy", "*Ttl", "what lies under a path never changes, however long it is kept"),
    _row("cloudfront.CachePolicy", "*.enableAcceptEncoding*", "how answers are packed"),
    _row("cloudfront.ResponseHeadersPolicy", "*.accessControlMaxAgeSec", STRICTER, "more"),
    _row("kms.Key", "deletionWindowInDays", STRICTER, "more"),
    _row("secretsmanager.Secret", "recoveryWindowInDays", STRICTER, "more"),
    _row("s3.Bucket", "forceDestroy", DEFAULT, "dropped"),
    _row("sqs.Queue", "kmsDataKeyReusePeriodSeconds", DEFAULT, "dropped"),
    _row("sqs.Queue", "visibilityTimeoutSeconds", "nobody reads dead letters but people"),
    _row("cloudfront.Distribution", "aliases*", DOMAIN),
    _row("cloudfront.Distribution", "viewerCertificate.acmCertificateArn", DOMAIN),
    _row("ec2.Eip", "domain", "there are no addresses outside of networks any more"),
    _row("s3.BucketObjectLockConfiguration", "rule.defaultRetention.*", STRICTER, "more"),
    _row("s3.BucketCorsConfiguration", "corsRules*", "fewer pages may upload, or not as fast"),
    _row("s3.AccountPublicAccessBlock", "", "a setting; every bucket has a block of its own", "removed"),
    # Who comes in by VPN.
    _row("ec2clientvpn.AuthorizationRule", "authorizeAllGroups", "AWS refuses: certificates belong to no group"),
    _row("ec2clientvpn.AuthorizationRule", "", "operators reach less", "removed"),
    _row("ec2clientvpn.NetworkAssociation", "", "operators come in through fewer zones", "removed"),
    _row("ec2clientvpn.Endpoint", "clientLoginBannerOptions.bannerText", NAME),
    _row("ec2clientvpn.Endpoint", "transportProtocol", "how, not who"),
    _row("ec2clientvpn.Endpoint", "vpnPort", "how, not who"),
    _row("index.*", "subject*", CERTIFICATES),
    _row("index.CertRequest", "dnsNames*", CERTIFICATES),
    _row("index.*", "setSubjectKeyId", "how a certificate finds the one that signed it"),
    _row("index.LocallySignedCert", "allowedUses.*", "of less use than now", "dropped"),
    _row("secretsmanager.SecretVersion", "secretString", CERTIFICATES),
    *(
        _row("sns.TopicSubscription", path, "to whom mails go, the stack's settings say", what)
        for path, what in (("endpoint", "other"), ("protocol", "other"), ("", "removed"))
    ),
    # The page.
    *(_row("s3.BucketObjectv2", name, PAGE) for name in ("content*", "source", "key", "cacheControl")),
    _row("s3.BucketObjectv2", "checksumAlgorithm", "S3 keeps a checksum of another kind then"),
    _row("cloudfront.Distribution", "defaultRootObject", PAGE),
    _row("cloudfront.Distribution", "*.compress", "how answers are packed"),
    _row("cloudfront.Distribution", "orderedCacheBehaviors", SITE),
    _row("cloudfront.Distribution", "orderedCacheBehaviors.?", SITE),
    _row("cloudfront.Distribution", "orderedCacheBehaviors.*Methods*", SITE),
    *(
        _row("cloudfront.Distribution", f"orderedCacheBehaviors.*.{name}", SITE)
        for name in ("pathPattern", "responseHeadersPolicyId", "cachePolicyId", "targetOriginId", "trustedKeyGroups.0")
    ),
    _row("cloudfront.Distribution", "origins.?", "CloudFront refuses a behaviour whose origin is not"),
    _row("cloudfront.Distribution", "origins.*.domainName", SITE),
    _row(
        "cloudfront.Distribution", "origins.*.customOriginConfig.*Port", "the protocol is TLS on any port; or no answer"
    ),
    _row("cloudfront.Distribution", "origins.*.customOriginConfig.originReadTimeout", SIZE),
    # The API: its body is derived from the document.
    *(_row("apigateway.RestApi", f"body.{name}", BODY) for name in ("paths.*", "components.schemas*", "info*")),
    _row("apigateway.RestApi", "body.x-amazon-apigateway-gateway-responses*", BODY),
    _row("apigateway.RestApi", "body.components.securitySchemes*", BODY),
    _row("apigateway.RestApi", "body.openapi", BODY),
    _row("apigateway.ApiKey", "", API, "removed"),
    _row("cognito.UserGroup", "", "then nobody is an operator", "removed"),
    _row("apigateway.MethodSettings", "settings.throttlingBurstLimit", STRICTER, "less"),
    _row("apigateway.Deployment", "triggers*", "only when it is deployed anew"),
    _row("apigateway.Stage", "xrayTracingEnabled", "what is written down of a request beside its logs"),
    _row("apigateway.Stage", "accessLogSettings.format.*", "what else is written down of a request"),
    *(_row("apigateway.UsagePlan", f"apiStages.0.{name}", API) for name in ("stage", "apiId")),
    _row("apigateway.UsagePlan", "throttleSettings.burstLimit", STRICTER, "less"),
    _row("apigateway.UsagePlanKey", "*", API),
    _row("apigateway.ApiKey", "enabled", API),
    _row("lambda.Permission", "sourceArn", CALLED, "other"),
    _row("dynamodb.Table", "ttl*", "what is over is kept longer: tests/components/api"),
    _row("iam.RolePolicy", "policy.Statement.*.Condition*", DEPOSIT, "dropped"),
    _row("iam.RolePolicy", "policy.Statement.*.Condition*", DEPOSIT, "anything"),
    _row("iam.RolePolicy", "policy.Statement.*.Condition*", DEPOSIT, "or missing"),
    _row(
        "kms.KeyPolicy",
        "policy.Statement.*.Condition.StringEquals.kms:EncryptionContext:aws:s3:arn",
        "tests/components/test_distribution.py has it",
        "dropped",
    ),
    # People's accounts.
    *(_row("cognito.UserPoolClient", f"{name}*", SIGN_IN) for name in ("callbackUrls", "logoutUrls")),
    *(_row("cognito.UserPoolClient", f"{name}*", SIGN_IN) for name in ("readAttributes", "explicitAuthFlows")),
    *(
        _row("cognito.UserPool", f"{name}*", SIGN_IN)
        for name in ("usernameAttributes", "autoVerifiedAttributes", "accountRecoverySetting.recoveryMechanisms.0.p")
    ),
    _row("cognito.UserPool", "userPoolTier", "AWS refuses what a tier does not have"),
    _row("cognito.UserPool", "passwordPolicy.passwordHistorySize", "their length is what counts"),
    _row("cognito.UserPool", "passwordPolicy.minimumLength", STRICTER, "more"),
    _row("cognito.UserPoolDomain", "domain", NAME),
    # Who asked for what.
    _row("cloudwatch.LogDelivery*", "region", ELSEWHERE),
    _row("cloudwatch.LogDelivery", "recordFields*", "what else is written down of a download"),
    _row("cloudwatch.LogDeliveryDestination", "outputFormat", "how it is written down"),
    # What is refused before the distribution.
    _row("cloudwatch.LogResourcePolicy", "policyName", NAME),
    _row("wafv2.WebAcl", "rules.*.name", NAME),
    _row("wafv2.WebAclLoggingConfiguration", "loggingFilter", "then all of it is logged", "dropped"),
    _row("wafv2.WebAcl", "*visibilityConfig.metricName", NAME, "other"),
    _row("wafv2.WebAcl", "rules.*.priority", "in which order rules are asked that all refuse"),
    _row("wafv2.WebAcl", "rules.*.action.block.customResponse*", "what whoever is refused is told"),
    _row("wafv2.WebAcl", "rules.*", STRICTER, "less"),
    _row("wafv2.WebAcl", "rules.*.ruleActionOverrides*", "fewer exceptions", "dropped"),
    _row("wafv2.WebAcl", "rules.*.ruleActionOverrides*", "fewer exceptions", "emptied"),
    _row("wafv2.WebAcl", "rules.*", "which of AWS's rules are asked beyond those that have to be", "dropped"),
    _row("wafv2.WebAcl", "rules.*.vendorName", "AWS refuses a group of rules that nobody sells", "*"),
    # The catalogue.
    *(_row("rds.Instance", name, NAME) for name in ("dbName", "username", "finalSnapshotIdentifier", "*Window")),
    *(_row("rds.*", name, SIZE) for name in ("engine*", "family", "instanceClass", "storageType")),
    _row("rds.ParameterGroup", "parameters.*", "how long things may take, and what of it is written down"),
    _row("rds.SubnetGroup", "subnetIds.*", "fewer zones, two at least", "dropped"),
    _row("rds.Proxy", "vpcSubnetIds.*", "fewer zones, two at least", "dropped"),
    _row("lambda.Function", "vpcConfig.securityGroupIds.*", "reaches less than now", "dropped"),
    _row("ec2.Route", "", "leads to less than now", "removed"),
    _row("cloudwatch.EventTarget", "eventBusName", "EventBridge refuses a target of a rule that is on another bus"),
    _row("cloudwatch.EventRule", "eventBusName", FLOW),
    # What the platform does with files.
    _row("cloudwatch.EventRule", "eventPattern.*", FLOW),
    _row("dynamodb.Table", "attributes*", FLOW),
    _row("dynamodb.Table", "*Key", FLOW),
    _row("dynamodb.Table", "globalSecondaryIndexes*", FLOW),
    _row("lambda.EventSourceMapping", "batchSize", SIZE),
    _row("lambda.EventSourceMapping", "maximumBatchingWindowInSeconds", SIZE),
    _row("lambda.EventSourceMapping", "scalingConfig.maximumConcurrency", SIZE),
    _row("lambda.Function", "code", "Lambda refuses a function without code"),
    _row("lambda.Function", "environment*", "tests/contracts compares them with what handlers read"),
    _row("lambda.Function", "handler", FLOW),
    _row("lambda.Function", "loggingConfig.logFormat", "Powertools writes JSON either way"),
    _row("secretsmanager.SecretRotation", "rotateImmediately", "only earlier: a key that is new is changed once more"),
    _row("lambda.Invocation", "*", FLOW),
    # When alarms ring, and how long things are kept.
    _row("cloudwatch.MetricAlarm", "threshold", ALARMS),
    _row("cloudwatch.MetricAlarm", "okActions", ALARMS),
    _row("s3.BucketLifecycleConfiguration", "rules.*.expiration*", STORAGE),
    _row("s3.BucketLifecycleConfiguration", "rules.*.noncurrentVersionExpiration.noncurrentDays", STORAGE),
    _row("s3.BucketLifecycleConfiguration", "rules.*.transitions*", STORAGE),
    _row("s3.BucketLifecycleConfiguration", "rules.*.filter*", DEFAULT, "dropped"),
)
