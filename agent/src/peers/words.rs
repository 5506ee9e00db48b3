//! What went wrong with a peer, in words for hospital IT: what happened, and what they can do about it.

use agent_archive::StorageError;
use agent_dicom::{CallError, RejectedTitle};
use agent_viewer_api::{PeerFault, PeerRefusal};

use super::calls::CallRefusal;

/// What a page says of a call that did not come to a good end. `ae_title` is ours. No words of the peer and no value
/// of a header are in it; the cause of a failure of ours goes to the log.
pub(super) fn refusal(cause: &CallRefusal, ae_title: &str) -> PeerRefusal {
    let (fault, code, title, advice): (_, _, _, String) = match cause {
        CallRefusal::Call(error) => return of_call(error, ae_title),
        CallRefusal::UnknownPeer { .. } => (
            PeerFault::NotFound,
            "peer-unknown",
            "No peer has this name.",
            "Peers stand in the agent's settings; a change there counts from the next start on.".to_owned(),
        ),
        CallRefusal::MayNotStore { .. } => (
            PeerFault::Settings,
            "peer-may-not-store",
            "This peer may not send here.",
            "With C-MOVE it is the peer that sends what is pulled. Pull with C-GET, or give the peer the right store \
                in the agent's settings."
                .to_owned(),
        ),
        CallRefusal::MayNotReceive { .. } => (
            PeerFault::Settings,
            "peer-may-not-receive",
            "This peer may not be sent anything.",
            "Give it the right receive in the agent's settings, if it is to have images of this agent.".to_owned(),
        ),
        CallRefusal::UnknownAsset => (
            PeerFault::NotFound,
            "not-found",
            "There is no such asset.",
            "It may have been deleted; load the list of assets again.".to_owned(),
        ),
        CallRefusal::NotDicom => (
            PeerFault::Settings,
            "not-dicom",
            "This asset is not made of DICOM objects.",
            "Only what came as DICOM can be sent to a DICOM peer.".to_owned(),
        ),
        CallRefusal::TookNone { of } => (
            PeerFault::Peer,
            "peer-took-none",
            "The peer took none of the objects.",
            format!("It answered each of {of} with a failure. Its own log says why."),
        ),
        CallRefusal::Query(error) => {
            (PeerFault::Question, "invalid", "This cannot be asked.", sentence(&error.to_string()))
        }
        CallRefusal::Storage(error) => return failed(error),
    };
    PeerRefusal { fault, code, title, advice }
}

fn failed(cause: &StorageError) -> PeerRefusal {
    tracing::error!(error = cause as &dyn std::error::Error, "a peer cannot be called");
    PeerRefusal {
        fault: PeerFault::Ours,
        code: "failed",
        title: "This failed here; try again later.",
        advice: "The agent's log has the cause.".to_owned(),
    }
}

/// What a job ends with that was cancelled, and that the peer did not end.
pub(super) fn given_up() -> PeerRefusal {
    PeerRefusal {
        fault: PeerFault::Cancelled,
        code: "cancelled",
        title: "The job was cancelled.",
        advice: "The peer did not end it in time, so the association was cut. What had come or gone stays."
            .to_owned(),
    }
}

fn of_call(error: &CallError, ae_title: &str) -> PeerRefusal {
    let (fault, code, title, advice): (_, _, _, String) = match error {
        CallError::NoAddress
        | CallError::NoTls
        | CallError::HostName
        | CallError::Unreachable(_)
        | CallError::NotInTime
        | CallError::Tls(_) => return of_connection(error),
        CallError::Rejected { transient, over, reason } => (
            PeerFault::Peer,
            "peer-rejected",
            "The peer rejected the association.",
            rejected(*transient, *over, reason, ae_title),
        ),
        CallError::NotOffered { service } => (
            PeerFault::Peer,
            "peer-offers-not",
            "The peer does not offer this.",
            format!(
                "It accepted the association but not {service}. Its settings may allow it to this agent."
            ),
        ),
        CallError::Refused { status } => {
            (PeerFault::Peer, "peer-refused", "The peer refused.", refused(*status, ae_title))
        }
        CallError::Broken { what } => (
            PeerFault::Peer,
            "peer-broken",
            "The association broke.",
            format!("{} Try again; if it stays, the peer's log says more.", sentence(what)),
        ),
    };
    PeerRefusal { fault, code, title, advice }
}

