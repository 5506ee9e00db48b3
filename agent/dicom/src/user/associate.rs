//! From a peer of the settings to an association with it.

use super::{CallError, Caller, RejectedTitle};
use crate::channel::{ABORT, ASSOCIATE_ACCEPT, ASSOCIATE_REJECT, Channel, Next};
use crate::dimse::Command;
use crate::negotiate::{APPLICATION_CONTEXT, own_variables, peer_unit_max};
use crate::peers::{Peer, PeerAddress};
use crate::quick::QuickStream;
use crate::wire::{Wire, WireError};
use agent_formats::TransferSyntax;
use dicom_ul::pdu::{
    AssociationAC, AssociationRJServiceUserReason, AssociationRJSource, AssociationRQ, Pdu,
    PresentationContextProposed, PresentationContextResultReason, RequestorRoles, UserVariableItem, read_pdu,
    write_pdu,
};
use rustls::pki_types::ServerName;
use std::collections::BTreeMap;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// 128 contexts with their results fit.
const ANSWER_BYTES_MAX: u32 = 64 * 1024;

/// What carries an association: TCP, or TLS over it.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// One presentation context that we ask for.
#[derive(Debug, Clone)]
pub(crate) struct Proposal {
    pub(crate) class: String,
    pub(crate) syntaxes: Vec<TransferSyntax>,
    /// None: we are the user of the class.
    pub(crate) roles: Option<RequestorRoles>,
}

impl Proposal {
    pub(crate) fn using(class: &str, syntaxes: &[TransferSyntax]) -> Self {
        Self { class: class.to_owned(), syntaxes: syntaxes.to_vec(), roles: None }
    }

    /// We are the provider of the class, though we call.
    pub(crate) fn providing(class: &str, syntaxes: &[TransferSyntax]) -> Self {
        let roles = Some(RequestorRoles { scu: false, scp: true });
        Self { roles, ..Self::using(class, syntaxes) }
    }
}

/// An association that we asked for.
pub(crate) struct Called {
    pub(crate) channel: Channel<Box<dyn Stream>>,
    /// What was accepted, by the contexts' ids.
    pub(crate) contexts: BTreeMap<u8, (String, TransferSyntax)>,
    message_id: u16,
}

impl Caller {
    /// Opens an association.
    ///
    /// # Errors
    /// `CallError`, when it does not come about.
    pub(crate) async fn call(&self, peer: &Peer, proposals: &[Proposal]) -> Result<Called, CallError> {
        let address = peer.address.as_ref().ok_or(CallError::NoAddress)?;
        let stream = timeout(self.patience.artim, self.connect(peer, address));
        let stream = stream.await.map_err(|_| CallError::NotInTime)??;
        let mut wire = Wire::new(stream);
        let mut request = Vec::new();
        let malformed = || CallError::from(WireError::Malformed);
        write_pdu(&mut request, &Pdu::AssociationRQ(self.request(peer, proposals)))
            .map_err(|_| malformed())?;
        wire.write(&request, self.patience.write).await?;
        let answer = self.answer(&mut wire).await?;
        let contexts = accepted(proposals, &answer);
        let unit = peer_unit_max(&answer.user_variables);
        let channel = Channel::new(wire, (self.patience, &self.intake.sizes), unit, self.shutdown.clone());
        Ok(Called { channel, contexts, message_id: 0 })
    }

    async fn connect(&self, peer: &Peer, address: &PeerAddress) -> Result<Box<dyn Stream>, CallError> {
        let stream = TcpStream::connect((address.host.as_str(), address.port)).await;
        let stream =
            QuickStream::new(stream.map_err(CallError::Unreachable)?).map_err(CallError::Unreachable)?;
        if !peer.tls {
            return Ok(Box::new(stream));
        }
        let tls = self.tls.clone().ok_or(CallError::NoTls)?;
        let name = address.tls_name.clone().unwrap_or_else(|| address.host.clone());
        let name = ServerName::try_from(name).map_err(|_| CallError::HostName)?;
        let connector = tokio_rustls::TlsConnector::from(tls);
        Ok(Box::new(connector.connect(name, stream).await.map_err(CallError::Tls)?))
    }

    fn request(&self, peer: &Peer, proposals: &[Proposal]) -> AssociationRQ {
        let mut user_variables = own_variables(self.intake.sizes.pdu_bytes_max);
        let mut roles: BTreeMap<&str, RequestorRoles> = BTreeMap::new();
        for proposal in proposals {
            roles.extend(proposal.roles.map(|role| (proposal.class.as_str(), role)));
        }
        user_variables.extend(
            roles
                .into_iter()
                .map(|(class, role)| UserVariableItem::ScuScpRoleSelectionSubItem(class.to_owned(), role)),
        );
        let contexts = proposals.iter().zip(ids()).map(|(proposal, id)| PresentationContextProposed {
            id,
            abstract_syntax: proposal.class.clone(),
            transfer_syntaxes: proposal.syntaxes.iter().map(|syntax| syntax.uid().to_owned()).collect(),
        });
        AssociationRQ {
            protocol_version: 1,
            calling_ae_title: self.ae_title.as_str().to_owned(),
            called_ae_title: peer.ae_title.as_str().to_owned(),
            application_context_name: APPLICATION_CONTEXT.to_owned(),
            presentation_contexts: contexts.collect(),
            user_variables,
        }
    }

