//! Reads every `*.xml` of a folder into the document model and writes it again into another:
//! `cargo run -p taxpoynt-ubl --example rewrite -- FROM TO`. What `parse` refuses is named on standard output.

use std::path::PathBuf;
use std::{env, error, fs};

fn main() -> Result<(), Box<dyn error::Error>> {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let (Some(from), Some(to)) = (arguments.next(), arguments.next()) else {
        return Err("give the folder to read and the folder to write to".into());
    };
    fs::create_dir_all(&to)?;
    for entry in fs::read_dir(&from)? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "xml") {
            continue;
        }
        let name = path.file_name().unwrap_or_default();
        match taxpoynt_ubl::parse(&fs::read(&path)?) {
            Ok(invoice) => fs::write(to.join(name), taxpoynt_ubl::to_xml(&invoice)?)?,
            Err(refusal) => println!("{}: {refusal}", name.to_string_lossy()),
        }
    }
    Ok(())
}
