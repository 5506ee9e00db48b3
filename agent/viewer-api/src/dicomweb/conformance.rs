//! The part on DICOMweb of the DICOM conformance statement (PS3.2), written out of the tables that the code works with.

use std::fmt::Write;

use agent_formats::TransferSyntax;

use super::attributes;
use super::qido::{MOST, matched_at};
use super::stow;
use super::view::OPTIONS;

/// An address, and what is done there.
struct Resource {
    method: &'static str,
    address: &'static str,
    service: &'static str,
    media: &'static str,
}

const JSON: &str = "application/dicom+json";
const PICTURES: &str = "image/jpeg, image/png";
const OBJECTS: &str = "multipart/related; type=\"application/dicom\"; an instance also application/dicom";
const BYTES: &str = "application/octet-stream, alone or as multipart/related";
const FRAMES: &str = "as bulk data; the media type of the stored compression where it has one (image/jpeg, image/jls, \
                      image/jp2, image/jphc, image/jxl, image/dicom-rle)";

macro_rules! resources {
    ($($method:literal $address:literal: $service:literal, $media:expr;)+) => {
        const RESOURCES: &[Resource] = &[$(Resource {
            method: $method, address: $address, service: $service, media: $media,
        }),+];
    };
}

resources! {
    "GET" "/studies": "search", JSON;
    "GET" "/studies/{study}/series": "search", JSON;
    "GET" "/studies/{study}/instances": "search", JSON;
    "GET" "/studies/{study}/series/{series}/instances": "search", JSON;
    "GET" "/series": "search", JSON;
    "GET" "/instances": "search, with StudyInstanceUID or SOPInstanceUID", JSON;
    "GET" "/studies/{study}": "retrieve", OBJECTS;
    "GET" "/studies/{study}/series/{series}": "retrieve", OBJECTS;
    "GET" "/studies/{study}/series/{series}/instances/{instance}": "retrieve", OBJECTS;
    "GET" "/studies/{study}/metadata": "retrieve metadata", JSON;
    "GET" "/studies/{study}/series/{series}/metadata": "retrieve metadata", JSON;
    "GET" "/studies/{study}/series/{series}/instances/{instance}/metadata": "retrieve metadata", JSON;
    "GET" "/studies/{study}/series/{series}/instances/{instance}/bulkdata/{path}": "retrieve bulk data", BYTES;
    "GET" "/studies/{study}/series/{series}/instances/{instance}/frames/{frames}": "retrieve frames", FRAMES;
    "GET" "/studies/{study}/series/{series}/instances/{instance}/rendered": "retrieve rendered", PICTURES;
    "GET" "/studies/{study}/series/{series}/instances/{instance}/frames/{frame}/rendered": "retrieve rendered", PICTURES;
    "GET" "/studies/{study}/thumbnail": "retrieve thumbnail", PICTURES;
    "GET" "/studies/{study}/series/{series}/thumbnail": "retrieve thumbnail", PICTURES;
    "GET" "/studies/{study}/series/{series}/instances/{instance}/thumbnail": "retrieve thumbnail", PICTURES;
    "GET" "/studies/{study}/series/{series}/instances/{instance}/frames/{frame}/thumbnail": "retrieve thumbnail", PICTURES;
    "POST" "/studies": "store", JSON;
    "POST" "/studies/{study}": "store", JSON;
}

/// The statement on DICOMweb, in Markdown.
#[must_use]
pub fn dicomweb_conformance_statement() -> String {
    let mut text = "# DICOM conformance statement: Ringfence agent, web services\n\n\
         Written by the agent's own tables; a test keeps both the same. Form: PS3.2; services: PS3.18. The services \
         over associations are in `agent/dicom/conformance.md`.\n\n\
         ## 1 Who may do what\n\n\
         Over HTTPS below `/dicom-web`, with a bearer token that `ringfence-agent token create` makes. A token shows \
         originals, or one project's de-identified view, in which UIDs are those of the project and no others are \
         known. Only a token of the original view that was made for it stores. Sessions of the viewer open nothing \
         here. There is no cross-origin access.\n\n\
         ## 2 Resources\n\n"
        .to_owned();
    table(
        &mut text,
        &["method", "address", "transaction", "media types"],
        RESOURCES.iter().map(|resource| {
            let Resource { method, address, service, media } = resource;
            vec![(*method).to_owned(), format!("`{address}`"), (*service).to_owned(), (*media).to_owned()]
        }),
    );
    text += &search();
    text += &retrieval();
    text += &storage();
    text
}

