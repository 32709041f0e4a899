"""The local cloud: ministack in a thread of this process, on a loopback port, with our mends in force."""

import contextlib
import importlib
import logging
import os
import shutil
import tempfile
import threading
from pathlib import Path
from typing import Any, Self

import boto3
from botocore.config import Config

from local import api_origin, conditions, gateway, hooks, key_conditions, object_tags, objects, rotation, signed_urls
from local.databases import Databases, room
from local.events import mend_events
from local.guard import Guard
from local.iam.court import Court
from local.judged_callers import Callers
from local.judged_gateway import Gateways
from local.judged_services import Services
from local.kept_files import KeptFiles
from local.log import LOG, adopt, configure
from local.pool import Pool
from local.processes import alive
from local.scanner import SERVICE, SESSION, Plan, Scanner
from local.server import HOST, Server, listen
from local.sessions import open_session
from local.sign_in import SignIn
from local.staged import Staged
from local.states import States
from local.traffic import Traffic

REGION = "us-east-1"
ACCOUNT = "000000000000"
ROOT_KEY = "test"
_FOLDER_PREFIX = "penstock-cloud-"
_KEPT = Path(__file__).resolve().parent.parent / "build/unpacked"
# Loaded at the start, because mends replace names in them or the first call would wait for the import.
_SERVICES = (
    "s3", "sqs", "sns", "dynamodb", "lambda_svc", "stepfunctions", "eventbridge", "cloudfront", "iam", "sts", "kms",
    "cloudwatch_logs", "secretsmanager", "apigateway_v1", "cognito",
)  # fmt: skip

_one_at_a_time = threading.Lock()


