"""What is refused in front of ministack."""

import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import parse_qs

import botocore.session
import pytest
from botocore.exceptions import ClientError

from local.cloud import LocalCloud
from local.guard import KNOWN, SUBRESOURCES, refused


def _exists(cloud: LocalCloud, bucket: str) -> bool:
    return bucket in [found["Name"] for found in cloud.client("s3").list_buckets()["Buckets"]]


@pytest.mark.parametrize(
    "operation",
    [
        "delete_bucket_inventory_configuration",
        "delete_bucket_analytics_configuration",
        "delete_bucket_metrics_configuration",
        "delete_bucket_intelligent_tiering_configuration",
    ],
)
def test_unknown_subresource_does_not_delete_the_bucket(kit: Any, cloud: LocalCloud, operation: str) -> None:
    bucket = kit.bucket()
    with pytest.raises(ClientError, match="NotImplemented") as refusal:
        getattr(cloud.client("s3"), operation)(Bucket=bucket, Id="x")
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert _exists(cloud, bucket)


def test_presigned_request_is_refused_too(kit: Any, cloud: LocalCloud) -> None:
    bucket = kit.bucket()
    url = cloud.client("s3").generate_presigned_url(
        "delete_bucket_inventory_configuration", Params={"Bucket": bucket, "Id": "x"}
    )
    assert "X-Amz-Signature=" in url
    with pytest.raises(urllib.error.HTTPError, match="501"):
        urllib.request.urlopen(urllib.request.Request(url, method="DELETE"))  # noqa: S310
    assert _exists(cloud, bucket)


def test_bucket_in_the_host_name_is_refused_too(kit: Any, cloud: LocalCloud) -> None:
    bucket = kit.bucket()
    request = urllib.request.Request(f"{cloud.endpoint}/?inventory&id=x", method="DELETE")  # noqa: S310
    request.add_header("Host", f"{bucket}.s3.amazonaws.com")
    with pytest.raises(urllib.error.HTTPError, match="501"):
        urllib.request.urlopen(request)  # noqa: S310
    assert _exists(cloud, bucket)


def test_what_ministack_knows_passes(kit: Any, cloud: LocalCloud) -> None:
    s3, bucket = cloud.client("s3"), kit.bucket(versioned=True)
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == [{"Key": "a", "Value": "b"}]
    s3.delete_bucket_tagging(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="policy/inventory", Body=b"1")
    assert s3.get_object_attributes(Bucket=bucket, Key="policy/inventory", ObjectAttributes=["ObjectSize"])
    s3.delete_object(Bucket=bucket, Key="policy/inventory")


def test_every_subresource_of_the_model_is_judged() -> None:
    model = botocore.session.get_session().get_service_model("s3")
    unjudged = []
    for name in model.operation_names:
        http = model.operation_model(name).http
        path, _, query = http["requestUri"].partition("?")
        names = set(parse_qs(query, keep_blank_values=True)) - {"x-id", "list-type", "select-type", "upload"}
        level = "object" if "{Key" in path else "bucket"
        known = names <= KNOWN.get((http["method"], level), frozenset())
        if path != "/" and names and not known and not refused(http["method"], level, names):
            unjudged.append((name, names))
    assert unjudged == []
    assert {"inventory", "analytics", "metrics", "intelligent-tiering"} <= SUBRESOURCES


def test_tls_only_policy_lets_loopback_pass_and_can_be_seen_to_refuse(kit: Any, cloud: LocalCloud) -> None:
    bucket = kit.bucket()
    cloud.client("s3").put_object(Bucket=bucket, Key="key", Body=b"1")
    reader = cloud.client(
        "s3", **kit.user({"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"})
    )
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    cloud.client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    url = reader.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "key"})
    with urllib.request.urlopen(url) as answer:  # noqa: S310
        assert answer.read() == b"1"
    plain = urllib.request.Request(url, headers={"x-forwarded-proto": "http"})  # noqa: S310
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(plain)  # noqa: S310


def test_refusal_is_xml_with_the_path_escaped(kit: Any, cloud: LocalCloud) -> None:
    bucket = kit.bucket()
    request = urllib.request.Request(f"{cloud.endpoint}/{bucket}/%3Ca%3E?torrent")  # noqa: S310
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(request)  # noqa: S310
    body = refusal.value.read().decode()
    assert f"<Resource>/{bucket}/&lt;a&gt;</Resource>" in body


def test_a_browser_may_ask_whether_it_may_send_a_part(kit: Any, cloud: LocalCloud) -> None:
    s3, bucket = cloud.client("s3"), kit.bucket()
    rule = {"AllowedOrigins": ["http://page.test"], "AllowedMethods": ["PUT"], "AllowedHeaders": ["*"]}
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
    url = s3.generate_presigned_url(
        "upload_part", Params={"Bucket": bucket, "Key": "a", "UploadId": "u", "PartNumber": 1}
    )

    def asked(origin: str) -> int:
        headers = {"Origin": origin, "Access-Control-Request-Method": "PUT"}
        request = urllib.request.Request(url, method="OPTIONS", headers=headers)  # noqa: S310
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    assert asked("http://page.test") == 200
    assert asked("http://other.test") == 403