fn table(text: &mut String, head: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let mut line = |cells: &[String]| writeln!(text, "| {} |", cells.join(" | ")).unwrap_or_default();
    line(&head.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>());
    line(&vec!["---".to_owned(); head.len()]);
    rows.for_each(|row| line(&row));
}

fn search() -> String {
    let mut text = format!(
        "\n## 3 Search\n\n\
         At most {MOST} matches an answer, in the order of arrival; `limit` and `offset` page through them, and a \
         Warning header tells how many are left. `fuzzymatching=true` gets literal matching and a warning. \
         `includefield` is taken; every attribute that is held comes in each answer. Other parameters are refused. \
         Matching is by single value, wildcard, range and list of UIDs (PS3.4 section C.2.2.2); names match whatever \
         their letter case. Matching keys:\n\n"
    );
    table(
        &mut text,
        &["attribute", "tag", "VR", "level"],
        attributes::all().filter_map(|attribute| {
            let level = matched_at(attribute)?;
            let digits = attribute.digits();
            let (group, element) = digits.split_at(4);
            let tag = format!("({group},{element})");
            Some(vec![attribute.keyword.to_owned(), tag, attribute.vr.to_owned(), level.to_owned()])
        }),
    );
    text
}

fn retrieval() -> String {
    let options: Vec<&str> = OPTIONS.iter().map(|option| option.name()).collect();
    let mut text = format!(
        "\n## 4 Retrieval\n\n\
         Objects are given in the transfer syntax that they are stored in (`transfer-syntax=*`, or its UID), or \
         decoded to {} ({}), which is also the default; others are refused with 406. The preamble is zeros. \
         Pictures take `window` and `viewport` (scaling alone) and `quality`; other parameters are refused.\n\n\
         The de-identified view is PS3.15 {} Basic with {}. Pictures that may carry text are refused with 403 until a \
         person of the hospital has released them, or with regions painted over where a rule for their device says \
         so. Transfer syntaxes that objects are stored in:\n\n",
        "explicit VR little endian",
        TransferSyntax::ExplicitLittle.uid(),
        agent_deid::EDITION,
        options.join(" and "),
    );
    table(
        &mut text,
        &["transfer syntax", "UID"],
        TransferSyntax::all().map(|syntax| vec![format!("{syntax:?}"), syntax.uid().to_owned()]),
    );
    text
}

fn storage() -> String {
    let mut text = format!(
        "\n## 5 Storage\n\n\
         Objects come as `multipart/related; type=\"application/dicom\"`, at most {} in a request and {} MiB each. \
         Each is synced to disk before the answer; the same object again is a success and kept once, another object \
         of the same UID is kept beside the first and flagged. Nothing is coerced. The answer is 200 where all were \
         stored, 202 where some were, 409 where none was. Failure reasons:\n\n",
        stow::PARTS_MAX,
        stow::OBJECT_BYTES_MAX >> 20,
    );
    table(
        &mut text,
        &["reason", "meaning"],
        stow::Reason::ALL
            .iter()
            .map(|reason| vec![format!("{:04X}", reason.code()), reason.label().to_owned()]),
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Overwritten with `UPDATE_GOLDEN=1 cargo test --workspace conformance`.
    #[test]
    fn the_statement_is_the_golden_one() {
        let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/dicomweb-conformance.md");
        let statement = dicomweb_conformance_statement();
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(golden, &statement).unwrap();
        }
        let kept = std::fs::read_to_string(golden).unwrap_or_default();
        assert!(kept == statement, "dicomweb-conformance.md differs from what the tables say");
    }

    #[test]
    fn every_resource_is_one_of_the_routes() {
        let source = include_str!("mod.rs");
        for Resource { address, .. } in RESOURCES {
            // The router writes what follows a series or an instance by itself.
            let last = address.rsplit_once("/{instance}").or_else(|| address.rsplit_once("/{series}"));
            let rest = last.or_else(|| address.rsplit_once("/{study}")).map_or(*address, |(_, rest)| rest);
            let written = rest.replace("{path}", "{*path}").replace("{frame}", "{frames}");
            assert!(source.contains(&format!("\"{written}\"")) || written.is_empty(), "{address}");
        }
    }
}
