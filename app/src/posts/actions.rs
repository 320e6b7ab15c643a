//! What a reader can do with a post: forms of one button, sent quietly where scripts run.

use leptos::prelude::*;
use wire::posts::PostCard;

use super::sign::{Sign, sign};
use crate::text::{Texts, texts};

#[component]
pub(super) fn Actions(
    card: PostCard,
    /// Where to come back to.
    next: String,
    /// Disliking and the link too, as on the post's own page.
    has_all: bool,
) -> impl IntoView {
    let texts = texts();
    let path = card.path();
    let act = |verb: &str| format!("{path}/{verb}");
    let comments = usize::try_from(card.comments_count).unwrap_or(0);
    let dislike = has_all.then(|| view! {
        <Button action=act("dislike") next=next.clone() is_on=card.has_disliked what=Sign::Dislike
            label=texts.posts_dislike_count(card.dislikes_count) shown=number(texts, card.dislikes_count)/>
    });
    let link = has_all.then(|| view! {
        <button class="act act--script" type="button" data-copy=path.clone() data-done=texts.posts_copied()>
            {sign(Sign::Link)} <span>{texts.posts_copy_link()}</span>
        </button>
    });
    let keep = if card.has_saved { texts.posts_unsave() } else { texts.posts_save() };
    view! {
        <div class="acts">
            <Button action=act("like") next=next.clone() is_on=card.has_liked what=Sign::Like
                label=texts.posts_like_count(card.likes_count) shown=number(texts, card.likes_count)/>
            {dislike}
            <a class="act" href=format!("{path}#comments") aria-label=texts.posts_comments_count(comments)>
                {sign(Sign::Comment)} <span aria-hidden="true">{number(texts, card.comments_count)}</span>
            </a>
            {link}
            <span class="acts__end">
                <Button action=act("bookmark") next is_on=card.has_saved what=Sign::Keep
                    label=texts.posts_save().to_owned() shown=keep.to_owned()/>
            </span>
        </div>
    }
    .into_any()
}

/// A form that is one button, which is on or off.
#[component]
pub(super) fn Button(
    action: String,
    next: String,
    is_on: bool,
    what: Sign,
    /// What it is called, with its number.
    label: String,
    /// What is seen beside the sign.
    shown: String,
) -> impl IntoView {
    view! {
        <form method="post" action=action data-quiet="">
            <input type="hidden" name="next" value=next/>
            <button class="act" aria-pressed=if is_on { "true" } else { "false" } aria-label=label>
                {sign(what)} <span aria-hidden="true">{shown}</span>
            </button>
        </form>
    }
    .into_any()
}

/// As short as a button has room for; nothing where nobody has.
pub(super) fn number(texts: Texts, count: i64) -> String {
    match usize::try_from(count).unwrap_or(0) {
        0 => String::new(),
        few @ 1..10_000 => texts.number(few),
        many @ 10_000..1_000_000 => texts.posts_thousands(many / 1000),
        masses => texts.posts_millions(masses / 1_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Language, texts_in};

    #[test]
    fn numbers_fit_their_buttons() {
        let shown =
            |language| [-1, 0, 7, 9_999, 10_499, 2_000_000].map(|n| number(texts_in(language), n));
        assert_eq!(shown(Language::En), ["", "", "7", "9,999", "10k", "2M"]);
        let french = ["", "", "7", "9\u{202f}999", "10\u{202f}k", "2\u{202f}M"];
        assert_eq!(shown(Language::Fr), french);
    }
}
