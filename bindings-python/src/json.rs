//! Python data → JSON text, exactly: a number is written as it reads, and what has no exact form is refused by path.

use crate::errors::payload;
use pyo3::{
    prelude::*,
    sync::PyOnceLock,
    types::{PyBool, PyByteArray, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple, PyType},
};
use std::fmt;

/// The most digits at which the shortest form of a double is always the decimal its author meant.
const EXACT_DIGITS: usize = 15;

/// Deeper than any record; a structure that contains itself ends here.
const DEEPEST: usize = 100;

/// The JSON text of `bytes`, `str` (both taken as JSON already) or Python data.
pub(crate) fn text(value: &Bound<'_, PyAny>, operation: &'static str) -> PyResult<Vec<u8>> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(bytes.as_bytes().to_vec());
    }
    if let Ok(bytes) = value.cast::<PyByteArray>() {
        return Ok(bytes.to_vec());
    }
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(Writer { operation }.str(text, &Path::Root)?.into_bytes());
    }
    data(value, operation).map(String::into_bytes)
}

/// The JSON text of Python data; a `str` is a value like any other.
pub(crate) fn data(value: &Bound<'_, PyAny>, operation: &'static str) -> PyResult<String> {
    let mut out = String::new();
    Writer { operation }.value(value, &Path::Root, 0, &mut out)?;
    Ok(out)
}

/// JSON text as Python data, fractions as `Decimal`.
pub(crate) fn loaded<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    let exact = PyDict::new(py);
    exact.set_item("parse_float", decimal(py)?)?;
    py.import("json")?.call_method("loads", (text,), Some(&exact))
}

/// Where in the data we are: `order.line_items[0].quantity`.
enum Path<'a> {
    Root,
    Key(&'a Path<'a>, &'a str),
    Index(&'a Path<'a>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Key(Self::Root, key) => f.write_str(key),
            Self::Key(parent, key) => write!(f, "{parent}.{key}"),
            Self::Index(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

struct Writer {
    operation: &'static str,
}

impl Writer {
    fn value(
        &self,
        value: &Bound<'_, PyAny>,
        path: &Path<'_>,
        depth: usize,
        out: &mut String,
    ) -> PyResult<()> {
        if depth > DEEPEST {
            return Err(self.refused(value, path, "is nested too deeply, or contains itself"));
        }
        if value.is_none() {
            out.push_str("null");
        } else if let Ok(flag) = value.cast::<PyBool>() {
            out.push_str(if flag.is_true() { "true" } else { "false" });
        } else if let Ok(text) = value.cast::<PyString>() {
            out.push_str(&serde_json::Value::from(self.str(text, path)?).to_string());
        } else if value.is_instance_of::<PyInt>() {
            out.push_str(
                &plain::<PyInt>(value).map_err(|_| self.refused(value, path, "is too long a number"))?,
            );
        } else if value.is_instance_of::<PyFloat>() {
            out.push_str(&self.float(value, path)?);
        } else if value.is_instance(decimal(value.py())?)? {
            out.push_str(&self.decimal(value, path)?);
        } else if let Ok(members) = value.cast::<PyDict>() {
            self.object(members, path, depth, out)?;
        } else if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
            self.array(value, path, depth, out)?;
        } else {
            let name = value.get_type().name()?;
            return Err(self.refused(
                value,
                path,
                &format!("is a {name}; JSON has dict, list, str, numbers, bool, None"),
            ));
        }
        Ok(())
    }

    fn object(
        &self,
        members: &Bound<'_, PyDict>,
        path: &Path<'_>,
        depth: usize,
        out: &mut String,
    ) -> PyResult<()> {
        out.push('{');
        // A copy: writing a value may run Python code, and a dict that changes while it is read is undefined.
        for (position, (key, value)) in members.copy()?.iter().enumerate() {
            if position > 0 {
                out.push(',');
            }
            let key =
                key.cast::<PyString>().map_err(|_| self.refused(&key, path, "has a key that is not text"))?;
            let key = self.str(key, path)?;
            out.push_str(&serde_json::Value::from(key.as_str()).to_string());
            out.push(':');
            self.value(&value, &Path::Key(path, &key), depth + 1, out)?;
        }
        out.push('}');
        Ok(())
    }

    fn array(
        &self,
        items: &Bound<'_, PyAny>,
        path: &Path<'_>,
        depth: usize,
        out: &mut String,
    ) -> PyResult<()> {
        out.push('[');
        for (index, item) in items.try_iter()?.enumerate() {
            if index > 0 {
                out.push(',');
            }
            self.value(&item?, &Path::Index(path, index), depth + 1, out)?;
        }
        out.push(']');
        Ok(())
    }

    fn str(&self, text: &Bound<'_, PyString>, path: &Path<'_>) -> PyResult<String> {
        text.to_cow().map(Into::into).map_err(|_| self.refused(text, path, "holds half of a surrogate pair"))
    }

    /// A float counts by its shortest form. Past 15 digits that form is no longer what its author meant.
    fn float(&self, value: &Bound<'_, PyAny>, path: &Path<'_>) -> PyResult<String> {
        let shortest = plain::<PyFloat>(value)?;
        let mantissa = shortest.split('e').next().unwrap_or_default();
        if mantissa.chars().any(char::is_alphabetic) {
            return Err(self.refused(value, path, "is not a number JSON or money has"));
        }
        let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
        if digits.trim_matches('0').len() > EXACT_DIGITS {
            let message = format!(
                "is the float {shortest}: over {EXACT_DIGITS} digits are not exact; give a Decimal or text"
            );
            return Err(self.refused(value, path, &message));
        }
        Ok(shortest)
    }

    fn decimal(&self, value: &Bound<'_, PyAny>, path: &Path<'_>) -> PyResult<String> {
        if !value.call_method0("is_finite")?.extract::<bool>()? {
            return Err(self.refused(value, path, "is not a number JSON or money has"));
        }
        value.str()?.extract()
    }

    fn refused(&self, value: &Bound<'_, PyAny>, path: &Path<'_>, what: &str) -> PyErr {
        let field = path.to_string();
        let subject = if field.is_empty() { "the value" } else { field.as_str() };
        payload(value.py(), self.operation, &field, format!("{subject} {what}"))
    }
}

/// `repr` of the type itself, whatever a subclass (`numpy.float64`, an `IntEnum`) calls itself.
fn plain<T: pyo3::PyTypeInfo>(value: &Bound<'_, PyAny>) -> PyResult<String> {
    value.py().get_type::<T>().call_method1("__repr__", (value,))?.extract()
}

fn decimal(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static DECIMAL: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    DECIMAL.import(py, "decimal", "Decimal")
}
