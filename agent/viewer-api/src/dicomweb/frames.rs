//! Frames of an instance (PS3.18 §10.4.1.1.6): as samples, or as the code streams that they are stored as.

use std::borrow::Cow;

use agent_formats::TransferSyntax;
use agent_formats::pixels::{Frames, PixelError, StoredFrames};
use axum::body::Bytes;
use axum::extract::Path;
use axum::response::Response;
use serde::Deserialize;

use super::Call;
use super::accept::{self, Form, Range};
use super::address::{Target, Uids};
use super::objects::kept;
use super::parts::{Part, related};
use super::retrieve::released;
use super::transcode::undecodable;
use crate::app::App;
use crate::problem::Problem;

const OCTETS: &str = "application/octet-stream";
/// As many as an object may have.
const LISTED_MAX: usize = 65_535;

/// The part of an address that names frames.
#[derive(Debug, Deserialize)]
pub(super) struct FrameList {
    frames: String,
}

impl FrameList {
    /// Numbers from 0; in the address they count from 1, with commas between.
    pub(super) fn numbers(&self) -> Result<Vec<usize>, Problem> {
        let refused = || Problem::malformed("frames are named by numbers from 1 with commas between");
        let number = |text: &str| text.trim().parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let numbers: Option<Vec<usize>> = self.frames.split(',').map(number).collect();
        numbers.filter(|numbers| numbers.len() <= LISTED_MAX).ok_or_else(refused)
    }
}

/// How frames are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Samples,
    /// The code streams that are stored.
    Stored,
}

/// Frames of an instance, by their numbers.
pub(super) async fn frames(
    call: Call,
    Path(uids): Path<Uids>,
    Path(list): Path<FrameList>,
) -> Result<Response, Problem> {
    let numbers = list.numbers()?;
    given(call, uids, Some(numbers)).await
}

/// The frames of these numbers, or all of them.
pub(super) async fn given(call: Call, uids: Uids, numbers: Option<Vec<usize>>) -> Result<Response, Problem> {
    let ranges = accept::ranges(&call.headers)?;
    let prepared = call.holding(move |app, holder, origin| {
        let target = Target::find(app, &holder.view, &uids)?;
        let showings = released(app, holder, &target)?;
        let (Some(series), Some(instance)) = (target.series(), target.instance()) else {
            return Err(Problem::not_found());
        };
        let location = origin.instance(&target.study, series, instance);
        let file = kept(app, &holder.view, &showings, (target.study.study, instance.instance))?;
        prepare(file, numbers, &ranges, location)
    });
    let Prepared { source, first, media, form } = prepared.await?;
    if form == Form::Single {
        return first.single();
    }
    related(&call.app, media, first, move |_: &App, give| source.rest(give)).await
}

struct Prepared {
    source: Source,
    first: Part,
    media: &'static str,
    form: Form,
}

fn prepare(
    file: Bytes,
    numbers: Option<Vec<usize>>,
    ranges: &[Range],
    location: String,
) -> Result<Prepared, Problem> {
    let stored = StoredFrames::open(&file).map_err(|error| refused(&error))?;
    let (syntax, count) = (stored.syntax(), stored.count());
    let numbers = numbers.unwrap_or_else(|| (0..count).collect());
    if numbers.is_empty() || numbers.iter().any(|number| *number >= count) {
        return Err(refused(&PixelError::NoFrame { frame: count }));
    }
    let (form, coding) = chosen(ranges, syntax, numbers.len())?;
    let media = if coding == Coding::Stored { media_of(syntax) } else { OCTETS };
    drop(stored);
    let source = Source { file, numbers, coding, location };
    let mut first = None;
    source.frames(0..1, &mut |part| first.replace(part).is_none())?;
    let first = first.ok_or_else(Problem::not_found)?;
    Ok(Prepared { source, first, media, form })
}

/// What is asked for is not there, or cannot be given.
fn refused(error: &PixelError) -> Problem {
    if matches!(error, PixelError::NoPixelData) {
        Problem::not_found().detail("this object has no pixels")
    } else if matches!(error, PixelError::NoFrame { .. }) {
        Problem::not_found().detail("this object has no frame of this number")
    } else {
        undecodable(error)
    }
}

/// A file and the frames of it that are given.
struct Source {
    file: Bytes,
    numbers: Vec<usize>,
    coding: Coding,
    location: String,
}

