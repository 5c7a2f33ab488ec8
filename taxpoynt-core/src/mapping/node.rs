//! A JSON value of a record, split into its parts when a rule first looks into it.

use crate::json::{self, Borrowed};
use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;
use std::{borrow::Cow, cell::OnceCell, fmt};

/// A value of the record, and its parts once they were asked for.
#[derive(Debug)]
pub(super) struct Node<'a> {
    json: &'a str,
    parts: OnceCell<Parts<'a>>,
}

#[derive(Debug)]
enum Parts<'a> {
    Members(Members<'a>),
    Elements(Vec<Node<'a>>),
}

/// Names and values in order; a name that is written twice stands twice.
type Members<'a> = Vec<(Cow<'a, str>, Node<'a>)>;

impl<'a> Node<'a> {
    /// A record: an object, whose member `root` is split together with it, because that is where rules look; and the lists
    /// of objects in both that go by a name of `lists`. None where the text is no JSON object.
    pub(super) fn record(text: &'a str, root: &str, lists: &[&str]) -> Option<Self> {
        // What is not laid out as expected is split when it is looked into.
        let members = read(text, Object { root: Some(root), lists, within: text })
            .or_else(|_| read(text, Object { root: Some(root), lists: &[], within: text }))
            .or_else(|_| read(text, Object { root: None, lists: &[], within: text }))
            .ok()?;
        Some(Self { json: text.trim_ascii(), parts: OnceCell::from(Parts::Members(members)) })
    }

    fn new(value: &'a RawValue) -> Self {
        Self { json: value.get(), parts: OnceCell::new() }
    }

    /// An object inside the text `within` that was split already. None where its own text cannot be found any more.
    fn object(within: &'a str, members: Members<'a>) -> Option<Self> {
        let json = match (members.first(), members.last()) {
            (Some((Cow::Borrowed(name), _)), Some((_, value))) => {
                around(within, name, value.json, ['{', '}'])?
            }
            (Some(_), _) => return None,
            _ => "{}",
        };
        Some(Self { json, parts: OnceCell::from(Parts::Members(members)) })
    }

    /// A list of objects inside the text `within` that was split already.
    fn list(within: &'a str, elements: Vec<Self>) -> Option<Self> {
        let json = match (elements.first(), elements.last()) {
            (Some(first), Some(last)) => around(within, first.json, last.json, ['[', ']'])?,
            _ => "[]",
        };
        Some(Self { json, parts: OnceCell::from(Parts::Elements(elements)) })
    }

    /// Its JSON text.
    pub(super) fn json(&self) -> &'a str {
        self.json
    }

    pub(super) fn is_null(&self) -> bool {
        self.json == "null"
    }

    fn is_list(&self) -> bool {
        self.json.starts_with('[')
    }

    fn parts(&self) -> &Parts<'a> {
        self.parts.get_or_init(|| match self.json.as_bytes().first() {
            Some(b'{') => {
                let object = Object { root: None, lists: &[], within: self.json };
                Parts::Members(read(self.json, object).unwrap_or_default())
            }
            Some(b'[') => {
                let objects = read(self.json, Objects { within: self.json });
                Parts::Elements(objects.unwrap_or_else(|_| elements(self.json)))
            }
            _ => Parts::Elements(Vec::new()),
        })
    }

    /// Its elements, where it is a list.
    pub(super) fn elements(&self) -> &[Self] {
        if let Parts::Elements(elements) = self.parts() { elements } else { &[] }
    }

    /// A member that is not null. A name written twice: the last one counts, as in every JSON reader the platforms' own
    /// clients use.
    pub(super) fn member(&self, name: &str) -> Option<&Self> {
        if !self.json.starts_with('{') {
            return None;
        }
        let Parts::Members(members) = self.parts() else { return None };
        members.iter().rev().find(|(n, _)| n == name).map(|(_, value)| value).filter(|v| !v.is_null())
    }

    /// An element of a list; anything else counts as a list of one.
    pub(super) fn element(&self, index: usize) -> Option<&Self> {
        if self.is_list() { self.elements().get(index) } else { (index == 0).then_some(self) }
    }

    /// How many elements it counts as.
    pub(super) fn length(&self) -> usize {
        if self.is_list() { self.elements().len() } else { 1 }
    }
}

/// The text from the bracket before `first` to the one after `last`: between them and their brackets stand blanks and the
/// quote of a name only.
fn around<'a>(text: &'a str, first: &str, last: &str, brackets: [char; 2]) -> Option<&'a str> {
    let start = text.get(..offset(text, first)?)?.rfind(brackets[0])?;
    let after = offset(text, last)?.checked_add(last.len())?;
    let end = after + text.get(after..)?.find(brackets[1])? + 1;
    text.get(start..end)
}

