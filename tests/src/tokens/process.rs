//! Processes that use one connection on one database file: each opens an engine of its own, says that it is ready, and
//! does as it is told.

use super::{Gated, KINDS};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{ChildStdin, ChildStdout, Command, Stdio},
    sync::Arc,
};
use taxpoynt_core::{
    Engine,
    connector::Registry,
    engine::{App, EngineOptions},
    store::Sqlite,
};
use tokio::task::JoinSet;
use uuid::Uuid;

/// What a process is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Order {
    /// The database.
    pub database: PathBuf,
    /// The key of its secrets. It is made for the test.
    pub key: String,
    /// The connection to use.
    pub connection: Uuid,
    /// So many callers at once.
    pub callers: usize,
}

/// What a process did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Callers that were served.
    pub served: usize,
    /// The errors of the others.
    pub failed: Vec<String>,
}

/// The options of an engine with every kind of gate.
#[must_use]
pub fn options(key: SecretString) -> EngineOptions {
    let mut registry = Registry::new();
    for kind in 0..KINDS.len() {
        registry.register(Gated::of(kind));
    }
    let mut options = EngineOptions::new(vec![key], registry);
    options.allow_hosts = vec!["127.0.0.1".into()];
    for kind in KINDS {
        let app = App {
            client_id: Some("gate-client".into()),
            client_secret: Some("gate-secret".to_owned().into()),
            redirect_uris: vec!["https://host.example/callback".into()],
            ..App::default()
        };
        options.apps.insert(kind.to_owned(), app);
    }
    options
}

/// A running process.
pub struct Child {
    process: std::process::Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// Starts a process and waits until it is ready.
///
/// # Panics
/// Where it does not start.
#[must_use]
pub fn child(program: &Path, order: &Order) -> Child {
    let mut process =
        Command::new(program).arg("--child").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = process.stdin.take().unwrap();
    let mut output = BufReader::new(process.stdout.take().unwrap());
    writeln!(input, "{}", serde_json::to_string(order).unwrap()).unwrap();
    let mut ready = String::new();
    output.read_line(&mut ready).unwrap();
    assert_eq!(ready.trim(), "ready");
    Child { process, input, output }
}

impl Child {
    /// Lets its callers go.
    ///
    /// # Panics
    /// Where it has ended.
    pub fn go(&mut self) {
        writeln!(self.input, "go").unwrap();
    }

    /// What it did.
    ///
    /// # Panics
    /// Where it was killed.
    #[must_use]
    pub fn done(mut self) -> Done {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        assert!(self.process.wait().unwrap().success());
        serde_json::from_str(&line).unwrap()
    }

    /// Kills it, and returns when it is dead.
    ///
    /// # Panics
    /// Where it cannot be.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// What a started process does.
///
/// # Panics
/// Where it cannot.
pub async fn serve_as_child() {
    let mut lines = std::io::stdin().lines();
    let order: Order = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    let store = Sqlite::open(&format!("sqlite://{}", order.database.display())).await.unwrap();
    let options = options(order.key.clone().into());
    let engine = Engine::assemble(Arc::new(store), crate::network(), options).await.unwrap();
    // Each has read the connection with the token that has ended before the first one refreshes it.
    println!("ready");
    assert_eq!(lines.next().unwrap().unwrap(), "go");
    let mut callers = JoinSet::new();
    for _ in 0..order.callers {
        let engine = engine.clone();
        callers.spawn(async move { engine.test_connection(order.connection, None).await });
    }
    let mut done = Done::default();
    while let Some(called) = callers.join_next().await {
        match called.unwrap() {
            Ok(_) => done.served += 1,
            Err(error) => done.failed.push(error.to_string()),
        }
    }
    println!("{}", serde_json::to_string(&done).unwrap());
}
