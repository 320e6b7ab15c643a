//! The smallest program that answers 200: what starting costs before anything is done.

use std::net::Ipv4Addr;

use anyhow::Result;
use axum::Router;
use axum::routing::get;

pub(crate) fn serve(port: u16) -> Result<()> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let hello = Router::new().fallback(get(async || "hello"));
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        Ok(axum::serve(listener, hello).await?)
    })
}
