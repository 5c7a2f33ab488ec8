//! A judge for the keywords that the reference schema uses; a keyword it does not know stops the test.

use serde_json::Value;

/// A schema.
pub(crate) struct Schema(Value);

/// Keywords that judge nothing by themselves, or that are read with another one.
const SILENT: [&str; 8] =
    ["$schema", "$id", "title", "$defs", "then", "properties", "additionalProperties", "if"];

impl Schema {
    pub(crate) fn new(schema: Value) -> Self {
        Self(schema)
    }

    /// The first fault of an instance.
    pub(crate) fn fault(&self, instance: &Value) -> Option<String> {
        self.judge(&self.0, instance, "")
    }

    fn judge(&self, schema: &Value, instance: &Value, at: &str) -> Option<String> {
        let keywords = schema.as_object().unwrap();
        keywords
            .iter()
            .find_map(|(keyword, value)| self.keyword(keyword, value, instance, at))
            .or_else(|| self.members(schema, instance, at))
            .or_else(|| self.condition(schema, instance, at))
    }

    fn keyword(&self, keyword: &str, value: &Value, instance: &Value, at: &str) -> Option<String> {
        let holds = match keyword {
            "$ref" => {
                let target = self.0.pointer(value.as_str().unwrap().trim_start_matches('#')).unwrap();
                return self.judge(target, instance, at);
            }
            "allOf" => {
                return value.as_array().unwrap().iter().find_map(|part| self.judge(part, instance, at));
            }
            "oneOf" => {
                let all = value.as_array().unwrap();
                all.iter().filter(|part| self.judge(part, instance, at).is_none()).count() == 1
            }
            "items" => {
                let elements = instance.as_array().into_iter().flatten().enumerate();
                return elements
                    .filter_map(|(nth, element)| self.judge(value, element, &format!("{at}/{nth}")))
                    .next();
            }
            "type" => is(instance, value.as_str().unwrap()),
            "enum" => value.as_array().unwrap().contains(instance),
            "required" => {
                let names = value.as_array().unwrap();
                !instance.is_object()
                    || names.iter().all(|name| instance.get(name.as_str().unwrap()).is_some())
            }
            "minLength" => length(instance).is_none_or(|length| length >= value.as_u64().unwrap()),
            "maxLength" => length(instance).is_none_or(|length| length <= value.as_u64().unwrap()),
            "minItems" => instance.as_array().is_none_or(|list| list.len() as u64 >= value.as_u64().unwrap()),
            "minimum" => instance.as_f64().is_none_or(|number| number >= value.as_f64().unwrap()),
            "maximum" => instance.as_f64().is_none_or(|number| number <= value.as_f64().unwrap()),
            "exclusiveMinimum" => instance.as_f64().is_none_or(|number| number > value.as_f64().unwrap()),
            "format" => {
                assert_eq!(value, "uuid");
                instance.as_str().is_none_or(uuid)
            }
            "pattern" => instance.as_str().is_none_or(|text| matches(value.as_str().unwrap(), text)),
            silent => {
                assert!(SILENT.contains(&silent), "the schema uses {silent}");
                true
            }
        };
        (!holds).then(|| format!("{at} breaks {keyword} {value}"))
    }

    fn members(&self, schema: &Value, instance: &Value, at: &str) -> Option<String> {
        let closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
        instance.as_object()?.iter().find_map(|(name, member)| match schema["properties"].get(name) {
            Some(known) => self.judge(known, member, &format!("{at}/{name}")),
            None => closed.then(|| format!("{at}/{name} is not known")),
        })
    }

    fn condition(&self, schema: &Value, instance: &Value, at: &str) -> Option<String> {
        let applies = self.judge(schema.get("if")?, instance, at).is_none();
        if applies { self.judge(&schema["then"], instance, at) } else { None }
    }
}

fn is(instance: &Value, kind: &str) -> bool {
    match kind {
        "object" => instance.is_object(),
        "array" => instance.is_array(),
        "string" => instance.is_string(),
        "number" => instance.is_number(),
        "boolean" => instance.is_boolean(),
        other => panic!("the schema uses type {other}"),
    }
}

fn length(instance: &Value) -> Option<u64> {
    instance.as_str().map(|text| text.chars().count() as u64)
}

fn uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// One element of a pattern: which characters, how often.
struct Piece {
    fits: Vec<(char, char)>,
    excludes: bool,
    least: usize,
    most: usize,
}