    async fn answer(&self, wire: &mut Wire<Box<dyn Stream>>) -> Result<AssociationAC, CallError> {
        let header = wire.header(self.patience.artim, self.patience.unit).await?;
        match header.kind {
            ASSOCIATE_ACCEPT | ASSOCIATE_REJECT if header.length <= ANSWER_BYTES_MAX => {}
            ASSOCIATE_ACCEPT | ASSOCIATE_REJECT => return Err(WireError::TooLong.into()),
            ABORT => return Err(WireError::Aborted.into()),
            kind => return Err(WireError::Unexpected { kind }.into()),
        }
        let mut unit = vec![header.kind, 0];
        unit.extend_from_slice(&header.length.to_be_bytes());
        wire.append(usize::try_from(header.length).map_err(|_| WireError::TooLong)?, &mut unit).await?;
        match read_pdu(unit.as_slice(), ANSWER_BYTES_MAX, true) {
            Ok(Some(Pdu::AssociationAC(answer))) => Ok(answer),
            Ok(Some(Pdu::AssociationRJ(rejection))) => Err(CallError::Rejected {
                transient: rejection.result == dicom_ul::pdu::AssociationRJResult::Transient,
                over: rejected_title(&rejection.source),
                reason: rejection.source.to_string(),
            }),
            Ok(_) | Err(_) => Err(WireError::Malformed.into()),
        }
    }
}

fn rejected_title(source: &AssociationRJSource) -> Option<RejectedTitle> {
    let AssociationRJSource::ServiceUser(reason) = source else { return None };
    match reason {
        AssociationRJServiceUserReason::CallingAETitleNotRecognized => Some(RejectedTitle::Calling),
        AssociationRJServiceUserReason::CalledAETitleNotRecognized => Some(RejectedTitle::Called),
        AssociationRJServiceUserReason::NoReasonGiven
        | AssociationRJServiceUserReason::ApplicationContextNameNotSupported
        | AssociationRJServiceUserReason::Reserved(_) => None,
    }
}

/// Ids are odd (PS3.8 §9.3.2.2).
fn ids() -> impl Iterator<Item = u8> {
    (1..=u8::MAX).step_by(2)
}

/// What the answer accepts of what was asked for; other things that it says are not listened to.
fn accepted(proposals: &[Proposal], answer: &AssociationAC) -> BTreeMap<u8, (String, TransferSyntax)> {
    let mut contexts = BTreeMap::new();
    for (proposal, id) in proposals.iter().zip(ids()) {
        let result = answer.presentation_contexts.iter().find(|result| result.id == id);
        let Some(result) = result.filter(|one| one.reason == PresentationContextResultReason::Acceptance)
        else {
            continue;
        };
        let syntax = TransferSyntax::from_uid(&result.transfer_syntax);
        if let Some(syntax) = syntax.filter(|syntax| proposal.syntaxes.contains(syntax)) {
            contexts.insert(id, (proposal.class.clone(), syntax));
        }
    }
    contexts
}

impl Called {
    /// The context that was accepted for a class.
    ///
    /// # Errors
    /// `NotOffered`.
    pub(crate) fn context(&self, class: &str, service: &'static str) -> Result<u8, CallError> {
        let found = self.contexts.iter().find(|(_, (accepted, _))| accepted == class);
        found.map(|(id, _)| *id).ok_or(CallError::NotOffered { service })
    }

    /// A number that no message of this association had yet, or had long ago.
    pub(crate) fn message_id(&mut self) -> u16 {
        self.message_id = self.message_id.wrapping_add(1);
        self.message_id
    }

    /// Waits for the response to a message.
    pub(crate) async fn response(&mut self, message_id: u16) -> Result<Command, CallError> {
        match self.channel.next().await? {
            Next::Command { command, .. } if command.response && command.about(message_id) => {
                if command.data_set_follows {
                    return Err(WireError::Malformed.into());
                }
                Ok(*command)
            }
            Next::Command { .. } => Err(WireError::Malformed.into()),
            Next::Release => Err(WireError::Closed.into()),
        }
    }

    /// Ends the association well. What was asked for is done, so it does not matter whether the peer hears it.
    pub(crate) async fn leave(mut self) {
        if self.channel.release().await.is_ok() {
            self.channel.wire.close(self.channel.patience.write).await;
        }
    }
}
