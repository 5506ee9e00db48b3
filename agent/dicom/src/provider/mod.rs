//! The side that is called: one message after the other, each handed to its service.

mod commit;
mod find;
mod retrieve;

pub(crate) use commit::{Owed, deliver};

use crate::association::Shared;
use crate::catalogue::PeerAct;
use crate::channel::{Channel, Next};
use crate::classes::Service;
use crate::dimse::{Answer, Command, Operation, Status};
use crate::negotiate::{Agreed, Context};
use crate::store;
use crate::wire::WireError;
use commit::Report;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinSet;

/// An association that was accepted.
pub(crate) struct Association<'a, S> {
    channel: Channel<S>,
    shared: &'a Shared,
    agreed: Agreed,
    /// What was asked about with storage commitment, while it is read again.
    reports: JoinSet<Option<Report>>,
    /// Of the requests that we make ourselves on this association.
    message_id: u16,
}

/// One request, and the context that it came in.
struct Asked<'a> {
    context: u8,
    accepted: &'a Context,
    command: &'a Command,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin + Send> Association<'a, S> {
    pub(crate) fn new(channel: Channel<S>, shared: &'a Shared, agreed: Agreed) -> Self {
        Self { channel, shared, agreed, reports: JoinSet::new(), message_id: 0 }
    }

    /// The channel, and what is still owed to the caller.
    pub(crate) fn into_parts(self) -> (Channel<S>, Option<Owed>) {
        let owed = (!self.reports.is_empty()).then(|| Owed::new(self.agreed.peer, self.reports));
        (self.channel, owed)
    }

    /// Answers requests until the caller asks for the release.
    pub(crate) async fn serve(&mut self) -> Result<(), WireError> {
        loop {
            self.report_what_is_known().await?;
            match self.channel.next().await? {
                Next::Release => return self.channel.released().await,
                Next::Command { context, command } => self.command(context, &command).await?,
            }
        }
    }

    async fn command(&mut self, context: u8, command: &Command) -> Result<(), WireError> {
        let accepted = self.agreed.contexts.get(&context).cloned().ok_or(WireError::Malformed)?;
        if command.response {
            return Err(WireError::Malformed);
        }
        let asked = Asked { context, accepted: &accepted, command };
        match (command.operation, accepted.service) {
            // What could be cancelled is done already.
            (Operation::Cancel, _) => Ok(()),
            (Operation::Echo, _) => self.answer(asked, Answer::success()).await,
            (Operation::Store, Service::Storage) if accepted.requestor_uses => self.store(asked).await,
            (Operation::Find, Service::Find) => self.find(asked).await,
            (Operation::Move, Service::Move) => self.move_there(asked).await,
            (Operation::Get, Service::Get) => self.get_back(asked).await,
            (Operation::Action, Service::Commitment) => self.commitment(asked).await,
            (_, _) => {
                let comment = "the operation is not offered for this SOP class";
                self.refuse(asked, Answer::failure(Status::UnrecognisedOperation, comment)).await
            }
        }
    }

    async fn store(&mut self, asked: Asked<'_>) -> Result<(), WireError> {
        let sender = self.agreed.peer.ae_title.as_str();
        let Context { sop_class_uid: class, syntax, .. } = asked.accepted;
        let way = store::Way { context: asked.context, class, syntax: *syntax, sender };
        let answer = store::take(&mut self.channel, &self.shared.intake, way, asked.command).await?;
        self.answer(asked, answer).await
    }

    /// Reads the identifier, or says why there is none.
    async fn identifier(&mut self, asked: &Asked<'_>) -> Result<Result<Vec<u8>, Answer>, WireError> {
        let missing = Answer::failure(Status::CannotUnderstand, "the identifier is missing");
        if !asked.command.data_set_follows {
            return Ok(Err(missing));
        }
        let mut sink = self.shared.intake.identifier();
        self.channel.data_into(asked.context, &mut sink).await?;
        if sink.overflowed {
            return Ok(Err(Answer::failure(Status::OutOfResources, "the identifier is too long")));
        }
        let (bytes, _share) = sink.into_parts();
        let command = asked.command;
        let class = command.sop_class_uid.as_ref().or(command.requested_sop_class_uid.as_ref());
        if class != Some(&asked.accepted.sop_class_uid) {
            let comment = "the SOP class differs from the context's";
            return Ok(Err(Answer::failure(Status::SopClassNotSupported, comment)));
        }
        Ok(Ok(bytes))
    }

    /// Answers, after the data set that may follow was read past.
    async fn refuse(&mut self, asked: Asked<'_>, answer: Answer) -> Result<(), WireError> {
        if asked.command.data_set_follows {
            self.channel.data_skip(asked.context).await?;
        }
        self.answer(asked, answer).await
    }

    async fn answer(&mut self, asked: Asked<'_>, answer: Answer) -> Result<(), WireError> {
        self.channel.send(asked.context, &asked.command.answered(&answer), None).await
    }

    /// Writes down what the caller is about to be given; without that line it gets nothing.
    async fn noted(&self, act: PeerAct) -> Result<(), Answer> {
        let catalogue = Arc::clone(&self.shared.catalogue);
        let title = self.agreed.peer.ae_title.as_str().to_owned();
        let noted = tokio::task::spawn_blocking(move || catalogue.note(&title, act)).await;
        let failed = || Answer::failure(Status::ProcessingFailure, "the audit trail cannot be written");
        noted.map_err(|_| failed())?.map_err(|_| failed())
    }

    /// Whether the caller has asked for the end of what message `id` began. Anything else has no place there.
    async fn cancelled(&mut self, id: u16) -> Result<bool, WireError> {
        if !self.channel.waiting().await {
            return Ok(false);
        }
        match self.channel.next().await? {
            Next::Command { command, .. } if command.operation == Operation::Cancel => {
                // One that is about another message came too late.
                Ok(command.about(id))
            }
            Next::Command { .. } => Err(WireError::Malformed),
            Next::Release => Err(WireError::Closed),
        }
    }

    /// A number for a request of our own.
    fn next_message_id(&mut self) -> u16 {
        self.message_id = self.message_id.wrapping_add(1);
        self.message_id
    }
}

#[cfg(test)]
mod tests;
