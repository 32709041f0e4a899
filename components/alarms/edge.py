"""Alarms of what the world reaches."""

from dataclasses import replace

from components import metrics, signals
from components.alarms.alarm import DAY, Alarm

# One expired link among a few requests is no outage.
FEWEST_REQUESTS = 20
CLIENT_ERRORS_PERCENT = 20
SERVER_ERRORS_PERCENT = 1
# The page asks for news all day; what people do takes 200 ms, and a first call after a pause a second.
SLOW_API_MS = 1500
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


def of_api(signal: signals.ApiSignal) -> list[Alarm]:
    requests = metrics.api(signal, "Count", "Sum")
    client = Alarm(
        purpose=f"api-{signal.purpose}-4xx",
        meaning=f"More than {CLIENT_ERRORS_PERCENT} % of the requests to {signal.purpose} are refused.",
        runbook="api-errors",
        # The average of a count of ones and zeros is a share.
        metrics={"requests": requests, "share": metrics.api(signal, "4XXError", "Average")},
        expression=f"IF(requests >= {FEWEST_REQUESTS}, share * 100, 0)",
        above=CLIENT_ERRORS_PERCENT,
        periods=3,
        breaching=2,
        lasting=True,
    )
    server = replace(
        client,
        purpose=f"api-{signal.purpose}-5xx",
        meaning=f"More than {SERVER_ERRORS_PERCENT} % of the requests to {signal.purpose} fail.",
        metrics={"share": metrics.api(signal, "5XXError", "Average")},
        expression="share * 100",
        above=SERVER_ERRORS_PERCENT,
    )
    slow = replace(
        client,
        purpose=f"api-{signal.purpose}-latency",
        meaning=f"One in twenty answers of {signal.purpose} takes more than {SLOW_API_MS / 1000:g} s.",
        runbook="api-latency",
        metrics={"requests": requests, "latency": metrics.api(signal, "Latency", "p95")},
        expression=f"IF(requests >= {FEWEST_REQUESTS}, latency, 0)",
        above=SLOW_API_MS,
    )
    return [client, server, slow]


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
