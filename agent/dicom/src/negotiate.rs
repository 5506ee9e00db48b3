//! The answer to an association request: who may come in, for what, and in which syntaxes we talk.
//!
//! Pure: a request in, an answer out. Every storage class and every known transfer syntax is taken.

use crate::classes::{self, PLAIN_SYNTAXES, Service};
use crate::config::ScpConfig;
use crate::peers::{Peer, Right};
use agent_formats::TransferSyntax;
use agent_formats::part10::{IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME};
use dicom_ul::pdu::{
    AssociationAC, AssociationRJ, AssociationRJResult, AssociationRJServiceProviderASCEReason,
    AssociationRJServiceUserReason, AssociationRJSource, AssociationRQ, PresentationContextProposed,
    PresentationContextResult, PresentationContextResultReason, RequestorRoles, UserVariableItem,
};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// PS3.7 §A.2.1.
pub(crate) const APPLICATION_CONTEXT: &str = "1.2.840.10008.3.1.1.1";
/// Ids are the odd numbers of one byte (PS3.8 §9.3.2.2).
pub(crate) const CONTEXTS_MAX: usize = 128;
/// What one that states no limit is taken to take.
pub(crate) const PEER_UNIT_DEFAULT: u32 = 16_384;

/// What the two sides agreed on.
#[derive(Debug, Clone)]
pub(crate) struct Agreed {
    pub(crate) contexts: BTreeMap<u8, Context>,
    /// The longest unit that the caller takes; 0 was "any".
    pub(crate) peer_unit_max: u32,
    pub(crate) peer: Peer,
}

/// One accepted presentation context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Context {
    pub(crate) sop_class_uid: String,
    pub(crate) service: Service,
    pub(crate) syntax: TransferSyntax,
    /// The side that asked for the association uses the class: it sends.
    pub(crate) requestor_uses: bool,
    /// The side that asked for the association provides the class: it is sent to.
    pub(crate) requestor_provides: bool,
}

/// Where a call comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Origin {
    /// None where it is not known, as for a pipe.
    pub(crate) address: Option<IpAddr>,
    pub(crate) tls: bool,
}

/// Why a caller was turned away, for the counter and the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejection {
    Protocol,
    ApplicationContext,
    CalledAe,
    CallingAe,
    /// A title that is listed, from a place where it does not live.
    CallingAddress,
    /// A title that must call over TLS.
    NoTls,
    Contexts,
}

impl Rejection {
    /// Every reason.
    pub(crate) const ALL: [Self; 7] = [
        Self::Protocol,
        Self::ApplicationContext,
        Self::CalledAe,
        Self::CallingAe,
        Self::CallingAddress,
        Self::NoTls,
        Self::Contexts,
    ];

    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Protocol => "protocol-version",
            Self::ApplicationContext => "application-context",
            Self::CalledAe => "called-ae",
            Self::CallingAe => "calling-ae",
            Self::CallingAddress => "calling-address",
            Self::NoTls => "tls-required",
            Self::Contexts => "presentation-contexts",
        }
    }

    /// PS3.8 Table 9-21.
    pub(crate) fn pdu(self) -> AssociationRJ {
        let source = match self {
            Self::Protocol => AssociationRJSource::ServiceProviderASCE(
                AssociationRJServiceProviderASCEReason::ProtocolVersionNotSupported,
            ),
            Self::ApplicationContext => AssociationRJSource::ServiceUser(
                AssociationRJServiceUserReason::ApplicationContextNameNotSupported,
            ),
            Self::CalledAe => {
                AssociationRJSource::ServiceUser(AssociationRJServiceUserReason::CalledAETitleNotRecognized)
            }
            // Who calls from a wrong place hears nothing else than a stranger does.
            Self::CallingAe | Self::CallingAddress | Self::NoTls => {
                AssociationRJSource::ServiceUser(AssociationRJServiceUserReason::CallingAETitleNotRecognized)
            }
            Self::Contexts => AssociationRJSource::ServiceUser(AssociationRJServiceUserReason::NoReasonGiven),
        };
        AssociationRJ { result: AssociationRJResult::Permanent, source }
    }
}

