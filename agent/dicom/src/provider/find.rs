//! C-FIND as a provider. Source: PS3.4 §C.4.1.

use super::{Asked, Association};
use crate::catalogue::{Catalogue, CatalogueError, InstanceEntry, PeerAct, SeriesEntry, StudyEntry};
use crate::dimse::{Answer, Status};
use crate::query::{Compiled, Identifier, IdentifierError, Level, Row, answer, matches};
use crate::wire::WireError;
use agent_formats::syntax::Encoding;
use dicom_core::Tag;
use std::ops::ControlFlow;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;

/// Matches that are found ahead of what was sent.
const AHEAD: usize = 32;

/// A query that is ready to be compared.
struct Search {
    identifier: Identifier,
    keys: Vec<(Tag, Level, Compiled)>,
    encoding: Encoding,
    ae_title: String,
}

impl Search {
    fn new(bytes: &[u8], encoding: Encoding, ae_title: &str) -> Result<Self, IdentifierError> {
        let identifier = Identifier::read(bytes, encoding)?;
        let compiled = identifier
            .asked
            .iter()
            .map(|asked| Compiled::new(asked).map(|compiled| (asked.key.tag, asked.key.level, compiled)));
        let keys = compiled.collect::<Result<_, _>>()?;
        Ok(Self { identifier, keys, encoding, ae_title: ae_title.to_owned() })
    }

    /// Whether a row is what the keys of one level ask for.
    fn agrees(&self, level: Level, row: Row<'_>) -> bool {
        self.keys.iter().filter(|(_, of, _)| *of == level).all(|(tag, _, compiled)| {
            let values = row.values(*tag);
            matches(compiled, &values.iter().map(String::as_str).collect::<Vec<_>>())
        })
    }

    /// Walks the archive and gives each answer to `found`. Blocks.
    fn run(&self, catalogue: &dyn Catalogue, found: &mut Found<'_>) -> Result<(), CatalogueError> {
        let mut failed = Ok(());
        catalogue.studies(&self.identifier.studies(), &mut |study| {
            let row = Row { study: &study, series: None, instance: None };
            if !self.agrees(Level::Study, row) {
                return ControlFlow::Continue(());
            }
            if self.identifier.level == Level::Study {
                return self.tell(row, found);
            }
            let below = self.series(catalogue, &study, found);
            flow(below, &mut failed)
        })?;
        failed
    }

    fn series(
        &self,
        catalogue: &dyn Catalogue,
        study: &StudyEntry,
        found: &mut Found<'_>,
    ) -> Result<ControlFlow<()>, CatalogueError> {
        let (mut failed, mut stopped) = (Ok(()), ControlFlow::Continue(()));
        // At the image level, series are only looked at when they are the one that was named.
        let only = if self.identifier.level == Level::Image { self.identifier.series() } else { None };
        catalogue.series(&study.uid, &mut |series: SeriesEntry| {
            let row = Row { study, series: Some(&series), instance: None };
            if only.as_ref().is_some_and(|only| *only != series.uid) || !self.agrees(Level::Series, row) {
                return ControlFlow::Continue(());
            }
            stopped = if self.identifier.level == Level::Series {
                self.tell(row, found)
            } else {
                flow(self.instances(catalogue, row, found), &mut failed)
            };
            stopped
        })?;
        failed.map(|()| stopped)
    }

    fn instances(
        &self,
        catalogue: &dyn Catalogue,
        above: Row<'_>,
        found: &mut Found<'_>,
    ) -> Result<ControlFlow<()>, CatalogueError> {
        let mut stopped = ControlFlow::Continue(());
        let Some(series) = above.series else { return Ok(stopped) };
        catalogue.instances(&above.study.uid, &series.uid, &mut |instance: InstanceEntry| {
            let row = Row { instance: Some(&instance), ..above };
            if self.agrees(Level::Image, row) {
                stopped = self.tell(row, found);
            }
            stopped
        })?;
        Ok(stopped)
    }

    fn tell(&self, row: Row<'_>, found: &mut Found<'_>) -> ControlFlow<()> {
        found(answer(&self.identifier, row, self.encoding, &self.ae_title))
    }
}

/// What takes the answers, and says whether more are wanted.
type Found<'a> = dyn FnMut(Vec<u8>) -> ControlFlow<()> + 'a;

/// A failure ends the walk and is kept for its end.
fn flow(
    below: Result<ControlFlow<()>, CatalogueError>,
    failed: &mut Result<(), CatalogueError>,
) -> ControlFlow<()> {
    below.unwrap_or_else(|error| {
        *failed = Err(error);
        ControlFlow::Break(())
    })
}

/// What is wrong with an identifier, as the caller is told.
pub(super) fn refusal(error: IdentifierError) -> Answer {
    match error {
        IdentifierError::Unreadable(cause) => Answer::failure(Status::CannotUnderstand, cause.to_string()),
        IdentifierError::Level | IdentifierError::Missing { .. } | IdentifierError::Invalid { .. } => {
            Answer::failure(Status::DataSetDoesNotMatch, error.to_string())
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Association<'_, S> {
    pub(super) async fn find(&mut self, asked: Asked<'_>) -> Result<(), WireError> {
        let bytes = match self.identifier(&asked).await? {
            Ok(bytes) => bytes,
            Err(refused) => return self.answer(asked, refused).await,
        };
        let encoding = asked.accepted.syntax.encoding();
        let search = match Search::new(&bytes, encoding, self.shared.config.ae_title.as_str()) {
            Ok(search) => search,
            Err(error) => return self.answer(asked, refusal(error)).await,
        };
        if let Err(refused) = self.noted(PeerAct::Queried).await {
            return self.answer(asked, refused).await;
        }
        let ended = self.tell_matches(&asked, search).await?;
        metrics::counter!("ringfence_dicom_queries_total", "status" => ended.status.label()).increment(1);
        self.answer(asked, ended).await
    }

    async fn tell_matches(&mut self, asked: &Asked<'_>, search: Search) -> Result<Answer, WireError> {
        let unsupported = search.identifier.unsupported;
        let pending = if unsupported { Status::PendingUnsupportedKeys } else { Status::Pending };
        let mut pending = asked.command.answered(&Answer::of(pending));
        pending.data_set_follows = true;
        let catalogue = Arc::clone(&self.shared.catalogue);
        let (tell, mut found) = mpsc::channel(AHEAD);
        let searched = tokio::task::spawn_blocking(move || {
            // Nobody listens any more once the query was cancelled.
            search.run(&*catalogue, &mut |bytes| match tell.blocking_send(bytes) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            })
        });
        while let Some(bytes) = found.recv().await {
            if self.cancelled(asked.command.message_id).await? {
                return Ok(Answer::of(Status::Cancelled));
            }
            self.channel.send(asked.context, &pending, Some(&bytes)).await?;
        }
        Ok(match searched.await {
            Ok(Ok(())) => Answer::success(),
            Ok(Err(CatalogueError)) | Err(_) => {
                Answer::failure(Status::ProcessingFailure, "the archive cannot be read")
            }
        })
    }
}
