//! What is wrong with a template's calls: places that nobody fills, lists that never end, steps that find nothing.

use super::{
    Fault, fault,
    map::{check_path, probe},
};
use crate::template::{Gather, Listing, Pages, Parameter, Template, Texts};
use std::collections::BTreeMap;

/// A call: the name it stands under, its path, its query and headers, and the places that are filled in it.
struct Call<'t> {
    field: &'static str,
    get: &'t str,
    query: Option<&'t BTreeMap<String, Parameter>>,
    headers: Option<&'t Texts>,
    places: &'static [&'static str],
}

impl<'t> Call<'t> {
    fn list(field: &'static str, list: &'t Listing, places: &'static [&'static str]) -> Self {
        Self { field, get: &list.get, query: Some(&list.query), headers: Some(&list.headers), places }
    }
}

/// All lists of a template, with the places that are filled in each.
fn lists(template: &Template) -> Vec<(&'static str, &Listing, &'static [&'static str])> {
    let mut lists: Vec<(&'static str, &Listing, &'static [&'static str])> = Vec::new();
    lists.extend(template.pull.as_ref().map(|pull| ("pull.list", &pull.list, &["since", "until"][..])));
    let of_step = |step: &Gather| if step.batch.is_some() { &["ids"][..] } else { &["id"][..] };
    lists.extend(template.gather.iter().map(|step| ("gather.list", &step.list, of_step(step))));
    lists.extend(template.deleted.as_ref().map(|list| ("deleted", list, &[][..])));
    if let Some(pipelines) = &template.pipelines {
        lists.push(("pipelines.list", &pipelines.list, &[]));
        lists.extend(pipelines.stages.list.as_ref().map(|list| ("pipelines.stages.list", list, &[][..])));
    }
    lists.extend(template.locations.as_ref().map(|locations| ("locations.list", &locations.list, &[][..])));
    lists
}

pub(super) fn check_calls(template: &Template) -> Result<(), Fault> {
    let lists = lists(template);
    let mut calls = vec![
        Call { field: "check", get: &template.check.get, query: None, headers: None, places: &[] },
        Call {
            field: "fetch",
            get: &template.fetch.get,
            query: Some(&template.fetch.query),
            headers: None,
            places: &["id"],
        },
    ];
    calls.extend(lists.iter().map(|(field, list, places)| Call::list(field, list, places)));
    for call in &calls {
        check_call(call, template)?;
    }
    for (field, list, _) in lists {
        check_pages(field, list)?;
    }
    let by_id = template.fetch.query.values().flat_map(Parameter::texts).any(|text| text.contains("{id}"));
    if !template.fetch.get.contains("{id}") && !by_id {
        return Err(fault("fetch.get", "the call for one record names it: {id}"));
    }
    template.gather.iter().try_for_each(|step| check_step(step, template))?;
    check_paths(template)
}

/// That whatever is looked for in answers is a path.
fn check_paths(template: &Template) -> Result<(), Fault> {
    let probe = probe()?;
    for (field, path) in answer_paths(template) {
        if !path.is_empty() {
            check_path(&probe, &field, path)?;
        }
    }
    Ok(())
}

/// Every path into an answer, with the name it stands under.
fn answer_paths(template: &Template) -> Vec<(String, &String)> {
    let mut paths = vec![
        ("check.id", template.check.id.as_ref()),
        ("check.name", template.check.name.as_ref()),
        ("fetch.root", template.fetch.root.as_ref()),
    ];
    if let Some(pull) = &template.pull {
        paths
            .extend([("pull.total", pull.total.as_ref()), ("pull.newest_first", pull.newest_first.as_ref())]);
    }
    paths.extend(template.gather.iter().map(|step| ("gather.belongs", step.belongs.as_ref())));
    if let Some(pipelines) = &template.pipelines {
        let stages = &pipelines.stages;
        paths.extend([
            ("pipelines.id", Some(&pipelines.id)),
            ("pipelines.name", Some(&pipelines.name)),
            ("pipelines.stages.inside", stages.inside.as_ref()),
            ("pipelines.stages.pipeline", stages.pipeline.as_ref()),
            ("pipelines.stages.id", Some(&stages.id)),
            ("pipelines.stages.name", Some(&stages.name)),
        ]);
        paths.extend(stages.won.keys().map(|path| ("pipelines.stages.won", Some(path))));
    }
    if let Some(locations) = &template.locations {
        paths.extend([
            ("locations.id", Some(&locations.id)),
            ("locations.name", Some(&locations.name)),
            ("locations.timezone", locations.timezone.as_ref()),
            ("locations.country", locations.country.as_ref()),
        ]);
    }
    let named = paths.into_iter().filter_map(|(field, path)| Some((field.to_owned(), path?)));
    let of_lists = lists(template).into_iter().flat_map(|(field, list, _)| {
        let turned = match &list.pages {
            Some(Pages::Cursor { next, .. } | Pages::Url { next }) => [Some(next), None],
            Some(Pages::Page { more, last, .. }) => [more.as_ref(), last.as_ref()],
            Some(Pages::Offset { more, .. }) => [more.as_ref(), None],
            Some(Pages::Link) | None => [None, None],
        };
        let turned = turned.into_iter().flatten().map(move |path| (format!("{field}.pages"), path));
        turned.chain([(format!("{field}.records"), &list.records)])
    });
    named.chain(of_lists).collect()
}

/// That a call stays below the base URL, and that each of its places is one we fill.
fn check_call(call: &Call<'_>, template: &Template) -> Result<(), Fault> {
    let field = |part: &str| format!("{}.{part}", call.field);
    if call.get.starts_with('/') || call.get.contains("://") {
        let message = "a path below the base URL: without https:// and without a slash at its beginning";
        return Err(fault(field("get"), message));
    }
    check_places(&field("get"), call.get, call, template)?;
    for (_, value) in call.query.into_iter().flatten() {
        for text in value.texts() {
            check_places(&field("query"), &text, call, template)?;
        }
    }
    for (_, text) in call.headers.into_iter().flatten() {
        check_places(&field("headers"), text, call, template)?;
    }
    Ok(())
}

fn check_places(field: &str, text: &str, call: &Call<'_>, template: &Template) -> Result<(), Fault> {
    for place in text.split('{').skip(1) {
        let name = place.split('}').next().unwrap_or_default();
        let is_setting = |name: &str| template.settings.iter().any(|known| known.name == name);
        let known = match name.strip_prefix("setting.") {
            Some(setting) => is_setting(setting),
            None => call.places.contains(&name),
        };
        if !known || !place.contains('}') {
            let own = call.places.iter().map(|name| (*name).to_owned());
            let settings = template.settings.iter().map(|setting| format!("setting.{}", setting.name));
            let all: Vec<String> = own.chain(settings).map(|name| format!("{{{name}}}")).collect();
            let all = if all.is_empty() {
                "none, and the template has no settings".to_owned()
            } else {
                all.join(", ")
            };
            let message = format!("nothing fills the place {{{name}}}; the places of this call are {all}");
            return Err(fault(field, message));
        }
    }
    Ok(())
}

fn check_pages(field: &'static str, list: &Listing) -> Result<(), Fault> {
    let ends = match &list.pages {
        Some(Pages::Page { more, last, size, .. }) => more.is_some() || last.is_some() || size.is_some(),
        Some(Pages::Offset { more, size, .. }) => more.is_some() || size.is_some(),
        _ => true,
    };
    if !ends {
        return Err(fault(format!("{field}.pages"), "say how the list ends: more, last or size"));
    }
    let turned = match &list.pages {
        Some(
            Pages::Cursor { parameter, .. } | Pages::Page { parameter, .. } | Pages::Offset { parameter, .. },
        ) => parameter,
        _ => return Ok(()),
    };
    if list.query.contains_key(turned) {
        let message =
            format!("{turned:?} is given by pages: leave it out of query, or the platform is told twice");
        return Err(fault(format!("{field}.query"), message));
    }
    Ok(())
}

fn check_step(step: &Gather, template: &Template) -> Result<(), Fault> {
    if !template.record.lists.contains_key(&step.member) && !template.record.members.contains(&step.member) {
        let message = format!("{:?} is none of record.lists and record.members", step.member);
        return Err(fault("gather.member", message));
    }
    if step.batch.is_some() && !step.list.names("{ids}") {
        return Err(fault("gather.list", "nothing names what is asked for: {ids}"));
    }
    if step.batch == Some(0) {
        return Err(fault("gather.batch", "at least 1"));
    }
    let alone = step.batch.is_none() && step.list.names("{id}");
    if !alone && step.of.is_none() && step.belongs.is_none() {
        let message = "say by which member each of them tells whose it is; or, with of, where the record says which it needs";
        return Err(fault("gather.belongs", message));
    }
    Ok(())
}
