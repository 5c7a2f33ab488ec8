//! A guide for setting a platform's webhook up by hand: steps as data, with the exact URL, events and place of the secret.

use serde::Serialize;
use std::fmt;

/// A guide as a connector writes it. In texts and values, `{url}` stands for the public URL; in values, a list of events
/// for [`Value::Events`].
#[derive(Debug, Clone, Copy)]
pub struct Template {
    /// What a person needs before the first step: which role, which page.
    pub before: &'static str,
    /// In order.
    pub steps: &'static [Step],
    /// The kinds of events, each with why it is asked for.
    pub events: &'static [(&'static str, &'static str)],
    /// What the platform calls the secret, where it shows it, and where it goes.
    pub secret: &'static str,
    /// How to see that it works.
    pub check: &'static str,
    /// Files to be handed to the platform: name and content.
    pub files: &'static [(&'static str, &'static str)],
}

/// One step.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// What to do, one sentence.
    pub text: &'static str,
    /// What to type or paste, if anything.
    pub value: Value,
}

/// What a step has a person type or paste.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    None,
    /// This text.
    Text(&'static str),
    /// The public URL.
    Url,
    /// The kinds of events.
    Events,
}

/// A guide for one connection or app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Guide {
    /// `square`.
    pub platform: String,
    /// One line.
    pub title: String,
    /// What a person needs before the first step.
    pub before: String,
    /// In order.
    pub steps: Vec<GuideStep>,
    /// The public URL, byte for byte.
    pub url: String,
    /// The kinds of events.
    pub events: Vec<GuideEvent>,
    /// Where the secret is shown and where it goes.
    pub secret: String,
    /// How to see that it works.
    pub check: String,
    /// Files to be handed to the platform.
    pub files: Vec<GuideFile>,
    /// Whether the engine can do all of this itself: `Engine::subscribe`.
    pub automatic: bool,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GuideStep {
    /// What to do.
    pub text: String,
    /// What to type or paste, one line each.
    pub paste: Vec<String>,
}

/// A kind of event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GuideEvent {
    /// As the platform names it.
    pub name: String,
    /// Why it is asked for.
    pub why: String,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GuideFile {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub content: String,
}

impl Template {
    /// The guide for a public URL.
    #[must_use]
    pub fn guide(&self, platform: &str, name: &str, url: &str, automatic: bool) -> Guide {
        let filled = |text: &str| text.replace("{url}", url);
        let names = || self.events.iter().map(|(name, _)| (*name).to_owned());
        let paste = |value: Value| match value {
            Value::None => Vec::new(),
            Value::Text(text) => vec![filled(text)],
            Value::Url => vec![url.to_owned()],
            Value::Events => names().collect(),
        };
        let step = |step: &Step| GuideStep { text: filled(step.text), paste: paste(step.value) };
        let event = |(name, why): &(&str, &str)| GuideEvent { name: (*name).into(), why: (*why).into() };
        // A file may be JSON, where a URL stands in quotes.
        let file =
            |(name, content): &(&str, &str)| GuideFile { name: (*name).into(), content: filled(content) };
        Guide {
            platform: platform.to_owned(),
            title: format!("Let {name} tell TaxPoynt about every sale"),
            before: filled(self.before),
            steps: self.steps.iter().map(step).collect(),
            url: url.to_owned(),
            events: self.events.iter().map(event).collect(),
            secret: filled(self.secret),
            check: filled(self.check),
            files: self.files.iter().map(file).collect(),
            automatic,
        }
    }
}

/// The page a person prints.
impl fmt::Display for Guide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n\n{}\n", self.title, self.before)?;
        for (nth, step) in self.steps.iter().enumerate() {
            writeln!(f, "{}. {}", nth + 1, step.text)?;
            step.paste.iter().try_for_each(|line| writeln!(f, "       {line}"))?;
        }
        writeln!(f, "\nThe address, exactly, without a blank or a slash more or less:\n       {}", self.url)?;
        writeln!(f, "\nThe events, and what each is for:")?;
        self.events.iter().try_for_each(|event| writeln!(f, "       {} - {}", event.name, event.why))?;
        writeln!(f, "\nThe secret: {}\n\nTo see that it works: {}", self.secret, self.check)?;
        for file in &self.files {
            writeln!(f, "\nThe file {}:\n{}", file.name, file.content)?;
        }
        Ok(())
    }
}
