"""Failures on the way to an endpoint, and the error messages for them."""

from __future__ import annotations

import socket

from vibench.engines.openai.address import Address, v1_path
from vibench.engines.openai.replies import CallFailure
from vibench.errors import EndpointError, UsageError, VibenchError
from vibench.records import Completion

__all__ = ["endpoint_error", "failed_completion", "failure_of"]

RESUME = "All answers so far are kept: rerun the same command to resume"


def failed_completion(request: str, failure: CallFailure, detail: str) -> Completion:
    """Return a request's failure as its completion."""
    return Completion(
        request,
        "",
        "error",
        failure.prompt_tokens,
        failure.completion_tokens,
        f"{failure.cause}: {detail}" if detail else failure.cause,
        passing=failure.passing,
        free=failure.free,
    )


def failure_of(error: Exception) -> CallFailure:
    """Return the failure that an exception of aiohttp's or of the system's stands for."""
    import aiohttp

    # Only the exception's kind and the system's own words are kept: some of aiohttp's messages
    # hold the request's headers, and with them the key. The order matters: a certificate error is
    # an SSL error, which is a connector error, and a connection's time-out is a time-out.
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return CallFailure("connection", "no connection in time", unreachable=True)
    if isinstance(error, TimeoutError):
        return CallFailure("time-out", "no answer in time")
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return CallFailure("connection", "its certificate is not valid", wrong="certificate")
    if isinstance(error, aiohttp.ClientSSLError):
        return CallFailure("connection", "it does not speak TLS", wrong="url", at_first=True)
    if isinstance(error, aiohttp.ClientConnectorError):
        if isinstance(error.os_error, socket.gaierror):
            # The name server is away, which passes; an unknown name is a misspelt one, unless the
            # endpoint has answered before.
            if error.os_error.errno == socket.EAI_AGAIN:
                return CallFailure(
                    "connection", "its name cannot be looked up now", unreachable=True
                )
            return CallFailure(
                "connection", "its name is not known", wrong="name", at_first=True, unreachable=True
            )
        reason = error.os_error.strerror or type(error.os_error).__name__
        return CallFailure("connection", reason, unreachable=True)
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return CallFailure("connection", f"the proxy says {error.status}", unreachable=True)
    if isinstance(error, (aiohttp.ClientError, OSError)):
        return CallFailure("connection", f"it was cut ({type(error).__name__})")
    return CallFailure("malformed reply", str(error))


def endpoint_error(
    failure: CallFailure, address: Address, model: str, silence: float = 0
) -> VibenchError:
    """Return the error that ends all requests.

    It is a UsageError where the user's settings are wrong, else an EndpointError. `silence` is
    the seconds since the last answer.
    """
    where, detail = address.base_url, address.scrub(failure.detail)
    if failure.wrong in ("quota", "away"):
        return _interrupted(failure, where, detail)
    if failure.wrong is not None:
        return UsageError(*_misconfiguration(failure, address, model, detail))
    patience = "--set openai.patience=SECONDS waits longer."
    if failure.unreachable:
        return EndpointError(
            f"Nothing listens at {where} ({detail}).",
            "Start the endpoint, or name another one (--set "
            f"openai.base_url=http://127.0.0.1:8000/v1). {RESUME}; {patience}",
        )
    return EndpointError(
        f"The endpoint {where} has answered no request for {silence:.0f} s "
        f"({failure.cause}: {detail}).",
        f"{RESUME} when it answers again; {patience}",
    )


def _interrupted(failure: CallFailure, where: str, detail: str) -> EndpointError:
    if failure.wrong == "quota":
        return EndpointError(
            f"The credit or quota at {where} is used up ({detail}).",
            f"{RESUME} when there is credit.",
        )
    return EndpointError(
        f"The endpoint {where} asked us to wait {failure.retry_after or 0:.0f} s "
        f"({detail}), which is more than openai.patience.",
        f"{RESUME} after that.",
    )


def _misconfiguration(
    failure: CallFailure, address: Address, model: str, detail: str
) -> tuple[str, str]:
    """Return what is wrong with every request, and what to do about it."""
    where = address.base_url
    setting = "--set openai.base_url=http://127.0.0.1:8000/v1"
    match failure.wrong:
        case "key":
            return _key_error(address, model, detail)
        case "access":
            return _access_error(address, model, detail)
        case "model":
            return (
                f"The endpoint {where} has no model '{model}' ({detail}).",
                f"See the models it has: {where}/models lists them.",
            )
        case "parameter":
            return (
                f"The endpoint {where} refuses every request to '{model}' ({detail}).",
                "If it is a reasoning model: --set openai.reasoning=yes. If it is about the "
                "temperature's value: --set JUDGE.temperature=N, or sampling.temperature=N.",
            )
        case "limit":
            return (
                f"The endpoint {where} lets '{model}' write fewer tokens than requested "
                f"({detail}).",
                "Allow it fewer tokens: --set JUDGE.max_tokens=N for a judge, --set "
                "sampling.max_tokens=N for a subject.",
            )
        case "certificate":
            return (
                f"The certificate of {where} cannot be verified.",
                "Add its issuer to this machine's certificates (SSL_CERT_FILE), or correct the "
                "host name in the base URL.",
            )
        case "name":
            return (
                f"There is no host with the name in {where}.",
                f"Check the base URL, for example {setting}",
            )
    path = v1_path(where) or f"Check the base URL; most end in /v1: {setting}"
    return f"There is no chat endpoint at {where} ({detail}).", path


def _access_error(address: Address, model: str, detail: str) -> tuple[str, str]:
    if not address.key:
        return _key_error(address, model, detail)
    return (
        f"The endpoint {address.base_url} does not let this account use '{model}' ({detail}).",
        f"Check the account's permissions and region, and that the key in {address.key_variable} "
        "may use the model.",
    )


def _key_error(address: Address, model: str, detail: str) -> tuple[str, str]:
    where, variable = address.base_url, address.key_variable
    status = detail[:3]  # The rest of the message may quote a part of the key.
    if address.key:
        return (
            f"The endpoint {where} does not accept the key ({status}).",
            f"Check the environment variable {variable}, and that the key may use {model}.",
        )
    return (
        f"The endpoint {where} asks for a key ({status}), and none is set.",
        f"Set it (export {variable or 'NAME'}=...), or name another variable with "
        "--set openai.key_variable=NAME.",
    )
