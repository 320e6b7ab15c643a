//! A person's picture, or their first letter on a colour of their own.

use leptos::prelude::*;

use super::markup::Markup;

/// How many colours `style/` has for people.
const HUES: u32 = 6;

/// The colour of a name: the same everywhere, for ever.
#[must_use]
pub fn hue(name: &str) -> u32 {
    name.chars().fold(7, |sum: u32, c| sum.wrapping_mul(31).wrapping_add(c as u32)) % HUES
}

/// The first letter or digit of a name, in capitals.
#[must_use]
pub fn initial(name: &str) -> String {
    let first = name.chars().find(|c| c.is_alphanumeric());
    first.map_or_else(|| "?".to_owned(), upper)
}

/// A browser brings the tables of capitals with it; our own would be five kilobytes.
#[cfg(feature = "hydrate")]
fn upper(letter: char) -> String {
    js_sys::JsString::from(letter.to_string()).to_upper_case().into()
}

#[cfg(not(feature = "hydrate"))]
fn upper(letter: char) -> String {
    letter.to_uppercase().collect()
}

/// The name stands beside it in words, so it says nothing to a screen reader. A picture lies over the
/// letter, which is seen where there is none or where it is gone.
#[component]
pub fn Avatar(
    #[prop(into)] name: String,
    /// Where the person's own picture is.
    #[prop(optional_no_strip)]
    image: Option<String>,
) -> impl IntoView {
    let image = image.map(|image| view! { <img src=image alt=""/> });
    view! { <span class="avatar" data-hue=hue(&name) aria-hidden="true">{initial(&name)} {image}</span> }
}

/// [`Avatar`] as text.
pub fn write_avatar(to: &mut Markup, name: &str, image: Option<&str>) {
    to.raw("<span class=\"avatar\" data-hue=\"")
        .number(hue(name).into())
        .raw("\" aria-hidden=\"true\">");
    to.text(&initial(name));
    if let Some(image) = image {
        to.raw("<img").attr("src", image).raw(" alt=\"\">");
    }
    to.raw("</span>");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials() {
        assert_eq!(initial("ada"), "A");
        assert_eq!(initial("_élan"), "É");
        assert_eq!(initial("@"), "?");
        assert_eq!(hue("ada"), hue("ada"));
        assert!(hue("zoë") < HUES);
    }
}
