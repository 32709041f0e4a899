"""Private keys and certificates, really made: the provider for them calls no cloud either."""

import datetime
import hashlib
from collections.abc import Mapping
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from local.resources.base import Cloud, Create, Inputs, Made, NotPlaced

_CURVES: Mapping[str, type[ec.EllipticCurve]] = {"P256": ec.SECP256R1, "P384": ec.SECP384R1, "P521": ec.SECP521R1}
_SUBJECT = {"commonName": NameOID.COMMON_NAME, "organization": NameOID.ORGANIZATION_NAME}
_USES = {
    "digital_signature": "digital_signature",
    "key_encipherment": "key_encipherment",
    "cert_signing": "key_cert_sign",
    "crl_signing": "crl_sign",
}
_EXTENDED_USES = {"server_auth": ExtendedKeyUsageOID.SERVER_AUTH, "client_auth": ExtendedKeyUsageOID.CLIENT_AUTH}
_NO_USES = dict.fromkeys(
    (
        *_USES.values(),
        "content_commitment",
        "data_encipherment",
        "key_agreement",
        "encipher_only",
        "decipher_only",
    ),
    False,
)
_Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def private_key(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """RSA or ECDSA; the id is a hash of the public key."""
    algorithm = inputs.pop("algorithm")
    key: _Key
    match algorithm:
        case "RSA":
            key = rsa.generate_private_key(public_exponent=65537, key_size=inputs.pop("rsaBits", 2048))
        case "ECDSA":
            key = ec.generate_private_key(_CURVES[inputs.pop("ecdsaCurve", "P256")]())
        case other:
            raise NotPlaced(f"no keys are made for {other!r}")
    secret, public = serialization.PrivateFormat, serialization.PublicFormat
    plain, pem = serialization.NoEncryption(), serialization.Encoding.PEM
    ssh = key.public_key().public_bytes(serialization.Encoding.OpenSSH, public.OpenSSH)
    der = key.public_key().public_bytes(serialization.Encoding.DER, public.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest(), {
        "privateKeyPem": key.private_bytes(pem, secret.TraditionalOpenSSL, plain).decode(),
        "privateKeyPemPkcs8": key.private_bytes(pem, secret.PKCS8, plain).decode(),
        "privateKeyOpenssh": key.private_bytes(pem, secret.OpenSSH, plain).decode(),
        "publicKeyPem": key.public_key().public_bytes(pem, public.SubjectPublicKeyInfo).decode(),
        "publicKeyOpenssh": ssh.decode() + "\n",
    }


def self_signed(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """A certificate signed by the key that it is for."""
    key = _load(inputs.pop("privateKeyPem"))
    subject = _subject(inputs)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject)
    if names := _names(inputs):
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return _sign(builder, inputs, subject_key=key.public_key(), signer=key)


def request(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """What an authority is asked to sign."""
    key = _load(inputs.pop("privateKeyPem"))
    builder = x509.CertificateSigningRequestBuilder().subject_name(_subject(inputs))
    if names := _names(inputs):
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    pem = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
    return hashlib.sha256(pem.encode()).hexdigest(), {"certRequestPem": pem, "keyAlgorithm": _algorithm(key)}


def locally_signed(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """A certificate for a request, signed by an authority that is given with its key."""
    asked = x509.load_pem_x509_csr(inputs.pop("certRequestPem").encode())
    authority = x509.load_pem_x509_certificate(inputs.pop("caCertPem").encode())
    signer = _load(inputs.pop("caPrivateKeyPem"))
    builder = x509.CertificateBuilder().subject_name(asked.subject).issuer_name(authority.subject)
    known = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    above = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(known)
    builder = builder.add_extension(above, critical=False)
    for extension in asked.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    made_id, outputs = _sign(builder, inputs, subject_key=asked.public_key(), signer=signer)
    return made_id, {**outputs, "caKeyAlgorithm": _algorithm(signer)}


def _load(pem: str) -> _Key:
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise NotPlaced("a key of another kind than RSA or ECDSA")
    return key


def _algorithm(key: _Key) -> str:
    return "RSA" if isinstance(key, rsa.RSAPrivateKey) else "ECDSA"


def _subject(inputs: Inputs) -> x509.Name:
    given = inputs.pop("subject", {})
    return x509.Name([x509.NameAttribute(_SUBJECT[part], text) for part, text in sorted(given.items())])


def _names(inputs: Inputs) -> list[x509.GeneralName]:
    return [x509.DNSName(one) for one in inputs.pop("dnsNames", [])]


def _sign(builder: x509.CertificateBuilder, inputs: Inputs, *, subject_key: Any, signer: _Key) -> Made:
    begin = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    end = begin + datetime.timedelta(hours=inputs.pop("validityPeriodHours"))
    # It only matters to a second deployment, which the local cloud has none of.
    inputs.pop("earlyRenewalHours", None)
    uses = inputs.pop("allowedUses")
    plain = {_USES[use]: True for use in uses if use in _USES}
    extended = [_EXTENDED_USES[use] for use in uses if use not in _USES]
    is_authority, depth = inputs.pop("isCaCertificate", False), inputs.pop("maxPathLength", None)
    builder = (
        builder.public_key(subject_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=depth), critical=True)
        .add_extension(x509.KeyUsage(**{**_NO_USES, **plain}), critical=True)
    )
    if extended:
        builder = builder.add_extension(x509.ExtendedKeyUsage(extended), critical=False)
    if inputs.pop("setSubjectKeyId", False):
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(subject_key), critical=False)
    made = builder.sign(signer, hashes.SHA256())
    return str(made.serial_number), {
        "certPem": made.public_bytes(serialization.Encoding.PEM).decode(),
        "keyAlgorithm": _algorithm(signer),
        "readyForRenewal": False,
        "validityStartTime": begin.isoformat(),
        "validityEndTime": end.isoformat(),
    }


CREATORS: dict[str, Create] = {
    "tls:index/privateKey:PrivateKey": private_key,
    "tls:index/selfSignedCert:SelfSignedCert": self_signed,
    "tls:index/certRequest:CertRequest": request,
    "tls:index/locallySignedCert:LocallySignedCert": locally_signed,
}
