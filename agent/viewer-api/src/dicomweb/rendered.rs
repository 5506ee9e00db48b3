//! Rendered frames and thumbnails: pictures that any browser shows (PS3.18 §10.4.1.1.3, §10.4.1.1.4).

use agent_formats::Photometric;
use agent_formats::header::WindowSetting;
use agent_formats::pixels::Frames;
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Query};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Call;
use super::accept::{self, Range};
use super::address::{Target, Uids};
use super::frames::FrameList;
use super::objects::kept;
use super::picture::{self, Function, Picture, Window};
use super::release::Showings;
use super::retrieve::released;
use super::token::Holder;
use super::transcode::undecodable;
use crate::app::App;
use crate::problem::Problem;

/// The longest side of a thumbnail whose size is not asked for.
const THUMBNAIL: usize = 256;
/// The longest side of a picture that is asked for.
const SIDE_MAX: usize = 8192;
/// Of JPEG, where no quality is asked for.
const QUALITY: u8 = 90;

type Parameters = Query<Vec<(String, String)>>;
type Listed = Result<Path<FrameList>, PathRejection>;

/// One frame of an instance as a picture.
pub(super) async fn rendered(
    call: Call,
    Path(uids): Path<Uids>,
    list: Listed,
    Query(parameters): Parameters,
) -> Result<Response, Problem> {
    let wish = Wish::read(&call, &parameters, None)?;
    drawn(call, uids, list, wish).await
}

/// A small picture of a study, a series, an instance or a frame.
pub(super) async fn thumbnail(
    call: Call,
    Path(uids): Path<Uids>,
    list: Listed,
    Query(parameters): Parameters,
) -> Result<Response, Problem> {
    let wish = Wish::read(&call, &parameters, Some((THUMBNAIL, THUMBNAIL)))?;
    drawn(call, uids, list, wish).await
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Png,
    Jpeg,
}

/// How a picture is to be drawn.
#[derive(Debug, Clone, Copy)]
struct Wish {
    kind: Kind,
    quality: u8,
    window: Option<Window>,
    viewport: Option<(usize, usize)>,
}

impl Wish {
    fn read(
        call: &Call,
        parameters: &[(String, String)],
        viewport: Option<(usize, usize)>,
    ) -> Result<Self, Problem> {
        // PS3.18 §8.3.3.1: the parameter is for those who cannot set the header.
        let asked = parameters.iter().find(|(name, _)| name == "accept");
        let ranges =
            asked.map_or_else(|| accept::ranges(&call.headers), |(_, value)| accept::of_text(value))?;
        let mut wish = Self { kind: kind(&ranges)?, quality: QUALITY, window: None, viewport };
        for (name, value) in parameters {
            match name.as_str() {
                "accept" => {}
                "quality" => wish.quality = quality(value)?,
                "window" => wish.window = Some(window(value)?),
                "viewport" => wish.viewport = Some(viewport_of(value)?),
                _ => return Err(Problem::malformed("a query parameter is not supported")),
            }
        }
        Ok(wish)
    }
}

fn kind(ranges: &[Range]) -> Result<Kind, Problem> {
    let kind = ranges.iter().find_map(|range| match range.media.as_str() {
        "image/jpeg" | "image/*" | "*/*" => Some(Kind::Jpeg),
        "image/png" => Some(Kind::Png),
        _ => None,
    });
    kind.ok_or_else(|| accept::refused("image/jpeg and image/png"))
}

fn quality(value: &str) -> Result<u8, Problem> {
    let quality = value.parse().ok().filter(|quality| (1..=100).contains(quality));
    quality.ok_or_else(|| Problem::malformed("quality is a number from 1 to 100"))
}