class LocalCloud:
    """A cloud of one's own, empty at first; use it as a context manager or with `start` and `stop`.

    `workers` is how many functions may run at once (default: twice the cores, at least 4). With `enforce_iam` every
    call is judged by the policies of its credentials; the key "test" is root. `court` has a record of what was judged,
    `traffic` of the bytes that functions read and wrote. `port` 0 takes a free one.

    One at a time in a process, because ministack's state is global to it.
    """

    def __init__(self, *, workers: int | None = None, enforce_iam: bool = True, port: int = 0) -> None:
        self.region = REGION
        self.account = ACCOUNT
        self.endpoint = ""
        self.workers = workers or max(4, 2 * (os.cpu_count() or 1))
        self._enforce_iam = enforce_iam
        self._port = port
        self._cleanup = contextlib.ExitStack()
        self._session: Any = None
        self._clients: dict[tuple[Any, ...], Any] = {}
        self._clients_lock = threading.Lock()
        self.court = Court()
        self.traffic = Traffic()
        self._staged = Staged()
        self._roles: dict[str, dict[str, str]] = {}
        self.databases = Databases()
        self._pool: Pool | None = None
        self._server: Server | None = None
        self._scanner: Scanner | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    @property
    def pool(self) -> Pool:
        """The functions' processes: counters of processes, cold starts and memory."""
        if self._pool is None:
            raise RuntimeError("the local cloud is not running")
        return self._pool

    @property
    def scanner(self) -> Scanner:
        """What stands in for GuardDuty."""
        if self._scanner is None:
            raise RuntimeError("the local cloud is not running")
        return self._scanner

    def stage(self, package: bytes) -> contextlib.AbstractContextManager[dict[str, str]]:
        """What to give as a function's `Code` while the block runs: a package too large for the call itself."""
        return self._staged.stage(package)

    def protect(self, bucket: str, plan: Plan) -> None:
        """Has the malware scan look at every new version in a bucket."""
        self.scanner.protect(bucket, plan)

    def start(self) -> None:
        """Starts the cloud. Raises `RuntimeError` when one runs already, `OSError` when the port is taken."""
        if not _one_at_a_time.acquire(blocking=False):
            raise RuntimeError("a local cloud is running in this process already")
        with contextlib.ExitStack() as stack:
            stack.callback(_one_at_a_time.release)
            hooks.check_version()
            configure()
            _clear_stale_folders()
            folder = Path(tempfile.mkdtemp(prefix=f"{_FOLDER_PREFIX}{os.getpid()}-"))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            sock = listen(self._port)
            stack.callback(sock.close)
            port = sock.getsockname()[1]
            self.endpoint = f"http://{HOST}:{port}"
            stack.enter_context(_environment(folder, port, enforce_iam=self._enforce_iam))
            # One for all: each session would read the descriptions of services and endpoints for itself, and keep them.
            self._session = boto3.session.Session(region_name=self.region)
            app = _load_ministack()
            stack.callback(app._reset_all_state)

            replaced = hooks.Hooks()
            stack.callback(replaced.restore)
            _set_constants(replaced, port, enforce_iam=self._enforce_iam)
            kept = KeptFiles(_KEPT)
            kept.prune()
            self._pool = Pool(limit=self.workers, folder=folder, endpoint=self.endpoint, kept=kept)
            self._staged.mend(replaced)
            states = States()
            self._pool.mend(replaced)
            states.mend(replaced)
            self._scanner = Scanner(self._as_scanner, account=self.account, region=self.region)
            mend_events(replaced, self._scanner.created)
            for mended in (conditions, key_conditions, objects, object_tags, signed_urls, api_origin, gateway):
                mended.mend(replaced)
            self.traffic = Traffic()
            self.traffic.mend(replaced)
            self.court = Court()
            rotation.mend(replaced, self.court, enforce_iam=self._enforce_iam)
            if self._enforce_iam:
                for judged in (Callers, Services, Gateways):
                    judged(self.court).mend(replaced)
            adopt()

            app._reset_all_state()
            stack.callback(self.databases.close)
            self._server = Server(LOG)
            stack.callback(self._server.stop)
            stack.callback(self._pool.close)
            stack.callback(states.stop)
            stack.callback(self._close_clients)
            stack.callback(self._scanner.stop)
            self._server.serve(Guard(app.app), sock)
            adopt()
            self._cleanup = stack.pop_all()

    def stop(self) -> None:
        """Stops everything; nothing is left behind. May be called twice."""
        self._cleanup.close()
        self._pool = self._server = self._scanner = None
        self.endpoint = ""

    def client(self, service: str, **credentials: Any) -> Any:
        """A boto3 client for `service`, shared by all who ask with the same credentials; root by default.

        It does not retry: an error is shown to the caller the first time.
        """
        if not self.endpoint:
            raise RuntimeError("the local cloud is not running")
        credentials = credentials or {"aws_access_key_id": ROOT_KEY, "aws_secret_access_key": ROOT_KEY}
        key = (service, *sorted(credentials.items()))
        with self._clients_lock:
            if key not in self._clients:
                self._clients[key] = self._session.client(
                    service,
                    **credentials,
                    endpoint_url=self.endpoint,
                    config=Config(
                        retries={"total_max_attempts": 1},
                        connect_timeout=10,
                        read_timeout=900,
                        max_pool_connections=64,
                        inject_host_prefix=False,
                        # Links that S3 clients sign would otherwise have signature version 2.
                        signature_version="s3v4" if service == "s3" else None,
                        s3={"addressing_style": "path"},
                    ),
                )
            return self._clients[key]

    def open_distribution(self, distribution_id: str) -> str:
        """Serves a CloudFront distribution on a loopback port of its own; returns `http://localhost:PORT`.

        Raises botocore's `ClientError` (NoSuchDistribution) when there is none of that id.
        """
        domain = self.client("cloudfront").get_distribution(Id=distribution_id)["Distribution"]["DomainName"]
        if self._server is None:
            raise RuntimeError("the local cloud is not running")
        app = importlib.import_module("ministack.app").app
        sock = listen()
        base = f"http://localhost:{sock.getsockname()[1]}"
        self._server.serve(Guard(signed_urls.Viewer(app, domain, base)), sock)
        return base

    def open_sign_in(self) -> str:
        """Serves Cognito's pages on a loopback port of their own; returns `http://localhost:PORT`."""
        if self._server is None:
            raise RuntimeError("the local cloud is not running")
        sock = listen()
        self._server.serve(Guard(SignIn(importlib.import_module("ministack.app").app)), sock)
        return f"http://localhost:{sock.getsockname()[1]}"

    def _as_scanner(self, plan: Plan) -> Any:
        """An S3 client with the role of a plan. Raises `PermissionError` when GuardDuty may not take it up."""
        if not self._enforce_iam:
            return self.client("s3")
        if taken := self.court.assume(SERVICE, plan.role_arn, plan.arn):
            if plan.role_arn not in self._roles:
                self._roles[plan.role_arn] = open_session(plan.role_arn, SESSION)
            return self.client("s3", **self._roles[plan.role_arn])
        raise PermissionError(f"{SERVICE} may not take up {plan.role_arn}: {taken.why}")

    def open_database(self, name: str, user: str, password: str) -> tuple[str, int]:
        """Starts a PostgreSQL with that database and master user, which ends with the cloud; its host and port."""
        if self._server is None:
            raise RuntimeError("the local cloud is not running")
        return self.databases.open(name, user, password)

    def _close_clients(self) -> None:
        with self._clients_lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()
            self._roles.clear()


