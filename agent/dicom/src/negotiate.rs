//! The answer to an association request: who may come in, and in which syntaxes we talk.
//!
//! Pure: a request in, an answer out. Every storage class and every known transfer syntax is taken; nothing is
//! transcoded, so the caller's first known syntax is the best one.

use crate::config::ScpConfig;
use agent_formats::TransferSyntax;
use agent_formats::part10::{IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME, valid_uid};
use dicom_core::dictionary::UidDictionary;
use dicom_dictionary_std::StandardSopClassDictionary;
use dicom_ul::pdu::{
    AssociationAC, AssociationRJ, AssociationRJResult, AssociationRJServiceProviderASCEReason,
    AssociationRJServiceUserReason, AssociationRJSource, AssociationRQ, PresentationContextProposed,
    PresentationContextResult, PresentationContextResultReason, UserVariableItem,
};
use std::collections::BTreeMap;

pub(crate) const VERIFICATION: &str = "1.2.840.10008.1.1";
/// PS3.7 §A.2.1.
const APPLICATION_CONTEXT: &str = "1.2.840.10008.3.1.1.1";
/// Ids are the odd numbers of one byte (PS3.8 §9.3.2.2).
const CONTEXTS_MAX: usize = 128;
/// We split what we send into units of at most this, whatever the caller would take.
pub(crate) const PEER_UNIT_DEFAULT: u32 = 16_384;

/// What the two sides agreed on.
#[derive(Debug, Clone)]
pub(crate) struct Agreed {
    pub(crate) contexts: BTreeMap<u8, Context>,
    /// The longest unit that the caller takes; 0 was "any".
    pub(crate) peer_unit_max: u32,
    pub(crate) calling_ae: String,
}

/// One accepted presentation context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Context {
    pub(crate) sop_class_uid: String,
    pub(crate) syntax: TransferSyntax,
}

/// Why a caller was turned away, for the counter and the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejection {
    Protocol,
    ApplicationContext,
    CalledAe,
    CallingAe,
    Contexts,
}

impl Rejection {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Protocol => "protocol-version",
            Self::ApplicationContext => "application-context",
            Self::CalledAe => "called-ae",
            Self::CallingAe => "calling-ae",
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
            Self::CallingAe => {
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
    if !config.callers.admit(trim(&request.calling_ae_title)) {
        return Err(Rejection::CallingAe);
    }
    if request.presentation_contexts.is_empty() || request.presentation_contexts.len() > CONTEXTS_MAX {
        return Err(Rejection::Contexts);
    }
    let peer_unit_max = request.user_variables.iter().find_map(|item| match item {
        UserVariableItem::MaxLength(length) => Some(*length),
        UserVariableItem::Unknown(..)
        | UserVariableItem::ImplementationClassUID(_)
        | UserVariableItem::ImplementationVersionName(_)
        | UserVariableItem::SopClassExtendedNegotiationSubItem(..)
        | UserVariableItem::ScuScpRoleSelectionSubItem(..)
        | UserVariableItem::UserIdentityItem(_) => None,
    });
    let mut contexts = BTreeMap::new();
    let results = request.presentation_contexts.iter().map(|proposed| {
        let (result, context) = consider(proposed);
        contexts.extend(context.map(|context| (proposed.id, context)));
        result
    });
    let presentation_contexts = results.collect();
    let agreed = Agreed {
        contexts,
        peer_unit_max: peer_unit_max.unwrap_or(PEER_UNIT_DEFAULT),
        calling_ae: trim(&request.calling_ae_title).to_owned(),
    };
    let answer = AssociationAC {
        protocol_version: 1,
        // PS3.8 §9.3.3: both titles are sent back as they came.
        calling_ae_title: request.calling_ae_title,
        called_ae_title: request.called_ae_title,
        application_context_name: APPLICATION_CONTEXT.to_owned(),
        presentation_contexts,
        user_variables: vec![
            UserVariableItem::MaxLength(config.sizes.pdu_bytes_max),
            UserVariableItem::ImplementationClassUID(IMPLEMENTATION_CLASS_UID.to_owned()),
            UserVariableItem::ImplementationVersionName(IMPLEMENTATION_VERSION_NAME.to_owned()),
        ],
    };
    Ok((answer, agreed))
}

fn consider(proposed: &PresentationContextProposed) -> (PresentationContextResult, Option<Context>) {
    let class = trim(&proposed.abstract_syntax);
    let known = proposed.transfer_syntaxes.iter().find_map(|uid| TransferSyntax::from_uid(uid));
    let (reason, context) = if class != VERIFICATION && !is_storage(class) {
        (PresentationContextResultReason::AbstractSyntaxNotSupported, None)
    } else if let Some(syntax) = known {
        let context = Context { sop_class_uid: class.to_owned(), syntax };
        (PresentationContextResultReason::Acceptance, Some(context))
    } else {
        (PresentationContextResultReason::TransferSyntaxesNotSupported, None)
    };
    // PS3.8 §9.3.3.2: the syntax of a refused context is not looked at, but must be there.
    let syntax = known.unwrap_or(TransferSyntax::ImplicitLittle);
    (PresentationContextResult { id: proposed.id, reason, transfer_syntax: syntax.uid().to_owned() }, context)
}

/// Every class of the standard that stores an object, and private ones, of which only the vendor knows what they are.
fn is_storage(class: &str) -> bool {
    match StandardSopClassDictionary.by_uid(class) {
        Some(entry) => {
            entry.alias.contains("Storage")
                && !entry.alias.contains("Commitment")
                && entry.alias != "MediaStorageDirectoryStorage"
        }
        // New storage classes of the standard live under this arc (PS3.6 Annex A).
        None => {
            valid_uid(class)
                && (!class.starts_with("1.2.840.10008.") || class.starts_with("1.2.840.10008.5.1.4.1.1."))
        }
    }
}

fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\0'])
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::config::{AeTitle, Callers};

