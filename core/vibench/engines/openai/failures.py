"""What went wrong on the way to an endpoint, and the sentences that say so."""

from __future__ import annotations

import socket

from vibench.engines.openai.address import Address
from vibench.engines.openai.replies import Trouble
from vibench.errors import EndpointError, UsageError, VibenchError
from vibench.records import Completion

__all__ = ["complaint", "failed", "trouble_of"]

LATER = "Everything that was answered is kept: rerun the same command to resume"


def failed(request: str, trouble: Trouble, detail: str) -> Completion:
    """A request's failure as its completion."""
    return Completion(
        request,
        "",
        "error",
        trouble.prompt_tokens,
        trouble.completion_tokens,
        f"{trouble.cause}: {detail}" if detail else trouble.cause,
        passing=trouble.passing,
        free=trouble.free,
    )


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
            if error.os_error.errno == socket.EAI_AGAIN:
                return Trouble("connection", "its name cannot be looked up now", unreachable=True)
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


def complaint(trouble: Trouble, address: Address, model: str, silence: float = 0) -> VibenchError:
    """The error that ends all asking: a UsageError where what was asked for is wrong, else an
    EndpointError. `silence` is for how many seconds nothing was answered."""
    where, detail = address.base_url, address.scrub(trouble.detail)
    if trouble.wrong in ("quota", "away"):
        return _later(trouble, where, detail)
    if trouble.wrong is not None:
        return UsageError(*_wrong(trouble, address, model, detail))
    patience = "--set openai.patience=SECONDS waits longer."
    if trouble.unreachable:
        return EndpointError(
            f"Nothing listens at {where} ({detail}).",
            "Start the endpoint, or name another one (--set "
            f"openai.base_url=http://127.0.0.1:8000/v1). {LATER}; {patience}",
        )
    return EndpointError(
        f"The endpoint {where} has answered no request for {silence:.0f} s "
        f"({trouble.cause}: {detail}).",
        f"{LATER} when it answers again; {patience}",
    )


def _later(trouble: Trouble, where: str, detail: str) -> EndpointError:
    if trouble.wrong == "quota":
        return EndpointError(
            f"The credit or quota at {where} is used up ({detail}).",
            f"{LATER} when there is credit.",
        )
    return EndpointError(
        f"The endpoint {where} asks to be left alone for {trouble.retry_after or 0:.0f} s "
        f"({detail}), which is more than openai.patience.",
        f"{LATER} then.",
    )


def _wrong(trouble: Trouble, address: Address, model: str, detail: str) -> tuple[str, str]:
    """What is wrong with every request, and what to do about it."""
    where, variable = address.base_url, address.key_variable
    setting = "--set openai.base_url=http://127.0.0.1:8000/v1"
    match trouble.wrong:
        case "key" if address.key:
            return (
                f"The endpoint {where} does not accept the key ({detail[:3]}).",
                f"Check the environment variable {variable}, and that the key may use {model}.",
            )
        case "key":
            return (
                f"The endpoint {where} asks for a key ({detail[:3]}), and none is set.",
                f"Set it (export {variable or 'NAME'}=...), or name another variable with "
                "--set openai.key_variable=NAME.",
            )
        case "model":
            return (
                f"The endpoint {where} has no model '{model}' ({detail}).",
                f"See what it has: {where}/models lists them.",
            )
        case "parameter":
            return (
                f"The endpoint {where} refuses every request to '{model}' ({detail}).",
                "If the model is one that reasons: --set openai.reasoning=yes",
            )
        case "limit":
            return (
                f"The endpoint {where} lets '{model}' write less than is asked for ({detail}).",
                "Allow it fewer tokens: --set JUDGE.max_tokens=N for a judge, --set "
                "sampling.max_tokens=N for a subject.",
            )
        case "certificate":
            return (
                f"The certificate of {where} cannot be verified.",
                "Have its issuer known to this machine (SSL_CERT_FILE), or use the right name.",
            )
        case "name":
            return (
                f"There is no host by the name in {where}.",
                f"Check the base URL, for example {setting}",
            )
    return (
        f"There is no chat endpoint at {where} ({detail}).",
        f"Check the base URL; most end in /v1: {setting}",
    )
