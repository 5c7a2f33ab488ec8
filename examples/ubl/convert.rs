//! `convert`: a record of a platform made into UBL.

use super::{
    args::{Flag, Line},
    terminal::plain,
    verdict::Outcome,
};
use chrono::NaiveDate;
use std::{
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};
use taxpoynt_core::{
    connector::{Connector, Registry},
    pipeline::{self, Conversion, ConvertOptions, Issued},
    tenant::Tenant,
};
use taxpoynt_ubl::{DocumentType, Invoice, to_xml};

pub(crate) const USAGE: &str = "ubl convert --platform P --tenant T.json [--out DIR] FILE…";

pub(crate) const ABOUT: &str = "\
Makes UBL of what a platform holds: a till's sale or a CRM's deal. FILE is one record as JSON,
or - for standard input. Nothing is sent and nothing is stored.";

pub(crate) const FLAGS: &[Flag] = &[
    Flag { name: "--platform", value: Some("P"), help: "whose record it is: square, hubspot" },
    Flag {
        name: "--tenant",
        value: Some("T.json"),
        help: "the seller's settings, such as examples/quickstart/tenant.json",
    },
    Flag {
        name: "--out",
        value: Some("DIR"),
        help: "write NUMBER.xml into a folder, not to standard output",
    },
    Flag { name: "--sequence", value: Some("N"), help: "first number of each series (default 1)" },
    Flag {
        name: "--issue-date",
        value: Some("DATE"),
        help: "such as 2026-11-02 (default: the day of the sale)",
    },
];

pub(crate) const AFTER: &str = "\
Several records are numbered one after the other, and a refund finds its sale among the records before it.
A record that waits for something makes no document; why is said on standard error.
Exit code: 0 all are converted, 1 some wait, 2 some cannot be used, or the command was not understood.";

/// What the command line asks for.
struct Wanted {
    registry: Registry,
    platform: String,
    tenant: Tenant,
    out: Option<PathBuf>,
    issue_date: Option<NaiveDate>,
    sequence: u64,
}

impl Wanted {
    fn read(line: &Line) -> Result<Self, String> {
        let mut registry = Registry::new();
        taxpoynt_connectors::register_all(&mut registry);
        let platform = match line.value("--platform")? {
            Some(platform) => platform.to_string_lossy().into_owned(),
            None => return Err(format!("--platform is missing; there is {}", platforms(&registry))),
        };
        registry.get(&platform).map_err(|e| e.to_string())?;
        let tenant = line
            .value("--tenant")?
            .map(Path::new)
            .ok_or("--tenant is missing: the seller's settings as JSON")?;
        let text = fs::read(tenant).map_err(|e| format!("{}: {e}", tenant.display()))?;
        let tenant = tenant_of(&text, &platform).map_err(|why| format!("{}: {why}", tenant.display()))?;
        let date = |text: &str| {
            text.parse().map_err(|_| format!("--issue-date {text:?} is no date; write it as 2026-11-02"))
        };
        let number = |text: &str| {
            text.parse().map_err(|_| format!("--sequence {text:?} is no number; write it as 17"))
        };
        let text = |name| line.value(name).map(|v| v.map(|v| v.to_string_lossy().into_owned()));
        Ok(Self {
            tenant,
            issue_date: text("--issue-date")?.as_deref().map(date).transpose()?,
            sequence: text("--sequence")?.as_deref().map(number).transpose()?.unwrap_or(1),
            out: line.value("--out")?.map(PathBuf::from),
            registry,
            platform,
        })
    }
}

fn platforms(registry: &Registry) -> String {
    registry.iter().map(|connector| connector.info().id).collect::<Vec<_>>().join(", ")
}

/// A tenant file holds one tenant, or one for each platform.
fn tenant_of(text: &[u8], platform: &str) -> Result<Tenant, String> {
    let value: serde_json::Value = serde_json::from_slice(text).map_err(|e| format!("is not JSON: {e}"))?;
    let own = value.get(platform).filter(|_| value.get("name").is_none());
    let text = own.map_or_else(|| text.to_vec(), |tenant| tenant.to_string().into_bytes());
    Tenant::from_json(&text).map_err(|e| e.to_string())
}

/// Runs the command.
///
/// # Errors
/// One sentence about a command line that makes no sense, or about an output that cannot be written.
pub(crate) fn run(line: Line) -> Result<Outcome, String> {
    let wanted = Wanted::read(&line)?;
    let connector = wanted.registry.get(&wanted.platform).map_err(|e| e.to_string())?;
    if let Some(out) = &wanted.out {
        fs::create_dir_all(out).map_err(|e| format!("{}: {e}", out.display()))?;
    }
    let mut book = Book::of(&wanted);
    let mut worst = Outcome::Valid;
    let mut files = 0;
    for file in line.words() {
        files += 1;
        let path = Path::new(file);
        let name = plain(&path.to_string_lossy()).into_owned();
        match book.convert(&**connector, path) {
            Err(why) => {
                eprintln!("{name}: {}", plain(&why));
                worst = Outcome::Unreadable;
            }
            Ok(Converted { documents, held }) => {
                for why in held {
                    eprintln!("{name}: waits: {}", plain(&why));
                    worst = worst.max(Outcome::Faulty);
                }
                for document in documents {
                    write(&name, &document, wanted.out.as_deref())?;
                }
            }
        }
    }
    if files == 0 {
        return Err("which records? Name files, or - for standard input".into());
    }
    Ok(worst)
}

