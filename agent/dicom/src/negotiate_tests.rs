//! Requests and what they are answered.

use super::*;
use crate::classes::{COMMITMENT, STUDY_ROOT_FIND, STUDY_ROOT_GET, VERIFICATION};
use crate::config::AeTitle;
use crate::peers::{Network, Peers};

pub(crate) const HERE: Origin = Origin { address: None, tls: false };

pub(crate) fn peer(title: &str, rights: &[Right]) -> Peer {
    let rights = rights.iter().copied().collect();
    Peer { rights, ..Peer::sender(AeTitle::new(title).unwrap()) }
}

pub(crate) fn config() -> ScpConfig {
    let every = Right::ALL.iter().copied().filter(|right| *right != Right::Receive).collect::<Vec<_>>();
    let mut placed = peer("PLACED", &[Right::Store]);
    placed.from = vec![Network::new("192.0.2.0/24").unwrap()];
    let mut sealed = peer("SEALED", &[Right::Store]);
    sealed.tls = true;
    let peers = vec![peer("CT1", &[Right::Store, Right::Commit]), peer("PACS", &every), placed, sealed];
    ScpConfig::new(AeTitle::new("RINGFENCE").unwrap(), Peers::new(peers).unwrap())
}

pub(crate) fn context(id: u8, class: &str, syntaxes: &[&str]) -> PresentationContextProposed {
    PresentationContextProposed {
        id,
        abstract_syntax: class.into(),
        transfer_syntaxes: syntaxes.iter().map(|syntax| (*syntax).to_owned()).collect(),
    }
}

pub(crate) const IMPLICIT: &str = "1.2.840.10008.1.2";
pub(crate) const EXPLICIT: &str = "1.2.840.10008.1.2.1";
pub(crate) const MR: &str = "1.2.840.10008.5.1.4.1.1.4";

pub(crate) fn request() -> AssociationRQ {
    AssociationRQ {
        protocol_version: 1,
        calling_ae_title: "CT1".into(),
        called_ae_title: "RINGFENCE".into(),
        application_context_name: APPLICATION_CONTEXT.into(),
        presentation_contexts: vec![context(1, VERIFICATION, &[IMPLICIT]), context(3, MR, &[EXPLICIT])],
        user_variables: vec![UserVariableItem::MaxLength(16_384)],
    }
}

fn rejected(change: &dyn Fn(&mut AssociationRQ)) -> Rejection {
    let mut request = request();
    change(&mut request);
    negotiate(request, HERE, &config()).unwrap_err()
}

#[test]
fn a_listed_caller_gets_its_contexts() {
    let (answer, agreed) = negotiate(request(), HERE, &config()).unwrap();
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
fn a_title_counts_only_from_its_own_place_and_as_safely_as_is_set() {
    let call = |title: &str, address: &str, tls| {
        let request = AssociationRQ { calling_ae_title: title.into(), ..request() };
        let origin = Origin { address: Some(address.parse().unwrap()), tls };
        negotiate(request, origin, &config()).map(|_| ())
    };
    assert_eq!(call("PLACED", "192.0.2.9", false), Ok(()));
    assert_eq!(call("PLACED", "198.51.100.9", false), Err(Rejection::CallingAddress));
    assert_eq!(call("SEALED", "198.51.100.9", true), Ok(()));
    assert_eq!(call("SEALED", "198.51.100.9", false), Err(Rejection::NoTls));
    let AssociationRJ { source, .. } = Rejection::CallingAddress.pdu();
    assert_eq!(source, Rejection::CallingAe.pdu().source);
}

#[test]
fn every_known_syntax_is_taken_and_no_other() {
    for syntax in TransferSyntax::all() {
        let mut request = request();
        request.presentation_contexts[1].transfer_syntaxes = vec!["1.2.3".into(), syntax.uid().into()];
        let (_, agreed) = negotiate(request, HERE, &config()).unwrap();
        assert_eq!(agreed.contexts[&3].syntax, syntax);
    }
    let mut request = request();
    request.presentation_contexts[1].transfer_syntaxes = vec!["1.2.3".into()];
    let (answer, agreed) = negotiate(request, HERE, &config()).unwrap();
    assert_eq!(agreed.contexts.len(), 1);
    let reason = &answer.presentation_contexts[1].reason;
    assert_eq!(*reason, PresentationContextResultReason::TransferSyntaxesNotSupported);
}

#[test]
fn a_caller_gets_the_services_that_it_may_use_and_no_others() {
    let reasons = |title: &str| {
        let mut request = AssociationRQ { calling_ae_title: title.into(), ..request() };
        request.presentation_contexts = vec![
            context(1, VERIFICATION, &[IMPLICIT]),
            context(3, STUDY_ROOT_FIND, &[IMPLICIT]),
            context(5, COMMITMENT, &[IMPLICIT]),
            context(7, "1.2.840.10008.5.1.4.1.2.1.1", &[IMPLICIT]),
        ];
        let (answer, _) = negotiate(request, HERE, &config()).unwrap();
        answer.presentation_contexts.into_iter().map(|result| result.reason).collect::<Vec<_>>()
    };
    use PresentationContextResultReason::{AbstractSyntaxNotSupported, Acceptance, UserRejection};
    let unknown = AbstractSyntaxNotSupported;
    assert_eq!(reasons("CT1"), [Acceptance, UserRejection, Acceptance, unknown.clone()]);
    assert_eq!(reasons("PACS"), [Acceptance, Acceptance, Acceptance, unknown.clone()]);
}

#[test]
fn identifiers_come_without_a_codec() {
    let mut request = AssociationRQ { calling_ae_title: "PACS".into(), ..request() };
    let deflated = "1.2.840.10008.1.2.1.99";
    request.presentation_contexts =
        vec![context(1, STUDY_ROOT_FIND, &[deflated, IMPLICIT]), context(3, STUDY_ROOT_FIND, &[deflated])];
    let (_, agreed) = negotiate(request, HERE, &config()).unwrap();
    assert_eq!(agreed.contexts[&1].syntax, TransferSyntax::ImplicitLittle);
    assert!(!agreed.contexts.contains_key(&3));
}

#[test]
fn the_one_who_gets_is_sent_to_in_a_plain_syntax() {
    let jpeg = "1.2.840.10008.1.2.4.70";
    let ask = |title: &str| {
        let mut request = AssociationRQ { calling_ae_title: title.into(), ..request() };
        request.presentation_contexts =
            vec![context(1, STUDY_ROOT_GET, &[IMPLICIT]), context(3, MR, &[jpeg, IMPLICIT, EXPLICIT])];
        let roles = RequestorRoles { scu: false, scp: true };
        request.user_variables.push(UserVariableItem::ScuScpRoleSelectionSubItem(MR.into(), roles));
        negotiate(request, HERE, &config()).unwrap()
    };
    let (answer, agreed) = ask("PACS");
    let context = &agreed.contexts[&3];
    assert!(context.requestor_provides && !context.requestor_uses);
    assert_eq!(context.syntax, TransferSyntax::ExplicitLittle);
    let roles = proposed_roles(&answer.user_variables, MR);
    assert_eq!(roles, Some(RequestorRoles { scu: false, scp: true }));
    let (_, agreed) = ask("CT1");
    assert!(agreed.contexts.is_empty());
}
