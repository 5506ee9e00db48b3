//! The DICOM conformance statement (PS3.2), written out of the tables that the code works with.

use crate::classes::{CLASSES, COMPRESSED_SYNTAXES, PLAIN_SYNTAXES, RETRIEVED_CLASSES};
use crate::config::{Patience, Sizes};
use crate::dimse::{COMMAND_BYTES_MAX, Status};
use crate::negotiate::{APPLICATION_CONTEXT, CONTEXTS_MAX, Rejection};
use crate::peers::Right;
use crate::query::{KEYS, Key, Kind, Level, Matching};
use agent_formats::TransferSyntax;
use agent_formats::part10::{IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME};
use std::fmt::Write;

/// The whole statement, in Markdown.
#[must_use]
pub fn conformance_statement() -> String {
    [overview(), networking(), queries(), commitment(), media_and_text(), security(), limits()].join("\n")
}

fn table(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let head: Vec<String> = head.iter().map(|cell| (*cell).to_owned()).collect();
    let rule = format!("|{}\n", "---|".repeat(head.len()));
    rows.fold(line(&head) + &rule, |text, row| text + &line(&row))
}

fn overview() -> String {
    let user = |right: Option<Right>| match right {
        None | Some(Right::Find | Right::Move | Right::Get | Right::Store) => "yes",
        Some(Right::Commit | Right::Receive) => "no",
    };
    let classes = CLASSES.iter().map(|class| {
        vec![class.name.to_owned(), class.uid.to_owned(), user(class.right).to_owned(), "yes".to_owned()]
    });
    let storage =
        vec!["Storage (section 4.2)".to_owned(), "see there".to_owned(), "yes".into(), "yes".into()];
    format!(
        "# DICOM conformance statement: Ringfence agent\n\n\
         Written by the agent's own tables; a test keeps both the same. Form: PS3.2.\n\n\
         ## 1 Overview\n\n\
         The agent keeps a hospital's images for annotation. It receives objects from modalities and archives, \
         answers queries, gives objects back byte for byte as it got them, says on request whether they are safe, \
         and can query other archives and take from them.\n\n{}",
        table(&["SOP class", "UID", "user (SCU)", "provider (SCP)"], classes.chain(std::iter::once(storage)))
    )
}

fn networking() -> String {
    let rights = Right::ALL.iter().map(|right| format!("`{}`", right.code())).collect::<Vec<_>>().join(", ");
    let rejections = Rejection::ALL.into_iter().map(|rejection| {
        let pdu = rejection.pdu();
        vec![rejection.code().to_owned(), format!("{:?}", pdu.result), pdu.source.to_string()]
    });
    let syntaxes = TransferSyntax::all().map(|syntax| vec![format!("{syntax:?}"), syntax.uid().to_owned()]);
    let statuses =
        Status::ALL.iter().map(|status| vec![format!("{:04X}", status.code()), status.meaning().to_owned()]);
    let mut text = format!(
        "## 2 Implementation\n\n\
         Application context `{APPLICATION_CONTEXT}`, implementation class UID `{IMPLEMENTATION_CLASS_UID}`, \
         implementation version name `{IMPLEMENTATION_VERSION_NAME}`. The AE title is a setting (RINGFENCE unless \
         told otherwise). No asynchronous operations, no extended negotiation, no user identity.\n\n\
         ## 3 Who may do what\n\n\
         Only peers of the settings are accepted. What each may do is a list of {rights}. A presentation context \
         for something else than the peer's rights is refused by \"user rejection\". Calls are rejected so:\n\n"
    );
    text += &table(&["counted as", "result", "reason"], rejections);
    text += "\nA caller beyond the number of associations gets a transient rejection, \"local limit exceeded\".\n\n\
             ## 4 Services\n\n### 4.1 Statuses\n\n";
    text += &table(&["status", "meaning"], statuses);
    text += "\nError Comment (0000,0902) names a keyword and never a value.\n\n\
             ### 4.2 Storage\n\n\
             As a provider: level 2 (full) for every storage SOP class of PS3.6, for new ones under \
             `1.2.840.10008.5.1.4.1.1`, and for private classes; no coercion, nothing is transcoded. The response is \
             sent after the object was synced to disk. The same object again is a success and kept once; another \
             object of the same UID is kept beside the first and flagged. The first transfer syntax of a context \
             that is known is accepted:\n\n";
    text += &table(&["transfer syntax", "UID"], syntaxes);
    text += "\nAs a user (on request of hospital IT, and for C-MOVE): one context for each SOP class and transfer \
             syntax of the objects; what is held in implicit or explicit VR little endian is also offered in the \
             other of the two. A deflated object is sent as explicit VR little endian.\n";
    text
}

