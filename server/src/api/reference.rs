//! `/api/docs`: the same description for people. A plain page: nothing is loaded from outside, and
//! no script is needed.

use std::fmt::Write;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Html;
use serde_json::{Map, Value};

use super::schema::SCHEMA;
use crate::assets;
use crate::pages::choices;
use crate::state::AppState;

/// Read this description.
#[utoipa::path(get, path = "/api/docs", tag = "about", security(()),
    responses((status = 200, content_type = "text/html", body = String)))]
pub(super) async fn page(State(state): State<AppState>, headers: HeaderMap) -> Html<String> {
    let (theme, language) = choices(&state, &headers);
    let css = escape(&assets::addresses(language).css);
    let schema = serde_json::to_value(&*SCHEMA).unwrap_or_default();
    let title = escape(text(&schema["info"]["title"]));
    let intro = escape(text(&schema["info"]["description"]));
    let operations = operations(&schema);
    Html(format!(
        r##"<!DOCTYPE html>
<html lang="en" dir="ltr" data-theme="{}">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} API</title>
<link rel="stylesheet" href="{css}"><link rel="icon" href="/favicon.svg" type="image/svg+xml">
</head>
<body>
<main class="reference">
<header class="panel reference__part"><h1>{title} API</h1><p>{intro}</p>
<p><a href="/api/schema">OpenAPI 3.1</a> · <a href="/">{title}</a></p></header>
<nav class="panel reference__part" aria-label="Operations"><ul class="reference__list">{}</ul></nav>
{}
<section class="panel reference__part" aria-label="Shapes"><h2>Shapes</h2>{}</section>
</main>
</body>
</html>
"##,
        theme.as_str(),
        operations.iter().map(Operation::link).collect::<String>(),
        operations.iter().map(Operation::section).collect::<String>(),
        shapes(&schema),
    ))
}

/// One thing that can be asked.
struct Operation<'s> {
    method: String,
    path: &'s str,
    about: &'s Value,
}

fn operations(schema: &Value) -> Vec<Operation<'_>> {
    let paths = schema["paths"].as_object().into_iter().flatten();
    let all = paths.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        methods.map(move |(method, about)| Operation { method: method.to_uppercase(), path, about })
    });
    all.filter(|operation| operation.about.is_object()).collect()
}

impl Operation<'_> {
    fn id(&self) -> String {
        let name = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        format!("{}{}", self.method.to_lowercase(), self.path).chars().map(name).collect()
    }

    fn link(&self) -> String {
        let (id, method, path) = (self.id(), &self.method, escape(self.path));
        format!(r##"<li><a href="#{id}"><code>{method} {path}/</code></a></li>"##)
    }

    fn section(&self) -> String {
        let (id, method, path) = (self.id(), &self.method, escape(self.path));
        let summary = escape(text(&self.about["summary"]));
        let description = escape(text(&self.about["description"]));
        let who = if is_open(self.about) { "For everybody." } else { "For whoever is signed in." };
        let mut html = format!(
            r#"<section class="panel reference__part" id="{id}"><h2><code>{method} {path}/</code></h2><p>{summary} {description}</p><p>{who}</p>"#
        );
        html += &parameters(self.about);
        html += &body("Body", &self.about["requestBody"]);
        for (status, answer) in self.about["responses"].as_object().into_iter().flatten() {
            let name =
                if status == "default" { "Refused".into() } else { format!("Answer {status}") };
            html += &body(&name, answer);
        }
        html + "</section>\n"
    }
}

/// An empty requirement is none.
fn is_open(about: &Value) -> bool {
    let required = about["security"].as_array();
    required.is_some_and(|all| all.iter().any(|one| one.as_object().is_some_and(Map::is_empty)))
}

fn parameters(about: &Value) -> String {
    let all = about["parameters"].as_array().into_iter().flatten();
    let rows = all.map(|one| {
        let name = format!("{} (in {})", text(&one["name"]), text(&one["in"]));
        row(&name, &one["schema"], text(&one["description"]))
    });
    table("Parameters", &rows.collect::<String>())
}

fn body(name: &str, about: &Value) -> String {
    let Some((kind, content)) = about["content"].as_object().and_then(|all| all.iter().next())
    else {
        return if about.is_null() {
            String::new()
        } else {
            format!("<h3>{name}</h3><p>Empty.</p>")
        };
    };
    format!("<h3>{name}</h3><p><code>{}</code>: {}</p>", escape(kind), kind_of(&content["schema"]))
}

fn shapes(schema: &Value) -> String {
    let mut html = String::new();
    for (name, shape) in schema["components"]["schemas"].as_object().into_iter().flatten() {
        let id = escape(name);
        let about = escape(text(&shape["description"]));
        // A string takes whatever is written to it.
        let _written = write!(html, r#"<h3 id="shape-{id}">{id}</h3><p>{about}</p>"#);
        html += &table("", &fields(shape));
    }
    html
}

fn fields(shape: &Value) -> String {
    let parts = shape["allOf"].as_array().into_iter().flatten().chain([shape]);
    let rows = parts.flat_map(|part| {
        let own = part["properties"].as_object().into_iter().flatten();
        let whole = part["$ref"].is_string().then(|| row("…", part, "all of these"));
        whole
            .into_iter()
            .chain(own.map(|(name, field)| row(name, field, text(&field["description"]))))
    });
    rows.collect()
}

fn row(name: &str, schema: &Value, about: &str) -> String {
    let (name, about) = (escape(name), escape(about));
    format!(
        "<tr><th scope=\"row\"><code>{name}</code></th><td>{}</td><td>{about}</td></tr>",
        kind_of(schema)
    )
}

fn table(name: &str, rows: &str) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let heading = if name.is_empty() { String::new() } else { format!("<h3>{name}</h3>") };
    format!("{heading}<table class=\"reference__table\">{rows}</table>")
}

/// A shape in a few words, with a link where it has a name.
fn kind_of(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        let name = escape(name);
        return format!(r##"<a href="#shape-{name}">{name}</a>"##);
    }
    let choices = ["oneOf", "anyOf"].iter().find_map(|word| schema[*word].as_array());
    if let Some(choices) = choices {
        return choices.iter().map(kind_of).collect::<Vec<_>>().join(" or ");
    }
    let kinds: Vec<_> = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().map(text).collect(),
        kind => vec![text(kind)],
    };
    let format = schema["format"].as_str().map(|word| format!(" ({word})")).unwrap_or_default();
    match kinds.first() {
        Some(&"array") => format!("list of {}", kind_of(&schema["items"])),
        Some(&"") | None => "anything".into(),
        _ => escape(&(kinds.join(" or ") + &format)),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