/// An error for people: its sentence, and the field where that does not name it.
fn sentence(error: &taxpoynt_core::Error) -> String {
    let field = error.context().iter().find(|(name, _)| *name == "field").map(|(_, field)| field.as_str());
    match field {
        Some(field) if !error.message().contains(field) => format!("{field}: {}", error.message()),
        _ => error.message().to_owned(),
    }
}

/// What became of one record.
#[derive(Default)]
struct Converted {
    documents: Vec<Conversion>,
    held: Vec<String>,
}

/// The numbers taken and the invoices issued so far.
struct Book<'w> {
    wanted: &'w Wanted,
    next_invoice: u64,
    next_credit_note: u64,
    issued: Vec<Issued>,
}

impl<'w> Book<'w> {
    fn of(wanted: &'w Wanted) -> Self {
        let first = wanted.sequence;
        Self { wanted, next_invoice: first, next_credit_note: first, issued: Vec::new() }
    }

    fn convert(&mut self, connector: &dyn Connector, path: &Path) -> Result<Converted, String> {
        let record = read(path)?;
        let convert = |sequence| {
            let options = ConvertOptions {
                rules: None,
                issued: &self.issued,
                sequence: Some(sequence),
                issue_date: self.wanted.issue_date,
                ..ConvertOptions::default()
            };
            pipeline::convert(connector, &record, &self.wanted.tenant, &options).map_err(|e| sentence(&e))
        };
        // One record can give documents of both series, and a call counts both from one number.
        let (invoices, notes) =
            (sorted(convert(self.next_invoice)?), sorted(convert(self.next_credit_note)?));
        let mut documents: Vec<_> =
            invoices.documents.into_iter().filter(|d| !is_credit_note(&d.invoice)).collect();
        self.next_invoice += documents.len() as u64;
        let notes: Vec<_> = notes.documents.into_iter().filter(|d| is_credit_note(&d.invoice)).collect();
        self.next_credit_note += notes.len() as u64;
        documents.extend(notes);
        self.issued.extend(documents.iter().filter_map(|d| issued(&d.invoice)));
        Ok(Converted { documents, held: invoices.held })
    }
}

fn sorted(outcomes: Vec<pipeline::Outcome>) -> Converted {
    let mut converted = Converted::default();
    for outcome in outcomes {
        match outcome {
            pipeline::Outcome::Document(document) => converted.documents.push(*document),
            pipeline::Outcome::Held(held) => converted.held.push(format!("{} ({})", held.message, held.code)),
        }
    }
    converted
}

fn is_credit_note(invoice: &Invoice) -> bool {
    invoice.document_type == DocumentType::CreditNote
}

/// An invoice as a later refund looks for it.
fn issued(invoice: &Invoice) -> Option<Issued> {
    let source_id = invoice.source_id.clone().filter(|_| !is_credit_note(invoice))?;
    let (number, irn) = (invoice.number.clone(), invoice.irn.as_ref().map(ToString::to_string));
    Some(Issued {
        source_id,
        number,
        issue_date: invoice.issue_date,
        irn,
        invoice: Some(Box::new(invoice.clone())),
    })
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let mut record = Vec::new();
    let read = match path == Path::new("-") {
        true => io::stdin().lock().read_to_end(&mut record).map(|_| ()),
        false => fs::read(path).map(|bytes| record = bytes),
    };
    read.map(|()| record).map_err(|e| format!("cannot be read: {e}"))
}

fn write(source: &str, document: &Conversion, out: Option<&Path>) -> Result<(), String> {
    let invoice = &document.invoice;
    let xml = to_xml(invoice).map_err(|e| format!("{source}: {e}"))?;
    for remark in &document.remarks {
        eprintln!("{source}: note: {}", plain(remark));
    }
    let Some(out) = out else {
        let mut output = io::stdout().lock();
        let written = output.write_all(&xml).and_then(|()| output.write_all(b"\n"));
        return match written {
            Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(format!("the output: {e}")),
            _ => Ok(()),
        };
    };
    let path = out.join(format!("{}.xml", file_name(&invoice.number)));
    fs::write(&path, &xml).map_err(|e| format!("{}: {e}", path.display()))?;
    let payable = invoice.totals.payable_amount;
    println!("{source}: {}, {payable} {} to pay", path.display(), invoice.currency);
    Ok(())
}

/// A document's number without what a file cannot be called.
fn file_name(number: &str) -> String {
    let kept = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' };
    number.chars().map(kept).collect()
}
