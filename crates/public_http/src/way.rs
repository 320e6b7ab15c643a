//! The way to a server, once it is known to be a public one.

use std::net::SocketAddr;
use std::sync::Arc;

use http::Uri;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;

use crate::{Fault, Reach, is_public};

/// A connection, encrypted or not.
pub trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// What an address says about the way to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    host: String,
    port: u16,
    is_tls: bool,
    /// Scheme, host and port.
    pub origin: String,
    /// What `Host` says.
    pub authority: String,
    /// The path and the query.
    pub path: String,
}

/// Opens connections.
#[derive(Clone)]
pub struct Ways {
    reach: Reach,
    tls: TlsConnector,
}

impl std::fmt::Debug for Ways {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ways").field("reach", &self.reach).finish_non_exhaustive()
    }
}

impl Ways {
    /// # Errors
    /// A TLS library that cannot work on this machine, as a sentence.
    pub fn new(reach: Reach) -> Result<Self, String> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots())
            .with_no_client_auth();
        Ok(Self { reach, tls: TlsConnector::from(Arc::new(config)) })
    }

    /// Where an address leads, if anything may be asked there.
    ///
    /// # Errors
    /// [`Fault::Forbidden`].
    pub fn target(&self, address: &str) -> Result<Target, Fault> {
        let uri: Uri = address.parse().map_err(|_| Fault::Forbidden)?;
        let is_tls = uri.scheme_str() == Some("https");
        let is_open = self.reach == Reach::Anywhere && uri.scheme_str() == Some("http");
        let authority = uri.authority().filter(|_| is_tls || is_open).ok_or(Fault::Forbidden)?;
        let (scheme, usual) = if is_tls { ("https", 443) } else { ("http", 80) };
        let host = authority.host();
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        Ok(Target {
            host: bare.to_owned(),
            port: authority.port_u16().unwrap_or(usual),
            is_tls,
            origin: format!("{scheme}://{authority}"),
            authority: authority.to_string(),
            path: uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
        })
    }

    /// Connects to the very address that was looked at.
    ///
    /// # Errors
    /// [`Fault::Forbidden`] where it is none of the public internet, [`Fault::Unreachable`].
    pub async fn open(&self, target: &Target) -> Result<Box<dyn Io>, Fault> {
        let unreachable = |error: std::io::Error| Fault::Unreachable(error.to_string());
        let found = lookup_host((target.host.as_str(), target.port)).await.map_err(unreachable)?;
        let allowed =
            |address: &SocketAddr| self.reach == Reach::Anywhere || is_public(address.ip());
        let address = found.into_iter().find(allowed).ok_or(Fault::Forbidden)?;
        let stream = TcpStream::connect(address).await.map_err(unreachable)?;
        if !target.is_tls {
            return Ok(Box::new(stream));
        }
        let name = ServerName::try_from(target.host.clone()).map_err(|_| Fault::Forbidden)?;
        Ok(Box::new(self.tls.connect(name, stream).await.map_err(unreachable)?))
    }
}

/// Those of the machine; where it has none, those that browsers trust.
fn roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
}
