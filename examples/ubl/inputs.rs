//! Where documents come from: files, folders, lists of names, lines of JSON, standard input.

use std::{
    collections::VecDeque,
    ffi::OsStr,
    fs::{self, File},
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
};
use taxpoynt_ubl::MAX_BYTES;

/// Where to look, as the command line says.
#[derive(Debug)]
pub(crate) enum Place {
    /// A file, or a folder whose `*.xml` are meant.
    Path(PathBuf),
    /// `-`.
    StandardInput,
    /// A text file with a name a line.
    List(PathBuf),
    /// A file with an object a line, whose member `xml` is a document.
    JsonLines(PathBuf),
}

/// One document, read or still to be read.
pub(crate) struct Input {
    /// What it is called in the answer.
    pub(crate) name: String,
    body: Body,
}

enum Body {
    File(PathBuf),
    StandardInput,
    Text(Vec<u8>),
    Unreadable(String),
}

impl Input {
    fn file(path: PathBuf) -> Self {
        Self { name: path.to_string_lossy().into_owned(), body: Body::File(path) }
    }

    fn unreadable(path: &Path, why: impl std::fmt::Display) -> Self {
        Self { name: path.to_string_lossy().into_owned(), body: Body::Unreadable(why.to_string()) }
    }

    /// Its bytes; of one that is larger than a document may be, a byte more than the limit, which the engine refuses.
    ///
    /// # Errors
    /// One sentence why they cannot be read.
    pub(crate) fn read(self) -> Result<Vec<u8>, String> {
        match self.body {
            Body::Text(text) => Ok(text),
            Body::Unreadable(why) => Err(why),
            Body::StandardInput => limited(std::io::stdin().lock(), 0).map_err(|e| unreadable(&e)),
            Body::File(path) => {
                let file = File::open(&path).map_err(|e| unreadable(&e))?;
                let size = file.metadata().map_or(0, |m| m.len());
                limited(file, size).map_err(|e| unreadable(&e))
            }
        }
    }
}

fn limited(from: impl Read, size: u64) -> std::io::Result<Vec<u8>> {
    let most = MAX_BYTES as u64 + 1;
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(most)).unwrap_or(0));
    from.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The operating system's reason without its number.
fn unreadable(error: &std::io::Error) -> String {
    let text = error.to_string();
    let reason = text.split(" (os error").next().unwrap_or_default();
    format!("cannot be read: {}", reason.to_lowercase())
}

/// Every document of the places, in their order; a file of many is read as it is needed.
pub(crate) struct Inputs {
    places: VecDeque<Place>,
    names: VecDeque<PathBuf>,
    lines: Option<Lines>,
}

struct Lines {
    path: PathBuf,
    reader: BufReader<File>,
    number: usize,
    ended: bool,
}

impl Inputs {
    pub(crate) fn of(places: Vec<Place>) -> Self {
        Self { places: places.into(), names: VecDeque::new(), lines: None }
    }

    /// Goes into a place; what is one document, or cannot be gone into, is given back.
    fn enter(&mut self, place: Place) -> Option<Input> {
        match place {
            Place::StandardInput => {
                return Some(Input { name: "-".into(), body: Body::StandardInput });
            }
            Place::Path(path) if path.is_dir() => match documents_of(&path) {
                Ok(names) if names.is_empty() => {
                    return Some(Input::unreadable(&path, "a folder without any *.xml"));
                }
                Ok(names) => self.names = names,
                Err(e) => return Some(Input::unreadable(&path, unreadable(&e))),
            },
            Place::Path(path) => return Some(Input::file(path)),
            Place::List(path) => match names_in(&path) {
                Ok(names) => self.names = names,
                Err(why) => return Some(Input::unreadable(&path, why)),
            },
            Place::JsonLines(path) => match File::open(&path) {
                Ok(file) => {
                    self.lines = Some(Lines { path, reader: BufReader::new(file), number: 0, ended: false })
                }
                Err(e) => return Some(Input::unreadable(&path, unreadable(&e))),
            },
        }
        None
    }
}

impl Iterator for Inputs {
    type Item = Input;

    fn next(&mut self) -> Option<Input> {
        loop {
            if let Some(path) = self.names.pop_front() {
                return Some(Input::file(path));
            }
            if let Some(lines) = &mut self.lines {
                match lines.next() {
                    Some(input) => return Some(input),
                    None => self.lines = None,
                }
            }
            let place = self.places.pop_front()?;
            if let Some(input) = self.enter(place) {
                return Some(input);
            }
        }
    }
}

impl Lines {
    fn next(&mut self) -> Option<Input> {
        // A document at the limit, and again as much for its escapes.
        let most = 2 * MAX_BYTES as u64;
        while !self.ended {
            self.number += 1;
            let mut line = Vec::new();
            let body = match self.reader.by_ref().take(most).read_until(b'\n', &mut line) {
                Ok(0) => return None,
                Ok(read) if read as u64 == most => {
                    self.ended = true;
                    Body::Unreadable("the line is too long, and so what follows is not read".into())
                }
                Ok(_) if line.trim_ascii().is_empty() => continue,
                Ok(_) => document_in(&line),
                Err(e) => {
                    self.ended = true;
                    Body::Unreadable(unreadable(&e))
                }
            };
            return Some(Input { name: format!("{}:{}", self.path.to_string_lossy(), self.number), body });
        }
        None
    }
}

/// The document in a line of JSON.
fn document_in(line: &[u8]) -> Body {
    match serde_json::from_slice::<serde_json::Value>(line) {
        Ok(value) => match value.get("xml").and_then(serde_json::Value::as_str) {
            Some(xml) => Body::Text(xml.as_bytes().to_vec()),
            None => Body::Unreadable("the line has no member \"xml\" that is text".into()),
        },
        Err(e) => Body::Unreadable(format!("the line is not JSON: {e}")),
    }
}

/// The `*.xml` of a folder by name, not those of folders inside it.
fn documents_of(folder: &Path) -> std::io::Result<VecDeque<PathBuf>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let xml = path.extension().and_then(OsStr::to_str).is_some_and(|e| e.eq_ignore_ascii_case("xml"));
        if xml && !path.is_dir() {
            names.push(path);
        }
    }
    names.sort();
    Ok(names.into())
}

/// The names in a text file, one a line; blank lines are passed over.
fn names_in(path: &Path) -> Result<VecDeque<PathBuf>, String> {
    let text = fs::read_to_string(path).map_err(|e| unreadable(&e))?;
    Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(PathBuf::from).collect())
}
