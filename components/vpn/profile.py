"""The file that an operator gives to their VPN program: where the server is, and who both of them are."""

PORT = 443


def render(*, host: str, server_name: str, authority: str, certificate: str, key: str) -> str:
    """An OpenVPN profile with everything in it. `host` is the endpoint's DNS name, which may begin with `*.`."""
    lines = [
        "client",
        "dev tun",
        "proto udp",
        f"remote {host.removeprefix('*.')} {PORT}",
        # The service answers under any name below its own, and wants a new one for each connection.
        "remote-random-hostname",
        "resolv-retry infinite",
        "nobind",
        "remote-cert-tls server",
        f"verify-x509-name {server_name} name",
        "cipher AES-256-GCM",
        "reneg-sec 0",
        "verb 3",
    ]
    for tag, pem in (("ca", authority), ("cert", certificate), ("key", key)):
        lines += [f"<{tag}>", pem.strip(), f"</{tag}>"]
    return "\n".join(lines) + "\n"