/// Decides on a request.
pub(crate) fn negotiate(
    request: AssociationRQ,
    origin: Origin,
    config: &ScpConfig,
) -> Result<(AssociationAC, Agreed), Rejection> {
    // PS3.8 §9.3.2: only bit 0 is tested.
    if request.protocol_version & 1 == 0 {
        return Err(Rejection::Protocol);
    }
    if trim(&request.application_context_name) != APPLICATION_CONTEXT {
        return Err(Rejection::ApplicationContext);
    }
    if trim(&request.called_ae_title) != config.ae_title.as_str() {
        return Err(Rejection::CalledAe);
    }
    let peer = caller(trim(&request.calling_ae_title), origin, config)?;
    if request.presentation_contexts.is_empty() || request.presentation_contexts.len() > CONTEXTS_MAX {
        return Err(Rejection::Contexts);
    }
    let mut contexts = BTreeMap::new();
    let results = request.presentation_contexts.iter().map(|proposed| {
        let roles = proposed_roles(&request.user_variables, trim(&proposed.abstract_syntax));
        let (result, context) = consider(proposed, roles, peer);
        contexts.extend(context.map(|context| (proposed.id, context)));
        result
    });
    let presentation_contexts = results.collect();
    let mut user_variables = own_variables(config.sizes.pdu_bytes_max);
    user_variables.extend(agreed_roles(&request.user_variables, &contexts));
    let peer_unit_max = peer_unit_max(&request.user_variables);
    let agreed = Agreed { contexts, peer_unit_max, peer: peer.clone() };
    let answer = AssociationAC {
        protocol_version: 1,
        // PS3.8 §9.3.3: both titles are sent back as they came.
        calling_ae_title: request.calling_ae_title,
        called_ae_title: request.called_ae_title,
        application_context_name: APPLICATION_CONTEXT.to_owned(),
        presentation_contexts,
        user_variables,
    };
    Ok((answer, agreed))
}

fn caller<'a>(title: &str, origin: Origin, config: &'a ScpConfig) -> Result<&'a Peer, Rejection> {
    let peer = config.peers.titled(title).ok_or(Rejection::CallingAe)?;
    let here = |address: IpAddr| peer.from.iter().any(|network| network.contains(address));
    if !peer.from.is_empty() && !origin.address.is_some_and(here) {
        return Err(Rejection::CallingAddress);
    }
    if peer.tls && !origin.tls {
        return Err(Rejection::NoTls);
    }
    Ok(peer)
}

/// What each side tells of itself.
pub(crate) fn own_variables(pdu_bytes_max: u32) -> Vec<UserVariableItem> {
    vec![
        UserVariableItem::MaxLength(pdu_bytes_max),
        UserVariableItem::ImplementationClassUID(IMPLEMENTATION_CLASS_UID.to_owned()),
        UserVariableItem::ImplementationVersionName(IMPLEMENTATION_VERSION_NAME.to_owned()),
    ]
}

/// The longest unit that the other side takes.
pub(crate) fn peer_unit_max(variables: &[UserVariableItem]) -> u32 {
    let told = variables.iter().find_map(|item| match item {
        UserVariableItem::MaxLength(length) => Some(*length),
        UserVariableItem::Unknown(..)
        | UserVariableItem::ImplementationClassUID(_)
        | UserVariableItem::ImplementationVersionName(_)
        | UserVariableItem::SopClassExtendedNegotiationSubItem(..)
        | UserVariableItem::ScuScpRoleSelectionSubItem(..)
        | UserVariableItem::UserIdentityItem(_) => None,
    });
    told.unwrap_or(PEER_UNIT_DEFAULT)
}

