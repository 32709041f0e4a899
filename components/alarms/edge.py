"""Alarms of what the world reaches."""

from dataclasses import replace

from components import metrics, signals
from components.alarms.alarm import DAY, Alarm

# One expired link among a few requests is no outage.
FEWEST_REQUESTS = 20
CLIENT_ERRORS_PERCENT = 20
SERVER_ERRORS_PERCENT = 1
# Scanners come by all day; this many at once, and again, is somebody who means it, or a rule that is wrong.
REFUSED_REQUESTS = 100
# Two weeks after a deployment would have renewed it, if there had been one.
LEAST_DAYS = 45


def of_distribution(signal: signals.DistributionSignal) -> list[Alarm]:
    requests = metrics.distribution(signal, "Requests", "Sum")
    client = Alarm(
        purpose=f"distribution-{signal.purpose}-4xx",
        meaning=f"More than {CLIENT_ERRORS_PERCENT} % of the requests to distribution {signal.purpose} are refused.",
        runbook="delivery-errors",
        metrics={"requests": requests, "rate": metrics.distribution(signal, "4xxErrorRate", "Average")},
        expression=f"IF(requests >= {FEWEST_REQUESTS}, rate, 0)",
        above=CLIENT_ERRORS_PERCENT,
        periods=3,
        breaching=2,
        lasting=True,
    )
    server = replace(
        client,
        purpose=f"distribution-{signal.purpose}-5xx",
        meaning=f"More than {SERVER_ERRORS_PERCENT} % of the requests to distribution {signal.purpose} fail.",
        runbook="delivery-errors",
        metrics={"rate": metrics.distribution(signal, "5xxErrorRate", "Average")},
        expression="",
        above=SERVER_ERRORS_PERCENT,
    )
    return [client, server]


def of_firewall(signal: signals.FirewallSignal) -> list[Alarm]:
    surge = Alarm(
        purpose=f"firewall-{signal.purpose}-blocked",
        meaning=f"Firewall {signal.purpose} refused more than {REFUSED_REQUESTS} requests in five minutes, repeatedly.",
        runbook="firewall-blocked",
        metrics={"blocked": metrics.firewall(signal, "BlockedRequests")},
        above=REFUSED_REQUESTS,
        periods=3,
        breaching=2,
        lasting=True,
    )
    return [surge]


def of_certificate(signal: signals.CertificateSignal) -> list[Alarm]:
    ends = Alarm(
        purpose=f"certificate-{signal.purpose}-ends",
        meaning=f"The certificate {signal.purpose} ends in less than {LEAST_DAYS} days, and nobody has renewed it.",
        runbook="certificate-ends",
        metrics={"days": metrics.certificate(signal)},
        # Alarms ring above something; days run the other way.
        expression="0 - days",
        above=-LEAST_DAYS,
        period_seconds=DAY,
        lasting=True,
    )
    return [ends]