fn queries() -> String {
    let matching = |key: &Key| match key.matching {
        Matching::Uid => "single UID, list of UIDs",
        Matching::Text => "single value, wildcard",
        Matching::Name => "single value, wildcard; letter case does not count",
        Matching::Date => "single date, range",
        Matching::Time => "single time, range",
        Matching::Number => "single number",
        Matching::ReturnOnly => "none, returned only",
    };
    let kind = |key: &Key| match key.kind {
        Kind::Unique => "unique",
        Kind::Required => "required",
        Kind::Optional => "optional",
    };
    let mut text = "## 5 Query and retrieve\n\n\
                    Study Root, levels STUDY, SERIES and IMAGE. Hierarchical: below the study, each level above is \
                    named by one UID. Not supported: relational queries, the Patient Root, fuzzy matching of names, \
                    sequence matching, combined date and time, timezone adjustment. Keys of the query's level and of \
                    the levels above may be asked for; for any other key the responses have status FF01 and leave it \
                    out. Empty keys and `*` match everything.\n\n"
        .to_owned();
    for level in Level::ALL {
        let keys = KEYS.iter().filter(|key| key.level == level);
        let rows = keys.map(|key| {
            let tag = format!("({:04X},{:04X})", key.tag.group(), key.tag.element());
            vec![key.keyword.to_owned(), tag, kind(key).to_owned(), matching(key).to_owned()]
        });
        let _ =
            write!(text, "{} level:\n\n{}\n", level.code(), table(&["key", "tag", "kind", "matching"], rows));
    }
    let names = |syntaxes: &[TransferSyntax]| {
        syntaxes.iter().map(|syntax| format!("{syntax:?}")).collect::<Vec<_>>().join(", ")
    };
    let _ = write!(
        text,
        "Every response also has QueryRetrieveLevel, RetrieveAETitle and InstanceAvailability (ONLINE), and \
         SpecificCharacterSet (ISO_IR 192) where a text is not ASCII. Identifiers come and go in {}.\n\n\
         C-MOVE sends to a configured peer that may `receive`, and only there. C-GET sends on the same \
         association, for classes with the SCP role; where several syntaxes are proposed for such a context, one \
         without a codec is chosen. An object whose syntax no context takes is a failed sub-operation: nothing is \
         decompressed or compressed, implicit and explicit VR little endian are made into each other. A cancel is \
         honoured between two matches or objects.\n\n\
         As a user of C-GET, these classes are asked for, each in one context with {} and one with {}:\n\n{}",
        names(&PLAIN_SYNTAXES),
        names(&PLAIN_SYNTAXES),
        names(&COMPRESSED_SYNTAXES),
        table(
            &["SOP class", "UID"],
            RETRIEVED_CLASSES.iter().map(|(uid, name)| vec![(*name).to_owned(), (*uid).to_owned()])
        )
    );
    text
}

fn commitment() -> String {
    "## 6 Storage commitment\n\n\
     Push model, provider. Before the report, each object is read from the disk and its digest compared with that of \
     its arrival. The report (N-EVENT-REPORT) goes over the association of the request as long as that is open and \
     idle, else over a new one to the peer's host and port, with the SCP role; a peer that cannot be reached is \
     called four times within three minutes. Reports that are waiting when the agent stops are not sent; a new \
     request is answered anew. Failure reasons: 0110 (cannot be read, or is no longer what arrived), 0112 (not \
     held), 0119 (held as another class).\n"
        .to_owned()
}

fn media_and_text() -> String {
    "## 7 Character sets\n\n\
     Texts are read in the Specific Character Set of their data set, where it is one of the single-byte sets, \
     ISO_IR 192 or GB18030; with code extensions, in the last of the sets named. They are returned as ISO_IR 192.\n"
        .to_owned()
}

fn security() -> String {
    "## 8 Security\n\n\
     DICOM over TLS on a port of its own (registered: 2762), TLS 1.2 and 1.3, with the suites of BCP 195 that have \
     forward secrecy and authenticated encryption. Whether callers need a certificate is a setting (required unless \
     told otherwise). A peer that is set to TLS is called over TLS and must call over TLS; a peer can be bound to \
     networks. The 128-byte preamble of what is kept is zero. Queries, retrievals and commitments are written to \
     the audit trail before they are answered.\n"
        .to_owned()
}

fn limits() -> String {
    let sizes = Sizes::default();
    let patience = Patience::default();
    let rows = [
        ("associations at one time", sizes.associations_max.to_string()),
        ("presentation contexts", CONTEXTS_MAX.to_string()),
        ("bytes of a protocol data unit received", sizes.pdu_bytes_max.to_string()),
        ("bytes of a command set", COMMAND_BYTES_MAX.to_string()),
        ("bytes of an identifier", sizes.identifier_bytes_max.to_string()),
        ("bytes of an object", sizes.object_bytes_max.to_string()),
        ("bytes of unfinished objects together", sizes.buffered_bytes_max.to_string()),
        ("seconds until the association is asked for (ARTIM)", patience.artim.as_secs().to_string()),
        ("seconds between messages", patience.idle.as_secs().to_string()),
        ("seconds for one protocol data unit", patience.unit.as_secs().to_string()),
        ("seconds until an answer is taken", patience.write.as_secs().to_string()),
        ("seconds for open associations at shutdown", patience.shutdown.as_secs().to_string()),
    ];
    format!(
        "## 9 Limits\n\n{}",
        table(&["what", "at most"], rows.into_iter().map(|(what, most)| vec![what.to_owned(), most]))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Overwritten with `UPDATE_GOLDEN=1 cargo test -p agent-dicom conformance`.
    #[test]
    fn the_statement_is_the_golden_one() {
        let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/conformance.md");
        let statement = conformance_statement();
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(golden, &statement).unwrap();
        }
        let kept = std::fs::read_to_string(golden).unwrap_or_default();
        assert!(kept == statement, "conformance.md differs from what the tables say");
    }

    #[test]
    fn every_key_class_and_status_is_stated() {
        let statement = conformance_statement();
        let keys = KEYS.iter().map(|key| key.keyword);
        let classes = CLASSES.iter().map(|class| class.uid);
        for stated in keys.chain(classes) {
            assert!(statement.contains(stated), "{stated}");
        }
        for status in Status::ALL {
            assert!(statement.contains(&format!("| {:04X} |", status.code())));
        }
    }
}
