"""The page's files in the delivery bucket, below the folder that the distribution serves to everybody."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.api.document import load
from components.distribution.site import PAGE_PREFIX
from components.naming import Names
from components.page import files, reference
from components.page.build import INDEX, ROOT, Built
from components.stores import Bucket


@dataclass(frozen=True, kw_only=True, slots=True)
class PageArgs:
    """`max_file_bytes` is the largest file that it sends.

    `sign_in` is where people sign in and as which client; without it only programs' keys open the page.
    """

    names: Names
    bucket: Bucket
    built: Built
    max_file_bytes: int
    sign_in: tuple[pulumi.Output[str], pulumi.Output[str]] | None


class Page(pulumi.ComponentResource):
    """One object for each file: the build's, the page's configuration, and the API's document and reference."""

    def __init__(self, name: str, args: PageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("penstock:page:Page", name, None, opts)
        self._args = args
        folder = args.built.folder
        built = files.names(ROOT / folder)
        made = [self._object(one, source=pulumi.FileAsset(str(folder / one))) for one in built if one != INDEX]
        document = load()
        written: Mapping[str, pulumi.Input[str]] = {
            "config.json": self._config(),
            "openapi.json": reference.as_json(document),
            "reference.css": reference.STYLE,
            "reference.html": reference.as_html(document),
        }
        made += [self._object(one, content=text) for one, text in written.items()]
        # Last, because it names the others.
        self._object(INDEX, source=pulumi.FileAsset(str(folder / INDEX)), after=made)
        self.register_outputs({"version": args.built.version})

    def _config(self) -> pulumi.Output[str]:
        sign_in = self._args.sign_in
        return pulumi.Output.json_dumps(
            {
                "api": "/api",
                "sign_in": {"domain": sign_in[0], "client_id": sign_in[1]} if sign_in else None,
                "max_file_bytes": self._args.max_file_bytes,
                "version": self._args.built.version,
            }
        )

    def _object(self, name: str, *, after: list[aws.s3.BucketObjectv2] | None = None, **body: Any) -> Any:
        return aws.s3.BucketObjectv2(
            f"{self._args.names.prefix}{PAGE_PREFIX}/{name}",
            bucket=self._args.bucket.name,
            key=f"{PAGE_PREFIX}/{name}",
            content_type=files.content_type(name),
            cache_control=files.cache_control(name),
            checksum_algorithm="SHA256",
            opts=pulumi.ResourceOptions(parent=self, depends_on=after),
            **body,
        )
