"""Opens sockets to the endpoint: direct, to a proxy, or through the tunnel of a proxy."""

import socket
import ssl
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from botocore.endpoint import EndpointCreator
from botocore.exceptions import InvalidProxiesConfigError
from botocore.httpsession import ProxyConfiguration, create_urllib3_context, get_cert_path
from botocore.session import Session
from urllib3 import ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection, port_by_scheme
from urllib3.util import Url, parse_url
from urllib3.util.proxy import connection_requires_http_tunnel
from urllib3.util.ssl_ import is_ipaddress

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_SOCKET_OPTIONS = [
    # Without it each call waits for a delayed acknowledgement: headers and body are sent apart.
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
]


class Route:
    """The way from here to one URL.

    Takes what botocore's URLLib3Session takes, and treats it likewise.

    Raises:
        InvalidProxiesConfigError, HTTPError: if a proxy is configured that cannot be used.
    """

    def __init__(
        self,
        url: str,
        *,
        verify: bool | str,
        proxies: Mapping[str, str],
        client_cert: str | tuple[str, str] | None,
        proxies_config: Mapping[str, Any] | None,
        **_: object,
    ) -> None:
        self._endpoint = parse_url(url)
        self._proxy = _create_proxy(url, ProxyConfiguration(proxies, proxies_config))
        address = self._proxy.proxy if self._proxy else None
        config = self._proxy.proxy_config if self._proxy else None
        self._hop = address or self._endpoint
        """The address that connections are opened to."""
        self._has_tunnel = connection_requires_http_tunnel(
            address, config, self._endpoint.scheme
        )
        is_forwarded = self._proxy is not None and not self._has_tunnel
        self.host, self.port = _host(self._endpoint), _port(self._endpoint)
        self.target = url if is_forwarded else self._endpoint.request_uri
        """The target of requests."""
        self.headers = dict(self._proxy.proxy_headers) if self._proxy and is_forwarded else {}
        """The headers for a proxy that forwards requests."""
        self._parameters: dict[str, Any] = {
            "host": _host(self._hop),
            "port": _port(self._hop),
            "socket_options": _SOCKET_OPTIONS,
            "proxy": address,
            "proxy_config": config,
        }
        self._class: type[HTTPConnection] = HTTPConnection
        if self._has_tunnel or self._hop.scheme == "https":
            self._class = HTTPSConnection
            self._parameters |= _tls_parameters(verify, client_cert)

    def open_socket(self, timeout: float | None) -> socket.socket:
        """Open a socket to the endpoint or to the proxy that forwards requests to it.

        Raises:
            HTTPError, OSError, ValueError: if that fails.
        """
        connection = self._class(timeout=timeout, **self._parameters)
        if self._proxy and self._has_tunnel:
            connection.set_tunnel(
                self._endpoint.host or "",
                self.port,
                self._proxy.proxy_headers,
                self._hop.scheme or "http",
            )
        try:
            connection.connect()
        except BaseException:
            connection.close()
            raise
        opened: socket.socket = connection.sock
        return opened


def find_route(session: Session, control: "DynamoDBClient") -> Route:
    """Return the route of a boto3 client, with its proxies, CA bundle and certificate."""
    config: Any = control.meta.config
    url = control.meta.endpoint_url.rstrip("/") + "/"
    creator: Any = EndpointCreator(control.meta.events)
    endpoint = creator.create_endpoint(
        control.meta.service_model,
        region_name=control.meta.region_name,
        endpoint_url=control.meta.endpoint_url,
        verify=session.get_config_variable("ca_bundle"),
        http_session_cls=partial(Route, url),
        proxies=config.proxies,
        client_cert=config.client_cert,
        proxies_config=config.proxies_config,
    )
    route: Route = endpoint.http_session
    return route


def _create_proxy(url: str, configuration: ProxyConfiguration) -> ProxyManager | None:
    proxy_url: str | None = configuration.proxy_url_for(url)
    if not proxy_url:
        return None
    settings: Mapping[str, Any] = configuration.settings
    return ProxyManager(
        proxy_url,
        proxy_headers=configuration.proxy_headers_for(proxy_url),
        proxy_ssl_context=_proxy_context(proxy_url, settings),
        use_forwarding_for_https=bool(settings.get("proxy_use_forwarding_for_https")),
    )


def _proxy_context(proxy_url: str, settings: Mapping[str, Any]) -> ssl.SSLContext | None:
    """TLS to a proxy that has certificates of its own."""
    bundle, certificate = settings.get("proxy_ca_bundle"), settings.get("proxy_client_cert")
    if bundle is None and certificate is None:
        return None
    context: ssl.SSLContext = create_urllib3_context()
    try:
        context.check_hostname = not is_ipaddress(_host(parse_url(proxy_url)))
        if bundle is not None:
            context.load_verify_locations(cafile=bundle)
        if certificate is not None:
            context.load_cert_chain(*_pair(certificate))
    except OSError as error:
        raise InvalidProxiesConfigError(error=error) from error
    return context


def _tls_parameters(
    verify: bool | str, client_cert: str | tuple[str, str] | None
) -> dict[str, Any]:
    """Return TLS parameters; their files are read when a connection is opened."""
    certificate, key = _pair(client_cert)
    return {
        "ssl_context": create_urllib3_context(),
        "cert_reqs": "CERT_REQUIRED",
        "ca_certs": cast("Any", get_cert_path)(verify),
        "cert_file": certificate,
        "key_file": key,
    }


def _pair(certificate: str | tuple[str, str] | None) -> tuple[Any, str | None]:
    return certificate if isinstance(certificate, tuple) else (certificate, None)


def _host(url: Url) -> str:
    """Return the name or address, without the brackets of IPv6."""
    return (url.host or "").strip("[]")


def _port(url: Url) -> int:
    return url.port or port_by_scheme[url.scheme or "http"]