/// The roles that are named for a class.
pub(crate) fn proposed_roles(variables: &[UserVariableItem], class: &str) -> Option<RequestorRoles> {
    variables.iter().find_map(|item| match item {
        UserVariableItem::ScuScpRoleSelectionSubItem(uid, roles) if trim(uid) == class => Some(*roles),
        UserVariableItem::ScuScpRoleSelectionSubItem(..)
        | UserVariableItem::MaxLength(_)
        | UserVariableItem::Unknown(..)
        | UserVariableItem::ImplementationClassUID(_)
        | UserVariableItem::ImplementationVersionName(_)
        | UserVariableItem::SopClassExtendedNegotiationSubItem(..)
        | UserVariableItem::UserIdentityItem(_) => None,
    })
}

/// One item for each class for which roles were proposed and something was accepted (PS3.7 §D.3.3.4).
fn agreed_roles(proposed: &[UserVariableItem], contexts: &BTreeMap<u8, Context>) -> Vec<UserVariableItem> {
    let mut agreed = BTreeMap::new();
    for context in contexts.values() {
        if proposed_roles(proposed, &context.sop_class_uid).is_some() {
            let roles = RequestorRoles { scu: context.requestor_uses, scp: context.requestor_provides };
            agreed.insert(context.sop_class_uid.clone(), roles);
        }
    }
    agreed
        .into_iter()
        .map(|(class, roles)| UserVariableItem::ScuScpRoleSelectionSubItem(class, roles))
        .collect()
}

fn consider(
    proposed: &PresentationContextProposed,
    roles: Option<RequestorRoles>,
    peer: &Peer,
) -> (PresentationContextResult, Option<Context>) {
    let refused = |reason| {
        let syntax = TransferSyntax::ImplicitLittle.uid().to_owned();
        (PresentationContextResult { id: proposed.id, reason, transfer_syntax: syntax }, None)
    };
    let class = trim(&proposed.abstract_syntax);
    let Some(service) = classes::service(class) else {
        return refused(PresentationContextResultReason::AbstractSyntaxNotSupported);
    };
    // PS3.7 §D.3.3.4: without roles, the requestor is the user of the class.
    let roles = roles.unwrap_or(RequestorRoles { scu: true, scp: false });
    let requestor_uses = roles.scu && classes::right(service).is_none_or(|right| peer.may(right));
    let requestor_provides = roles.scp && service == Service::Storage && peer.may(Right::Get);
    if !requestor_uses && !requestor_provides {
        return refused(PresentationContextResultReason::UserRejection);
    }
    let Some(syntax) = choose(&proposed.transfer_syntaxes, service, requestor_uses) else {
        return refused(PresentationContextResultReason::TransferSyntaxesNotSupported);
    };
    let sop_class_uid = class.to_owned();
    let context = Context { sop_class_uid, service, syntax, requestor_uses, requestor_provides };
    let reason = PresentationContextResultReason::Acceptance;
    let result =
        PresentationContextResult { id: proposed.id, reason, transfer_syntax: syntax.uid().to_owned() };
    (result, Some(context))
}

/// What comes in is never transcoded, so the caller's first known syntax is the best one. What goes out only over
/// this context is best sent without a codec, since every object that is held so can then be sent.
fn choose(proposed: &[String], service: Service, requestor_uses: bool) -> Option<TransferSyntax> {
    let mut known = proposed.iter().filter_map(|uid| TransferSyntax::from_uid(uid));
    match service {
        Service::Storage if requestor_uses => known.next(),
        Service::Storage => {
            let known: Vec<TransferSyntax> = known.collect();
            let plain = PLAIN_SYNTAXES.into_iter().find(|syntax| known.contains(syntax));
            plain.or_else(|| known.first().copied())
        }
        Service::Verification | Service::Find | Service::Move | Service::Get | Service::Commitment => {
            known.find(|syntax| PLAIN_SYNTAXES.contains(syntax))
        }
    }
}

pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\0'])
}

#[cfg(test)]
#[path = "negotiate_tests.rs"]
pub(crate) mod tests;
