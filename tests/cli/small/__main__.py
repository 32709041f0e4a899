"""The least that `penstock up` needs to be shown as the platform: a bucket, and a database where there is to be one."""

import pulumi
import pulumi_aws as aws

bucket = aws.s3.Bucket("small-upload")
pulumi.export("upload_bucket", bucket.bucket)
pulumi.export("api_url", "http://localhost:1/api")
pulumi.export("api_keys", {"demo": "-", "operator": "-"})
if pulumi.Config("penstock").get_object("catalogue", {"enabled": True})["enabled"]:
    database = aws.rds.Instance(
        "small-catalogue",
        engine="postgres",
        engine_version="18",
        instance_class="db.t4g.micro",
        allocated_storage=20,
        db_name="small",
        username="small_master",
        manage_master_user_password=True,
        skip_final_snapshot=True,
    )
    pulumi.export("catalogue_host", database.address)