fn window(value: &str) -> Result<Window, Problem> {
    let refused = || Problem::malformed("window is CENTRE,WIDTH or CENTRE,WIDTH,FUNCTION");
    let parts: Vec<&str> = value.split(',').map(str::trim).collect();
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
    let (centre, width, function) = match parts.as_slice() {
        [centre, width] => (centre, width, "linear"),
        [centre, width, function] => (centre, width, *function),
        _ => return Err(refused()),
    };
    let function = match function {
        "linear" => Function::Linear,
        "linear-exact" => Function::LinearExact,
        "sigmoid" => Function::Sigmoid,
        _ => return Err(Problem::malformed("the function of a window is linear, linear-exact or sigmoid")),
    };
    let width = number(width).filter(|width| *width > 0.0).ok_or_else(refused)?;
    let centre = number(centre).ok_or_else(refused)?;
    Ok(Window { setting: WindowSetting { centre, width }, function })
}

fn viewport_of(value: &str) -> Result<(usize, usize), Problem> {
    let parts: Vec<&str> = value.split(',').map(str::trim).collect();
    let [columns, rows] = parts.as_slice() else {
        return Err(Problem::malformed("viewport is WIDTH,HEIGHT; a part of a picture is not given"));
    };
    let side = |text: &str| text.parse().ok().filter(|side| (1..=SIDE_MAX).contains(side));
    let sides = side(columns).zip(side(rows));
    sides.ok_or_else(|| Problem::malformed(format!("sides of a viewport are 1 to {SIDE_MAX} pixels")))
}

async fn drawn(call: Call, uids: Uids, list: Listed, wish: Wish) -> Result<Response, Problem> {
    // The same call serves addresses with frames and without.
    let frame = match list.ok().map(|list| list.numbers()).transpose()?.as_deref() {
        None => 0,
        Some([frame]) => *frame,
        Some(_) => return Err(Problem::malformed("a picture is made of one frame")),
    };
    let made = call.holding(move |app, holder, _| {
        let target = Target::find(app, &holder.view, &uids)?;
        let showings = released(app, holder, &target)?;
        let file = picture_file(app, holder, &target, &showings)?;
        let picture = draw(&file, frame, &wish)?;
        match wish.kind {
            Kind::Png => picture.png().map(|bytes| ("image/png", bytes)),
            Kind::Jpeg => picture.jpeg(wish.quality).map(|bytes| ("image/jpeg", bytes)),
        }
        .ok_or_else(no_picture)
    });
    let (media, bytes) = made.await?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static(media))], bytes).into_response())
}

fn no_picture() -> Problem {
    let title = "No picture can be made of this.";
    Problem::new(StatusCode::NOT_ACCEPTABLE, "not-decodable", title)
}

/// The object that a picture is made of: the one that is named, else the middle one of a series, of a study that of
/// its first series.
fn picture_file(app: &App, holder: &Holder, target: &Target, showings: &Showings) -> Result<Bytes, Problem> {
    let study = target.study.study;
    if let Some(instance) = target.instance() {
        return kept(app, &holder.view, showings, (study, instance.instance));
    }
    let series = target.all_series().iter().find(|series| series.instances > 0);
    let series = series.ok_or_else(Problem::not_found)?;
    let listing = app.dicomweb.listings.of(&app.archive, &holder.view, series);
    let listing = listing.map_err(|cause| Problem::ours(&cause))?;
    let middle = listing.get(listing.len() / 2).ok_or_else(Problem::not_found)?;
    kept(app, &holder.view, showings, (study, middle.instance))
}

fn draw(file: &[u8], frame: usize, wish: &Wish) -> Result<Picture, Problem> {
    let frames = Frames::open(file).map_err(|error| undecodable(&error))?;
    if frame >= frames.count() {
        return Err(Problem::not_found().detail("this object has no frame of this number"));
    }
    let samples = frames.decode(frame).map_err(|error| undecodable(&error))?;
    let header = frames.header();
    let facts = header.frame(frame).ok_or_else(no_picture)?;
    let inverted = header.layout.photometric == Photometric::Monochrome1;
    let size = (header.layout.columns, header.layout.rows);
    let picture = picture::shown(samples, size, facts, wish.window, inverted);
    Ok(match wish.viewport {
        Some((columns, rows)) => picture.fitted(columns, rows),
        None => picture,
    })
}