    pub(crate) fn config() -> ScpConfig {
        let callers = [AeTitle::new("CT1").unwrap()].into_iter().collect();
        ScpConfig::new(AeTitle::new("RINGFENCE").unwrap(), Callers::Listed(callers))
    }

    pub(crate) fn request() -> AssociationRQ {
        let context = |id: u8, class: &str, syntax: &str| PresentationContextProposed {
            id,
            abstract_syntax: class.into(),
            transfer_syntaxes: vec![syntax.into()],
        };
        AssociationRQ {
            protocol_version: 1,
            calling_ae_title: "CT1".into(),
            called_ae_title: "RINGFENCE".into(),
            application_context_name: APPLICATION_CONTEXT.into(),
            presentation_contexts: vec![
                context(1, VERIFICATION, "1.2.840.10008.1.2"),
                context(3, "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.1.2.1"),
            ],
            user_variables: vec![UserVariableItem::MaxLength(16_384)],
        }
    }

    fn rejected(change: &dyn Fn(&mut AssociationRQ)) -> Rejection {
        let mut request = request();
        change(&mut request);
        negotiate(request, &config()).unwrap_err()
    }

    #[test]
    fn a_listed_caller_gets_its_contexts() {
        let (answer, agreed) = negotiate(request(), &config()).unwrap();
        assert_eq!(answer.presentation_contexts.len(), 2);
        assert_eq!(agreed.contexts[&3].syntax, TransferSyntax::ExplicitLittle);
        assert_eq!(agreed.peer_unit_max, 16_384);
    }

    #[test]
    fn strangers_are_turned_away_by_the_right_reason() {
        assert_eq!(rejected(&|request| request.calling_ae_title = "EVIL".into()), Rejection::CallingAe);
        assert_eq!(rejected(&|request| request.called_ae_title = "OTHER".into()), Rejection::CalledAe);
        assert_eq!(rejected(&|request| request.protocol_version = 2), Rejection::Protocol);
        assert_eq!(
            rejected(&|request| request.application_context_name = "1.2".into()),
            Rejection::ApplicationContext
        );
        let many = |request: &mut AssociationRQ| {
            let first = request.presentation_contexts[0].clone();
            request.presentation_contexts = vec![first; 10_000];
        };
        assert_eq!(rejected(&many), Rejection::Contexts);
    }

    #[test]
    fn every_known_syntax_is_taken_and_no_other() {
        for syntax in TransferSyntax::all() {
            let mut request = request();
            request.presentation_contexts[1].transfer_syntaxes = vec!["1.2.3".into(), syntax.uid().into()];
            let (_, agreed) = negotiate(request, &config()).unwrap();
            assert_eq!(agreed.contexts[&3].syntax, syntax);
        }
        let mut request = request();
        request.presentation_contexts[1].transfer_syntaxes = vec!["1.2.3".into()];
        let (answer, agreed) = negotiate(request, &config()).unwrap();
        assert_eq!(agreed.contexts.len(), 1);
        let reason = &answer.presentation_contexts[1].reason;
        assert_eq!(*reason, PresentationContextResultReason::TransferSyntaxesNotSupported);
    }

    #[test]
    fn storage_and_private_classes_are_storage_and_queries_are_not() {
        for class in ["1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.66.4", "1.3.12.2.1107.5.9.1"] {
            assert!(is_storage(class), "{class}");
        }
        let find = "1.2.840.10008.5.1.4.1.2.2.1";
        let commitment = "1.2.840.10008.1.20.1";
        for class in [find, commitment, "../../etc", ""] {
            assert!(!is_storage(class), "{class}");
        }
    }
}
