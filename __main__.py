"""The stack: settings in, components wired, outputs out."""

from components import naming, outputs, place, settings, signals
from components.api import make_api, make_gateway
from components.boundary import make_boundary
from components.catalogue import make_catalogue
from components.deletion import make_deletion
from components.distribution import make_distribution
from components.firewall import make_edge_firewall
from components.function import Home
from components.ledger import Ledger, LedgerArgs
from components.malware import MalwareGate, MalwareGateArgs
from components.network import make_network
from components.observability import Observability, ObservabilityArgs
from components.page import make_page
from components.pipeline import Kinds, ProcessingPipeline, ProcessingPipelineArgs
from components.roles import Roles
from components.storage import SecureStorage, SecureStorageArgs
from components.vpn import make_vpn

wanted = settings.load()
names, here = naming.current(), place.current()
roles = Roles(names=names, place=here, boundary_arn=wanted.iam.boundary_arn or make_boundary(names, here))
safe, inside, log_days = wanted.protection.deletion, wanted.functions.in_vpc, wanted.logs.retention_days
storage = SecureStorage("storage", SecureStorageArgs(names=names, place=here, keeping=wanted.storage, protected=safe))
ledger = Ledger("ledger", LedgerArgs(names=names, key=storage.data_key, protected=safe))
network = make_network(names, here, roles, storage, wanted)
vpn = make_vpn(network.inside, storage, wanted.vpn, retention_days=log_days, protected=safe)
home = Home(
    names=names,
    place=here,
    roles=roles,
    platform=wanted.functions.platform,
    logs_key=storage.logs_key,
    retention_days=log_days,
    placement=network.placement if inside else None,
)
firewall = make_edge_firewall(names, here, storage, wanted)
gateway = make_gateway(home, wanted)
distribution = make_distribution(home, storage, firewall, gateway.site if gateway else None, wanted)
api = make_api(home, storage, ledger, gateway, distribution, wanted)
page = make_page(names, storage, api, wanted)
gate = MalwareGate("malware-gate", MalwareGateArgs(home=home, storage=storage, ledger=ledger, malware=wanted.malware))
pipeline = ProcessingPipeline(
    "pipeline",
    ProcessingPipelineArgs(
        home=home,
        storage=storage,
        ledger=ledger,
        links=distribution.links,
        processing=wanted.processing,
        kinds=Kinds(images=wanted.images, tables=wanted.tables, archives=wanted.archives),
        emails=wanted.notifications.emails,
        scan=gate.scan,
    ),
)
catalogue = make_catalogue(home, network.inside, storage, pipeline, wanted)
deletion = make_deletion(home, storage, ledger, distribution, pipeline, wanted)
observability = Observability(
    "observability",
    ObservabilityArgs(
        names=names,
        place=here,
        key=storage.messaging_key,
        signals=signals.of(gate, pipeline, ledger, distribution, vpn, firewall, catalogue, gateway, api, deletion),
        emails=wanted.alarms.emails,
        protected=safe,
    ),
)
outputs.export(here, storage, ledger, distribution, pipeline, observability, vpn, catalogue, api, page, deletion)
