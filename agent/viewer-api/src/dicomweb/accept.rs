//! What a client takes: media ranges with their parameters (RFC 9110 §12.5.1, PS3.18 §8.7).
//!
//! Values of parameters are taken in quotes and without: many clients leave out those that the standard asks for.

use axum::http::{HeaderMap, StatusCode, header};

use crate::problem::Problem;

/// More ranges than this are refused: the longest of real clients have a dozen.
const RANGES_MAX: usize = 64;

/// One media range; names are in lower case.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Range {
    pub(super) media: String,
    parameters: Vec<(String, String)>,
    quality: f32,
}

impl Range {
    /// A parameter's value without its quotes.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn transfer_syntax(&self) -> Option<&str> {
        self.parameter("transfer-syntax")
    }

    /// The media type of the parts where the range is of many parts, else its own; `*/*` where it leaves it open.
    pub(super) fn of_parts(&self) -> (Form, String) {
        match self.media.as_str() {
            "*/*" | "multipart/*" => (Form::Parts, "*/*".to_owned()),
            "multipart/related" => {
                let parts = self.parameter("type").map_or_else(|| "*/*".to_owned(), str::to_ascii_lowercase);
                (Form::Parts, parts)
            }
            single => (Form::Single, single.to_owned()),
        }
    }
}

/// How a representation is framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `multipart/related`.
    Parts,
    /// The payload alone.
    Single,
}

/// The ranges of a request, the best liked first; one for everything where it names none.
pub(super) fn ranges(headers: &HeaderMap) -> Result<Vec<Range>, Problem> {
    let mut texts = Vec::new();
    for value in headers.get_all(header::ACCEPT) {
        texts.push(value.to_str().map_err(|_| Problem::malformed("the header Accept cannot be read"))?);
    }
    of_text(&texts.join(","))
}

/// As [`ranges`], out of a text.
pub(super) fn of_text(text: &str) -> Result<Vec<Range>, Problem> {
    let mut found = Vec::new();
    for part in outside_quotes(text, ',') {
        if part.trim().is_empty() {
            continue;
        }
        found.push(range(part).ok_or_else(|| Problem::malformed("the header Accept cannot be read"))?);
        if found.len() > RANGES_MAX {
            return Err(Problem::malformed("the header Accept has too many media ranges"));
        }
    }
    if found.is_empty() {
        found.push(Range { media: "*/*".to_owned(), parameters: Vec::new(), quality: 1.0 });
    }
    found.retain(|range| range.quality > 0.0);
    found.sort_by(|one, other| other.quality.total_cmp(&one.quality));
    Ok(found)
}

/// A media type with its parameters, as in the header Content-Type.
pub(super) fn range(text: &str) -> Option<Range> {
    let mut parts = outside_quotes(text, ';').into_iter();
    let media = parts.next()?.trim().to_ascii_lowercase();
    if media.split('/').count() != 2 {
        return None;
    }
    let mut parameters = Vec::new();
    let mut quality = 1.0;
    for part in parts.filter(|part| !part.trim().is_empty()) {
        let (name, value) = part.split_once('=')?;
        let value = value.trim();
        let bare = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
        let name = name.trim().to_ascii_lowercase();
        if name == "q" {
            quality = bare.parse::<f32>().ok().filter(|quality| (0.0..=1.0).contains(quality))?;
        } else {
            parameters.push((name, bare.to_owned()));
        }
    }
    Some(Range { media, parameters, quality })
}

fn outside_quotes(text: &str, separator: char) -> Vec<&str> {
    let mut quoted = false;
    text.split(|c| {
        quoted ^= c == '"';
        c == separator && !quoted
    })
    .collect()
}

/// Nothing of what the client takes can be given.
pub(super) fn refused(offered: &str) -> Problem {
    let title = "Nothing of what is asked for in Accept can be given.";
    Problem::new(StatusCode::NOT_ACCEPTABLE, "not-acceptable", title)
        .detail(format!("here there is {offered}"))
}

/// Whether a client takes answers in the DICOM JSON model.
pub(super) fn dicom_json(headers: &HeaderMap) -> Result<(), Problem> {
    let taken = ranges(headers)?.iter().any(|range| {
        matches!(
            range.media.as_str(),
            "*/*" | "application/*" | "application/json" | "application/dicom+json"
        )
    });
    if taken { Ok(()) } else { Err(refused("application/dicom+json")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_separators_and_may_be_missing() {
        let ranges = of_text(
            "multipart/related; type=\"application/dicom\"; transfer-syntax=*, Image/JLS;q=0.5, */*;q=0.1",
        )
        .unwrap();
        assert_eq!(ranges.len(), 3);
        assert_eq!(ranges[0].of_parts(), (Form::Parts, "application/dicom".to_owned()));
        assert_eq!(ranges[0].transfer_syntax(), Some("*"));
        assert_eq!(ranges[1].of_parts(), (Form::Single, "image/jls".to_owned()));
        let bare = of_text("multipart/related;type=application/octet-stream").unwrap();
        assert_eq!(bare[0].of_parts(), (Form::Parts, "application/octet-stream".to_owned()));
        assert_eq!(range("a/b; x=\"1;2,3\"").unwrap().parameter("x"), Some("1;2,3"));
    }

    #[test]
    fn the_best_liked_comes_first_and_what_is_not_wanted_goes() {
        let ranges = of_text("image/png;q=0.2, image/jpeg, image/gif;q=0").unwrap();
        let media: Vec<&str> = ranges.iter().map(|range| range.media.as_str()).collect();
        assert_eq!(media, ["image/jpeg", "image/png"]);
        assert_eq!(of_text("").unwrap()[0].media, "*/*");
    }

    #[test]
    fn what_is_no_media_range_is_refused() {
        for text in ["x", "a/b/c", "a/b;q=2", "a/b;q"] {
            assert!(of_text(text).is_err(), "{text}");
        }
        assert!(of_text(&"a/b,".repeat(65)).is_err());
    }
}
