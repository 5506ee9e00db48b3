//! The open inference protocol (KServe v2, Triton) over gRPC: tensors of the image and the prompts in, one tensor
//! of labels out.
//!
//! Which tensor is what is said at registration or derived from what the server declares ([`TensorMapping`]).
//! Elements go and come as raw little-endian bytes. Each call has a connection of its own, which ends with it.

mod channel;
mod convert;
mod mapping;
mod read;
mod write;

use std::collections::BTreeSet;

use tonic::transport::Channel;
use tonic::{Code, Status};

pub use mapping::{Reading, TensorMapping};

use crate::answer::{Doing, Watch};
use crate::broker::{Limits, Raw, apart};
use crate::error::{AssistError, Wait};
use crate::registration::{Capabilities, Registration};
use crate::request::Request;
use crate::tls::Trust;
use wire::grpc_inference_service_client::GrpcInferenceServiceClient;
use wire::{ModelInferRequest, ModelMetadataRequest, ModelMetadataResponse, ModelReadyRequest};

/// The messages, generated from `wire/inference.proto`.
#[allow(
    clippy::all,
    clippy::allow_attributes_without_reason,
    clippy::wildcard_enum_match_arm,
    clippy::too_many_lines,
    missing_debug_implementations,
    unreachable_pub,
    unused_qualifications,
    reason = "generated"
)]
pub(crate) mod wire {
    tonic::include_proto!("inference");
}

type Client = GrpcInferenceServiceClient<Channel>;

/// One registered model at its server.
pub(crate) struct Kserve<'a> {
    registration: &'a Registration,
    limits: Limits,
    dialler: channel::Dialler,
}

impl<'a> Kserve<'a> {
    pub(crate) fn new(
        registration: &'a Registration,
        limits: Limits,
        trust: &Trust,
    ) -> Result<Self, AssistError> {
        let dialler = channel::Dialler::new(&registration.address, limits.connect, trust)?;
        Ok(Self { registration, limits, dialler })
    }

    pub(crate) async fn capabilities(&self) -> Result<Capabilities, AssistError> {
        let mut client = self.client().await?;
        let (declared, mapping) = self.mapping(&mut client).await?;
        Ok(mapping.capabilities(version(&declared.versions)))
    }

    pub(crate) async fn infer(&self, request: &Request, watch: &Watch) -> Result<Raw, AssistError> {
        watch.tell(Doing::Connecting, 0.02);
        let mut client = self.client().await?;
        let (declared, mapping) = self.mapping(&mut client).await?;
        mapping.capabilities(String::new()).check(&request.prompts)?;
        watch.tell(Doing::Preparing, 0.05);
        let message = self.message(request, &declared, &mapping).await?;
        watch.tell(Doing::Computing, 0.3);
        let answered = tokio::time::timeout(self.limits.first_byte, client.model_infer(message)).await;
        let answer = answered
            .map_err(|_| AssistError::Timeout { wait: Wait::FirstByte })?
            .map_err(|status| self.refused(&status))?
            .into_inner();
        watch.tell(Doing::Checking, 0.9);
        let named = if answer.model_version.is_empty() {
            version(&declared.versions)
        } else {
            answer.model_version.clone()
        };
        let size = request.volume.grid().size();
        let (labels, channels) = apart(move || read::labels(answer, &mapping, size)).await?;
        let declared = channels.map_or_else(BTreeSet::new, |channels| (1..channels).collect());
        Ok(Raw { labels, declared, version: short(&named) })
    }

    async fn client(&self) -> Result<Client, AssistError> {
        let limit = usize::try_from(self.limits.answer_bytes).unwrap_or(usize::MAX);
        let channel = self.dialler.dial().await?;
        Ok(Client::new(channel).max_decoding_message_size(limit).max_encoding_message_size(usize::MAX))
    }

    /// Asks whether the model is ready and which tensors it has.
    async fn mapping(
        &self,
        client: &mut Client,
    ) -> Result<(ModelMetadataResponse, TensorMapping), AssistError> {
        let name = || self.registration.model.clone();
        // Metadata first: for a model that is not there, MLServer 1.7.1 answers "not found" to this, but "unknown"
        // to the question whether it is ready.
        let asked = client.model_metadata(ModelMetadataRequest { name: name(), version: String::new() });
        let declared = self.soon(asked).await?.into_inner();
        let ready = client.model_ready(ModelReadyRequest { name: name(), version: String::new() });
        if !self.soon(ready).await?.into_inner().ready {
            return Err(AssistError::NotServed);
        }
        let mapping = match &self.registration.tensors {
            Some(mapping) => mapping.clone(),
            None => TensorMapping::derive(&declared)?,
        };
        mapping.check(&declared)?;
        Ok((declared, mapping))
    }

    async fn soon<T>(&self, call: impl Future<Output = Result<T, Status>>) -> Result<T, AssistError> {
        let answered = tokio::time::timeout(self.limits.first_byte, call).await;
        answered
            .map_err(|_| AssistError::Timeout { wait: Wait::FirstByte })?
            .map_err(|status| self.refused(&status))
    }

    async fn message(
        &self,
        request: &Request,
        declared: &ModelMetadataResponse,
        mapping: &TensorMapping,
    ) -> Result<ModelInferRequest, AssistError> {
        let (volume, prompts) = (request.volume.clone(), request.prompts.clone());
        let (declared, mapping) = (declared.inputs.clone(), mapping.clone());
        let model_name = self.registration.model.clone();
        apart(move || {
            let tensors = write::inputs(&volume, &prompts, &declared, &mapping)?;
            let outputs = vec![wire::model_infer_request::InferRequestedOutputTensor {
                name: mapping.output.clone(),
                ..Default::default()
            }];
            let (inputs, raw_input_contents) = tensors.into_iter().unzip();
            Ok(ModelInferRequest { model_name, inputs, outputs, raw_input_contents, ..Default::default() })
        })
        .await
    }

    fn refused(&self, status: &Status) -> AssistError {
        // A gRPC code, which no HTTP status can be mistaken for.
        let code = status.code() as u16;
        match status.code() {
            Code::NotFound | Code::Unimplemented => AssistError::NotServed,
            Code::InvalidArgument
            | Code::FailedPrecondition
            | Code::AlreadyExists
            | Code::PermissionDenied
            | Code::Unauthenticated => AssistError::Refused { status: code },
            // The client itself says so of an answer that is longer than it reads.
            Code::OutOfRange => {
                AssistError::AnswerTooLarge { limit_mib: self.limits.answer_bytes / (1024 * 1024) }
            }
            Code::ResourceExhausted => AssistError::ImageTooLarge,
            Code::Unavailable => AssistError::Unreachable,
            Code::DeadlineExceeded => AssistError::Timeout { wait: Wait::Total },
            Code::Ok | Code::Cancelled | Code::Unknown | Code::Aborted | Code::Internal | Code::DataLoss => {
                AssistError::ServerFailed { status: code }
            }
        }
    }
}

/// The last version that a server lists; it answers with that one when none is asked for.
fn version(versions: &[String]) -> String {
    versions.last().map(|version| short(version)).unwrap_or_default()
}

/// A server's words, short and printable.
fn short(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(100).collect()
}