@contextlib.contextmanager
def _environment(folder: Path, port: int, *, enforce_iam: bool) -> Any:
    """What ministack reads from the environment, some of it at import and some at every request.

    Credentials and profiles of the person who runs this are hidden: they are of no use here, and must not reach
    anything that runs here.
    """
    ours = {
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "AUTH": str(enforce_iam).lower(),
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "AWS_ACCESS_KEY_ID": ROOT_KEY,
        "AWS_SECRET_ACCESS_KEY": ROOT_KEY,
        "AWS_DEFAULT_REGION": REGION,
        "STATE_DIR": str(folder / "state"),
        "S3_DATA_DIR": str(folder / "s3"),
        "PERSIST_STATE": "0",
        "S3_PERSIST": "0",
        "LAMBDA_EXECUTOR": "local",
        # Invocations queue in our pool instead of being refused.
        "LAMBDA_ACCOUNT_CONCURRENCY": "0",
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        # ministack would look for containers of its own to remove.
        "DOCKER_HOST": f"unix://{folder / 'no-docker'}",
    }
    hidden = (
        "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ENDPOINT_URL", "AWS_REGION", "EDGE_PORT",
        "MINISTACK_HOST", "LOCALSTACK_HOSTNAME", "LOCALSTACK_PERSISTENCE", "SERVICES", "USE_SSL",
    )  # fmt: skip
    before = {name: os.environ.get(name) for name in (*ours, *hidden)}
    for name in hidden:
        os.environ.pop(name, None)
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _load_ministack() -> Any:
    """`ministack.app`, with the root logger left as it was: ministack configures it when it is imported."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        app = importlib.import_module("ministack.app")
        for name in _SERVICES:
            importlib.import_module(f"ministack.services.{name}")
    finally:
        root.handlers, root.level = handlers, level
    return app


def _set_constants(replaced: hooks.Hooks, port: int, *, enforce_iam: bool) -> None:
    """What ministack took from the environment of the first start in this process."""
    replaced.value("app", "AUTH", enforce_iam)
    replaced.value("app", "_MINISTACK_PORT", str(port))
    replaced.value("services.sqs", "DEFAULT_PORT", str(port))
    replaced.value("services.sqs", "_CANONICAL_NETLOC", f"localhost:{port}")
    replaced.value("services.sns", "_PORT", str(port))

    replaced.replace("app", "_get_module", "name", _quietly)


def _quietly(get_module: hooks.Function) -> hooks.Function:
    """Services are imported when they are first called; their loggers are adopted then."""
    seen: set[str] = set()

    def get(name: str) -> Any:
        module = get_module(name)
        if name not in seen:
            seen.add(name)
            adopt()
        return module

    return get


def _clear_stale_folders() -> None:
    """Removes what processes that were killed left behind."""
    for folder in (
        one for place in {Path(tempfile.gettempdir()), room()} for one in place.glob(f"{_FOLDER_PREFIX}*-*")
    ):
        pid = folder.name.removeprefix(_FOLDER_PREFIX).partition("-")[0]
        if pid.isdigit() and not alive(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)
