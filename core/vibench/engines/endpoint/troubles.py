"""What went wrong on the way to an endpoint, and the sentences that say so."""

from __future__ import annotations

import socket

from vibench.engines.endpoint.address import Address
from vibench.engines.endpoint.replies import Trouble
from vibench.errors import UsageError

__all__ = ["complaint", "trouble_of"]


def trouble_of(error: Exception) -> Trouble:
    """The trouble that an exception of aiohttp's or of the system's is.

    Only its kind and the system's own words are kept: some hold the request's headers.
    """
    import aiohttp

    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return Trouble("connection", "no connection in time", unreachable=True)
    if isinstance(error, TimeoutError):
        return Trouble("time-out", "no answer in time")
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return Trouble("connection", "its certificate does not hold", wrong="certificate")
    if isinstance(error, aiohttp.ClientSSLError):
        return Trouble("connection", "no TLS there", wrong="url", at_first=True)
    if isinstance(error, aiohttp.ClientConnectorError):
        if isinstance(error.os_error, socket.gaierror):
            return Trouble(
                "connection", "its name is not known", wrong="name", at_first=True, unreachable=True
            )
        reason = error.os_error.strerror or type(error.os_error).__name__
        return Trouble("connection", reason, unreachable=True)
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return Trouble("connection", f"the proxy says {error.status}", unreachable=True)
    if isinstance(error, (aiohttp.ClientError, OSError)):
        return Trouble("connection", f"it was cut ({type(error).__name__})")
    return Trouble("malformed reply", str(error))


def complaint(trouble: Trouble, address: Address, model: str) -> UsageError:
    """What is wrong with every request, for the user."""
    where = address.base_url
    said = address.scrub(trouble.detail)
    variable = address.key_variable
    setting = "--set openai.base_url=http://127.0.0.1:8000/v1"
    later = "Everything answered until now is kept: issue the same command again to go on"
    match trouble.wrong:
        case "key" if address.key:
            return UsageError(
                f"The endpoint {where} does not accept the key ({said[:3]}).",
                f"Check the environment variable {variable}, and that the key may use {model}.",
            )
        case "key":
            return UsageError(
                f"The endpoint {where} asks for a key ({said[:3]}), and none is set.",
                f"Set it (export {variable or 'NAME'}=...), or name another variable with "
                "--set openai.key_variable=NAME.",
            )
        case "model":
            return UsageError(
                f"The endpoint {where} has no model '{model}' ({said}).",
                f"See what it has: {where}/models lists them.",
            )
        case "quota":
            return UsageError(
                f"The quota at {where} is used up ({said}).",
                f"{later}, when there is credit.",
            )
        case "away":
            return UsageError(f"The endpoint {where} wants to wait ({said}).", f"{later}, then.")
        case "parameter":
            return UsageError(
                f"The endpoint {where} refuses every request to '{model}' ({said}).",
                "If the model is one that reasons: --set openai.reasoning=yes",
            )
        case "limit":
            return UsageError(
                f"The endpoint {where} lets '{model}' write less than is asked for ({said}).",
                "Allow it fewer tokens: --set JUDGE.max_tokens=N for a judge, --set "
                "sampling.max_tokens=N for a subject.",
            )
        case "certificate":
            return UsageError(
                f"The certificate of {where} cannot be verified.",
                "Have its issuer known to this machine (SSL_CERT_FILE), or use the right name.",
            )
        case "name":
            return UsageError(
                f"There is no host by the name in {where}.",
                f"Check the base URL, for example {setting}",
            )
        case "url":
            return UsageError(
                f"There is no chat endpoint at {where} ({said}).",
                f"Check the base URL; most end in /v1: {setting}",
            )
    if trouble.unreachable:
        return UsageError(
            f"Nothing listens at {where} ({said}).",
            f"Start the endpoint, or name another one ({setting}), and issue the same command "
            "again: what was answered before is kept.",
        )
    return UsageError(
        f"The endpoint {where} answers no request any more ({trouble.cause}: {said}).",
        f"{later}, later.",
    )
