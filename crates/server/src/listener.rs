//! Takes connections in and hands them to the application.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_http::body::MessageBody;
use actix_http::{HttpService, Protocol, Request, Response};
use actix_service::{
    IntoServiceFactory, Service, ServiceFactory, ServiceFactoryExt as _, fn_service, map_config,
};
use actix_web::Error;
use actix_web::dev::{AppConfig, Server};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use socket2::{Domain, Protocol as Transport, Socket, Type};
use tokio::net::TcpStream;
use user_service_api::ProblemType;

use crate::connection::{Connection, KEEP_ALIVE};
use crate::tls::{Caller, Certificates, Stream};

/// Connections of the whole process; those who come later wait until one ends.
const CONNECTIONS: usize = 25_000;

/// Connections that wait to be accepted.
const BACKLOG: i32 = 1024;

/// How long a connection may take to close.
const FAREWELL: Duration = Duration::from_secs(1);

/// Listens on an address.
pub(crate) fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let domain = Domain::for_address(address);
    let socket = Socket::new(domain, Type::STREAM, Some(Transport::TCP))?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Lets this process have as many open files as it may: each connection is one.
pub(crate) fn raise_open_files() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, "the limit of open files could not be raised");
    }
}

/// Serves an application on a listener with so many threads; with certificates by TLS alone.
pub(crate) fn serve<F, I, S, B>(
    listener: TcpListener,
    certificates: Option<Certificates>,
    workers: usize,
    shutdown_timeout: Duration,
    application: F,
) -> std::io::Result<Server>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig, Error = Error> + 'static,
    S::InitError: std::fmt::Debug,
    S::Response: Into<Response<B>> + 'static,
    <S::Service as Service<Request>>::Future: 'static,
    S::Service: 'static,
    B: MessageBody + 'static,
{
    let builder = Server::build()
        .workers(workers)
        .max_concurrent_connections(CONNECTIONS.div_ceil(workers.max(1)))
        .disable_signals()
        .shutdown_timeout(shutdown_timeout.as_secs());
    let stopping = builder.graceful_shutdown_signal();
    let builder = builder.listen("http", listener, move || {
        let stopping = stopping.clone();
        let application = application()
            .into_factory()
            .map_err(|error| error.error_response());
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .keep_alive(KEEP_ALIVE)
            // `Connection` has deadlines for every head.
            .client_request_timeout(Duration::ZERO)
            .client_disconnect_timeout(FAREWELL)
            .finish(map_config(application, |()| AppConfig::default()));
        let certificates = certificates.clone();
        fn_service(move |stream: TcpStream| {
            let certificates = certificates.clone();
            async move {
                let peer = stream.peer_addr().ok();
                let stream = begin(stream, certificates).await?;
                Ok((Connection::new(stream), Protocol::Http1, peer))
            }
        })
        .and_then(http)
    })?;
    Ok(builder.run())
}

/// What comes before HTTP: nothing, or TLS. Who speaks no TLS where it has to be is told so.
async fn begin(stream: TcpStream, certificates: Option<Certificates>) -> std::io::Result<Stream> {
    let Some(certificates) = certificates else {
        return Ok(Stream::Plain(stream));
    };
    match certificates.accept(stream).await {
        Ok(Caller::Secure(stream)) => Ok(stream),
        Ok(Caller::Plain(stream)) => {
            Connection::new(stream).refuse(ProblemType::HttpsRequired);
            Err(std::io::ErrorKind::InvalidData.into())
        }
        Err(error) => {
            tracing::debug!(%error, "no TLS came about");
            Err(error)
        }
    }
}