/// Where `part`, a slice of `text`, starts in it; none where it is a text of its own.
fn offset(text: &str, part: &str) -> Option<usize> {
    let at = (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    (at + part.len() <= text.len()).then_some(at)
}

fn elements(json: &str) -> Vec<Node<'_>> {
    json::elements(json).unwrap_or_default().into_iter().map(Node::new).collect()
}

fn read<'a, S: DeserializeSeed<'a>>(json: &'a str, seed: S) -> serde_json::Result<S::Value> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let value = seed.deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// An object to be split, inside the text `within`; in the same pass its member `root`, which is an object, and its members
/// `lists`, which are lists of objects.
#[derive(Clone, Copy)]
struct Object<'s, 'a> {
    root: Option<&'s str>,
    lists: &'s [&'s str],
    within: &'a str,
}

impl<'a> DeserializeSeed<'a> for Object<'_, 'a> {
    type Value = Members<'a>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for Object<'_, 'a> {
    type Value = Members<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        // As many as a line of a till usually has.
        let mut members = Vec::with_capacity(16);
        while let Some(Borrowed(name)) = map.next_key::<Borrowed<'a>>()? {
            let value = if self.root == Some(&name) {
                let inner = map.next_value_seed(Object { root: None, ..self })?;
                Node::object(self.within, inner).ok_or_else(|| A::Error::custom("the object has no text"))?
            } else if self.lists.contains(&name.as_ref()) {
                let inner = map.next_value_seed(Objects { within: self.within })?;
                Node::list(self.within, inner).ok_or_else(|| A::Error::custom("the list has no text"))?
            } else {
                Node::new(map.next_value::<&'a RawValue>()?)
            };
            members.push((name, value));
        }
        Ok(members)
    }
}

/// A list of objects to be split with them in one pass. Anything else in it is an error.
#[derive(Clone, Copy)]
struct Objects<'a> {
    within: &'a str,
}

impl<'a> DeserializeSeed<'a> for Objects<'a> {
    type Value = Vec<Node<'a>>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'a> Visitor<'a> for Objects<'a> {
    type Value = Vec<Node<'a>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON list of objects")
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut nodes = Vec::new();
        let object = Object { root: None, lists: &[], within: self.within };
        while let Some(members) = list.next_element_seed(object)? {
            let node = Node::object(self.within, members);
            nodes.push(node.ok_or_else(|| A::Error::custom("the object has no text"))?);
        }
        Ok(nodes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_split_with_its_list_still_has_its_text() {
        let text = r#" { "order" : {"a": [ {"b" : "}{", "c":[{}] } , {}, {"d":1}], "e":2 } , "x": null } "#;
        let whole = Node::record(text, "order", &[]).unwrap();
        let order = whole.member("order").unwrap();
        assert_eq!(order.json(), r#"{"a": [ {"b" : "}{", "c":[{}] } , {}, {"d":1}], "e":2 }"#);
        let list: Vec<&str> = order.member("a").unwrap().elements().iter().map(Node::json).collect();
        assert_eq!(list, [r#"{"b" : "}{", "c":[{}] }"#, "{}", r#"{"d":1}"#]);
        assert_eq!(whole.json(), text.trim());
        let at_once = Node::record(text, "order", &["a"]).unwrap();
        let a = at_once.member("order").unwrap().member("a").unwrap();
        assert_eq!(a.json(), r#"[ {"b" : "}{", "c":[{}] } , {}, {"d":1}]"#);
        assert_eq!(a.elements().iter().map(Node::json).collect::<Vec<_>>(), list);
    }

    #[test]
    fn what_cannot_be_split_in_one_pass_is_split_in_two() {
        let mixed = Node::record(r#"{"order":[{"a":1},2,[3],{"\u0061":4}]}"#, "order", &["order"]).unwrap();
        let list: Vec<&str> = mixed.member("order").unwrap().elements().iter().map(Node::json).collect();
        assert_eq!(list, [r#"{"a":1}"#, "2", "[3]", r#"{"\u0061":4}"#]);
        assert_eq!(mixed.member("order").unwrap().element(3).unwrap().member("a").unwrap().json(), "4");
        let escaped = Node::record(r#"{"order":{"\u0061":{"b":1}}}"#, "order", &[]).unwrap();
        assert_eq!(escaped.member("order").unwrap().json(), r#"{"\u0061":{"b":1}}"#);
        for bad in ["", "[]", "1", "{", r#"{"order":}"#, r#"{"order":{}} x"#] {
            assert!(Node::record(bad, "order", &["a"]).is_none(), "{bad}");
        }
    }
}