impl Source {
    fn rest(self, give: super::parts::Give<'_>) -> Result<(), Problem> {
        self.frames(1..self.numbers.len(), give)
    }

    fn frames(&self, places: std::ops::Range<usize>, give: super::parts::Give<'_>) -> Result<(), Problem> {
        let numbers = self.numbers.get(places).unwrap_or_default();
        if numbers.is_empty() {
            return Ok(());
        }
        let stored = StoredFrames::open(&self.file).map_err(|error| refused(&error))?;
        let native = stored.syntax().native_pixels();
        let frames = match self.coding {
            Coding::Samples if !native => Some(Frames::open(&self.file).map_err(|error| refused(&error))?),
            Coding::Samples | Coding::Stored => None,
        };
        for number in numbers {
            let bytes = match &frames {
                Some(frames) => frames.native([*number]).map(|native| Bytes::from(native.bytes)),
                None => stored.frame(*number).map(|frame| match frame {
                    Cow::Borrowed(frame) => self.file.slice_ref(frame),
                    Cow::Owned(frame) => frame.into(),
                }),
            };
            let bytes = bytes.map_err(|error| refused(&error))?;
            let content_type = match self.coding {
                Coding::Samples => OCTETS.to_owned(),
                Coding::Stored => {
                    let syntax = stored.syntax();
                    format!("{}; transfer-syntax={}", media_of(syntax), syntax.uid())
                }
            };
            let location = Some(format!("{}/frames/{}", self.location, number + 1));
            if !give(Part { content_type, location, bytes }) {
                break;
            }
        }
        Ok(())
    }
}

/// The form and the coding that the client likes best of what there is.
fn chosen(ranges: &[Range], stored: TransferSyntax, count: usize) -> Result<(Form, Coding), Problem> {
    let compressed = !stored.native_pixels();
    let own = media_of(stored);
    let explicit = TransferSyntax::ExplicitLittle.uid();
    for range in ranges {
        let (form, media) = range.of_parts();
        if form == Form::Single && count > 1 {
            continue;
        }
        let syntax = range.transfer_syntax();
        let as_stored = compressed && syntax.is_none_or(|uid| uid == "*" || uid == stored.uid());
        match media.as_str() {
            "*/*" if as_stored => return Ok((form, Coding::Stored)),
            // Clients that show images name the wildcard here and take whatever comes.
            OCTETS if compressed && syntax.is_some() && as_stored => return Ok((form, Coding::Stored)),
            OCTETS | "*/*" if syntax.is_none_or(|uid| uid == "*" || uid == explicit) => {
                return Ok((form, Coding::Samples));
            }
            media if as_stored && (media == own || media == "image/*") => return Ok((form, Coding::Stored)),
            _ => {}
        }
    }
    Err(accept::refused(&format!(
        "application/octet-stream in explicit VR little endian{}{}, several frames as multipart/related",
        if compressed { ", and what is stored: " } else { "" },
        if compressed { format!("{own}; transfer-syntax={}", stored.uid()) } else { String::new() },
    )))
}

/// The media type of code streams of a transfer syntax (PS3.18 Table 8.7.3-5).
pub(super) fn media_of(syntax: TransferSyntax) -> &'static str {
    use TransferSyntax as Ts;
    match syntax {
        Ts::JpegBaseline | Ts::JpegExtended | Ts::JpegLossless | Ts::JpegLosslessFirstOrder => "image/jpeg",
        Ts::JpegLsLossless | Ts::JpegLsNearLossless => "image/jls",
        Ts::Jpeg2000Lossless | Ts::Jpeg2000 => "image/jp2",
        Ts::HighThroughputJpeg2000Lossless
        | Ts::HighThroughputJpeg2000LosslessRpcl
        | Ts::HighThroughputJpeg2000 => "image/jphc",
        Ts::JpegXlLossless | Ts::JpegXlRecompression | Ts::JpegXl => "image/jxl",
        Ts::RleLossless => "image/dicom-rle",
        Ts::ImplicitLittle
        | Ts::ExplicitLittle
        | Ts::ExplicitBig
        | Ts::DeflatedLittle
        | Ts::EncapsulatedUncompressed
        | Ts::StoredOnly(_) => OCTETS,
    }
}