/// Why no connection came about.
fn of_connection(error: &CallError) -> PeerRefusal {
    let (fault, code, title, advice) = match error {
        CallError::NoAddress => (
            PeerFault::Settings,
            "peer-no-address",
            "This peer has no host and port, so it can only call.",
            "Add host and port to the peer in the agent's settings.",
        ),
        CallError::NoTls => (
            PeerFault::Settings,
            "peer-no-tls",
            "This peer is to be called over TLS, but nothing says whose certificates are trusted.",
            "Set dicom_tls_ca in the agent's settings to the authority of the peers' certificates.",
        ),
        CallError::HostName => (
            PeerFault::Settings,
            "peer-host-name",
            "The peer's name for TLS is no host name.",
            "Correct host or tls_name of the peer in the agent's settings.",
        ),
        CallError::NotInTime => (
            PeerFault::Time,
            "peer-not-in-time",
            "The peer did not answer in time.",
            "Something listens there or swallows the call: check host and port, firewalls, and whether the peer \
                expects TLS.",
        ),
        CallError::Tls(_) => (
            PeerFault::Peer,
            "peer-tls",
            "The TLS handshake with the peer failed.",
            "Check that the peer speaks TLS on this port, that its certificate bears its name and comes from the \
                trusted authority, and that it trusts this agent's certificate.",
        ),
        CallError::Unreachable(_)
        | CallError::Rejected { .. }
        | CallError::NotOffered { .. }
        | CallError::Refused { .. }
        | CallError::Broken { .. } => (
            PeerFault::Peer,
            "peer-unreachable",
            "The peer cannot be reached.",
            "Check that it runs, that host and port in the agent's settings are right, and that no firewall \
                stands between.",
        ),
    };
    PeerRefusal { fault, code, title, advice: advice.to_owned() }
}

fn rejected(transient: bool, over: Option<RejectedTitle>, reason: &str, ae_title: &str) -> String {
    let said = sentence(reason);
    match over {
        Some(RejectedTitle::Calling) => {
            format!("{said} The peer has to know this agent: its AE title is {ae_title}.")
        }
        Some(RejectedTitle::Called) => {
            format!("{said} Correct the peer's AE title in the agent's settings.")
        }
        None if transient => format!("{said} It may accept later; try again in a while."),
        None => format!("{said} The peer's log says more."),
    }
}

/// PS3.4 Tables C.4-1 to C.4-3, and PS3.7 Annex C.
fn refused(status: u16, ae_title: &str) -> String {
    let means = match status {
        0xA801 => {
            return format!(
                "Status A801H: it does not know the destination. Add this agent to the peer, with AE title \
                 {ae_title} and its host and DICOM port, or pull with C-GET."
            );
        }
        0xA700..=0xA702 => "it is out of resources, or could not reach this agent",
        0xA900 => "the question does not match what it can answer",
        0x0122 => "it does not support this kind of object or question",
        0x0124 => "it does not allow this to this agent",
        0xC000..=0xCFFF => "it cannot process this",
        0xFE00 => "it was cancelled",
        _ => "its conformance statement says what that means",
    };
    format!("Status {status:04X}H: {means}. Its own log says more.")
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().map(|letter| letter.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advice(error: CallError) -> (&'static str, String) {
        let refusal = refusal(&CallRefusal::Call(error), "RINGFENCE");
        (refusal.code, refusal.advice)
    }

    #[test]
    fn a_rejected_title_says_which_side_has_to_be_told() {
        let rejected = |over, reason: &str| {
            advice(CallError::Rejected { transient: false, over, reason: reason.to_owned() })
        };
        let calling = rejected(Some(RejectedTitle::Calling), "calling AE title not recognized");
        assert_eq!(calling.0, "peer-rejected");
        assert!(calling.1.starts_with("Calling AE title not recognized."), "{calling:?}");
        assert!(calling.1.contains("RINGFENCE"), "{calling:?}");
        let called = rejected(Some(RejectedTitle::Called), "called AE title not recognized");
        assert!(called.1.contains("Correct the peer's AE title"), "{called:?}");
    }

    #[test]
    fn a_destination_that_is_unknown_is_told_with_both_ways_out() {
        let (code, words) = advice(CallError::Refused { status: 0xA801 });
        assert_eq!(code, "peer-refused");
        assert!(words.contains("RINGFENCE") && words.contains("C-GET"), "{words}");
    }

    #[test]
    fn a_question_that_cannot_be_asked_names_the_attribute() {
        let cause = CallRefusal::Query(agent_dicom::QueryError::UnknownKey { keyword: "Bogus".to_owned() });
        let refusal = refusal(&cause, "RINGFENCE");
        assert_eq!((refusal.fault, refusal.code), (PeerFault::Question, "invalid"));
        assert_eq!(refusal.advice, "Bogus is no attribute that can be asked for at this level.");
    }
}