/// The patterns of the schema are classes, groups, alternatives and counts; nothing more is understood.
fn matches(pattern: &str, text: &str) -> bool {
    let inner = pattern.strip_prefix('^').and_then(|rest| rest.strip_suffix('$')).unwrap();
    let text: Vec<char> = text.chars().collect();
    ends(inner, &text).contains(&text.len())
}

/// Where a match from the start of `text` can end.
fn ends(pattern: &str, text: &[char]) -> Vec<usize> {
    let mut places = vec![0];
    let mut rest = pattern;
    while !rest.is_empty() {
        let next;
        (places, next) = if let Some(group) = rest.strip_prefix('(') {
            let close = group.find(')').unwrap();
            let (body, after) = (&group[..close], &group[close + 1..]);
            let optional = after.starts_with('?');
            let mut reached: Vec<usize> = places
                .iter()
                .flat_map(|at| {
                    body.split('|').flat_map(move |branch| {
                        ends(branch, &text[*at..]).into_iter().map(move |end| at + end)
                    })
                })
                .collect();
            if optional {
                reached.extend(&places);
            }
            (reached, &after[usize::from(optional)..])
        } else {
            let (piece, after) = piece(rest);
            (places.iter().flat_map(|at| runs(&piece, text, *at)).collect(), after)
        };
        rest = next;
    }
    places
}

fn runs(piece: &Piece, text: &[char], from: usize) -> Vec<usize> {
    let fits = |c: &char| piece.fits.iter().any(|(low, high)| (low..=high).contains(&c)) != piece.excludes;
    let most = text[from..].iter().take(piece.most).take_while(|c| fits(c)).count();
    (piece.least..=most).map(|count| from + count).collect()
}

fn piece(pattern: &str) -> (Piece, &str) {
    let (fits, excludes, rest) = if let Some(class) = pattern.strip_prefix('[') {
        let close = class.find(']').unwrap();
        let excludes = class.starts_with('^');
        let body = class[usize::from(excludes)..close].replace("\\s", " \t\n\r");
        let body: Vec<char> = body.chars().collect();
        let mut fits = Vec::new();
        let mut at = 0;
        while at < body.len() {
            if body.get(at + 1) == Some(&'-') && at + 2 < body.len() {
                fits.push((body[at], body[at + 2]));
                at += 3;
            } else {
                fits.push((body[at], body[at]));
                at += 1;
            }
        }
        (fits, excludes, &class[close + 1..])
    } else {
        let escaped = usize::from(pattern.starts_with('\\'));
        let literal = pattern[escaped..].chars().next().unwrap();
        (vec![(literal, literal)], false, &pattern[escaped + literal.len_utf8()..])
    };
    let (least, most, rest) = count(rest);
    (Piece { fits, excludes, least, most }, rest)
}

fn count(rest: &str) -> (usize, usize, &str) {
    match rest.chars().next() {
        Some('+') => (1, usize::MAX, &rest[1..]),
        Some('*') => (0, usize::MAX, &rest[1..]),
        Some('?') => (0, 1, &rest[1..]),
        Some('{') => {
            let close = rest.find('}').unwrap();
            let (least, most) = rest[1..close].split_once(',').unwrap_or((&rest[1..close], &rest[1..close]));
            (least.parse().unwrap(), most.parse().unwrap(), &rest[close + 1..])
        }
        _ => (1, 1, rest),
    }
}

#[test]
fn the_patterns_are_read_as_regular_expressions() {
    for (pattern, yes, no) in [
        ("^[A-Za-z0-9]+-[A-Za-z0-9]{8}-[0-9]{8}$", "A1-7E1F0C2D-20261102", "A1-7E1F0C2-20261102"),
        ("^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$", "23:59:00", "24:00:00"),
        ("^[0-9]{4}(\\.?[0-9]{2,4})?$", "2106.90", "2106."),
        ("^[0-9]{4}(\\.?[0-9]{2,4})?$", "2106", "210"),
        ("^[^@\\s]+@[^@\\s]+$", "a@b", "a@b@c"),
        ("^\\+[0-9]{6,19}$", "+234801", "234801"),
    ] {
        assert!(matches(pattern, yes), "{pattern} {yes}");
        assert!(!matches(pattern, no), "{pattern} {no}");
    }
}
