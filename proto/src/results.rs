//! `Results.Push` with reports as bytes: the agent sends what its ledger holds, and the control plane
//! can refuse one report by its number without losing the stream.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use prost::bytes::BufMut;
use tonic::body::Body;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder, Streaming};
use tonic::codegen::http::uri::PathAndQuery;
use tonic::codegen::{Body as HttpBody, Bytes, Service, StdError, http};
use tonic::server::{NamedService, StreamingService};
use tonic::{Request, Response, Status};
use tonic_prost::{ProstCodec, ProstDecoder, ProstEncoder};

use crate::agent::v1::Receipt;
use crate::exact::whole;

/// Path of the call.
pub const PUSH: &str = "/ringfence.agent.v1.Results/Push";

/// Largest report on the wire. A voting pattern of 16 submissions has at most 65,535 counts of at
/// most 15 bytes.
pub const LARGEST_REPORT: usize = 1024 * 1024;

/// One encoded `Report`.
pub type ReportBytes = Vec<u8>;

#[derive(Debug, Default)]
struct AgentCodec;

impl Codec for AgentCodec {
    type Encode = ReportBytes;
    type Decode = Receipt;
    type Encoder = AsIs;
    type Decoder = ProstDecoder<Receipt>;

    fn encoder(&mut self) -> AsIs {
        AsIs
    }

    fn decoder(&mut self) -> Self::Decoder {
        ProstCodec::<Receipt, Receipt>::new().decoder()
    }
}

#[derive(Debug, Default)]
struct ControlPlaneCodec;

impl Codec for ControlPlaneCodec {
    type Encode = Receipt;
    type Decode = ReportBytes;
    type Encoder = ProstEncoder<Receipt>;
    type Decoder = AsIs;

    fn encoder(&mut self) -> Self::Encoder {
        ProstCodec::<Receipt, Receipt>::new().encoder()
    }

    fn decoder(&mut self) -> AsIs {
        AsIs
    }
}

#[derive(Debug)]
struct AsIs;

impl Encoder for AsIs {
    type Item = ReportBytes;
    type Error = Status;

    fn encode(&mut self, report: ReportBytes, buf: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buf.put_slice(&report);
        Ok(())
    }
}

impl Decoder for AsIs {
    type Item = ReportBytes;
    type Error = Status;

    fn decode(&mut self, buf: &mut DecodeBuf<'_>) -> Result<Option<ReportBytes>, Status> {
        Ok(Some(whole(buf)))
    }
}

/// Opens the stream from the agent's side.
///
/// # Errors
/// The status that the control plane or the transport answered with.
pub async fn push<T, S>(channel: T, reports: S) -> Result<Streaming<Receipt>, Status>
where
    T: tonic::client::GrpcService<Body>,
    T::Error: Into<StdError>,
    T::ResponseBody: HttpBody<Data = Bytes> + Send + 'static,
    <T::ResponseBody as HttpBody>::Error: Into<StdError> + Send,
    S: tonic::codegen::tokio_stream::Stream<Item = ReportBytes> + Send + 'static,
{
    let mut client = tonic::client::Grpc::new(channel);
    client.ready().await.map_err(|_| Status::unavailable("the connection is not ready"))?;
    let path = PathAndQuery::from_static(PUSH);
    client.streaming(Request::new(reports), path, AgentCodec).await.map(Response::into_inner)
}

/// What comes back to the agent.
pub type Receipts = Pin<Box<dyn tonic::codegen::tokio_stream::Stream<Item = Result<Receipt, Status>> + Send>>;

/// What the control plane does with the stream.
pub trait Results: Send + Sync + 'static {
    /// Takes the reports in, gives the receipts out.
    fn push(
        &self,
        reports: Request<Streaming<ReportBytes>>,
    ) -> impl Future<Output = Result<Response<Receipts>, Status>> + Send;
}

/// The service of [`Results`].
#[derive(Debug)]
pub struct ResultsServer<T>(Arc<T>);

impl<T> ResultsServer<T> {
    /// A service over `results`.
    pub fn new(results: T) -> Self {
        Self(Arc::new(results))
    }
}

impl<T> Clone for ResultsServer<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> NamedService for ResultsServer<T> {
    const NAME: &'static str = "ringfence.agent.v1.Results";
}

type Answer<T> = Pin<Box<dyn Future<Output = T> + Send>>;

struct Push<T>(Arc<T>);

impl<T: Results> StreamingService<ReportBytes> for Push<T> {
    type Response = Receipt;
    type ResponseStream = Receipts;
    type Future = Answer<Result<Response<Receipts>, Status>>;

    fn call(&mut self, request: Request<Streaming<ReportBytes>>) -> Self::Future {
        let results = Arc::clone(&self.0);
        Box::pin(async move { results.push(request).await })
    }
}

impl<T, B> Service<http::Request<B>> for ResultsServer<T>
where
    T: Results,
    B: HttpBody + Send + 'static,
    B::Error: Into<StdError> + Send + 'static,
{
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Answer<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let results = Arc::clone(&self.0);
        Box::pin(async move {
            if request.uri().path() != PUSH {
                return Ok(Status::unimplemented("there is no such call").into_http());
            }
            let mut grpc =
                tonic::server::Grpc::new(ControlPlaneCodec).max_decoding_message_size(LARGEST_REPORT);
            Ok(grpc.streaming(Push(results), request).await)
        })
    }
}
