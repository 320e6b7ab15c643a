//! A message in: the one verb behind every door.

use wire::ConversationKey;
use wire::chat::{Draft, message_content};
use wire::conversations::REQUEST_MESSAGES;

use super::message_writer::Receipt;
use super::watchers::Turn;
use super::write_batch::Post;
use super::{ChatError, MessageWriter, Posted, conversation_of};
use crate::limits::Limit;
use crate::{Caller, Services};

/// A request holds so many messages, so the one that answers and accepts it is at most the next.
const ANSWERED_BY: i64 = REQUEST_MESSAGES + 1;

/// Stores the draft in its conversation, tells everybody who listens, and answers when it is
/// durable. The same client id gives the first answer again, today or in a year.
///
/// # Errors
/// A text that cannot be a message, a client id that names another message, a conversation that is
/// not the caller's, too many at once, or a database that cannot take it: then nothing was stored.
/// Only where the database does not answer in time it may have been: the same client id tells.
pub async fn post_message(
    services: &Services,
    caller: &Caller,
    draft: Draft,
) -> Result<Posted, ChatError> {
    submit_message(services, caller, draft).await
}

/// As [`post_message`], but the message has its place in the writer's queue when this returns:
/// drafts that are submitted one after the other are stored in that order.
pub fn submit_message(
    services: &Services,
    caller: &Caller,
    draft: Draft,
) -> impl Future<Output = Result<Posted, ChatError>> + Send + use<> {
    let queued = queue(services, caller, draft);
    let (watchers, sender) = (services.watchers.clone(), caller.user_id);
    async move {
        let posted = MessageWriter::answer(queued?).await;
        if let Ok(Posted::New(message)) = &posted
            && let ConversationKey::Id(id) = message.conversation_id
            && message.seq <= ANSWERED_BY
        {
            watchers.send(Turn::Answered(sender, id));
        }
        posted
    }
}

fn queue(services: &Services, caller: &Caller, draft: Draft) -> Result<Receipt, ChatError> {
    let limit = services.settings.message_max_length;
    let content = message_content(&draft.content, limit).map_err(ChatError::Content)?;
    // The writer asks the other nodes, for all that it takes at once.
    let reserved = services.limits.reserve(Limit::Messages, caller.user_id.0)?;
    let post = Post {
        conversation: conversation_of(draft.conversation),
        client_id: draft.client_id,
        sender: caller.author(),
        content: content.to_owned(),
        reply_to: draft.reply_to,
    };
    services.writer.submit(post, reserved)
}
