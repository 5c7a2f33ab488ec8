//! The binary prints one line of JSON and serves.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use serde_json::Value;
use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn the_binary_says_where_it_is_and_answers_there() {
    let child = Command::new(env!("CARGO_BIN_EXE_taxpoynt-sim"))
        .args(["--port", "0", "--now", "2026-11-20T10:00:00Z"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut running = Running(child);
    let mut line = String::new();
    BufReader::new(running.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let described: Value = serde_json::from_str(&line).unwrap();
    let mut screen = BufReader::new(running.0.stderr.take().unwrap()).lines();
    let shown = screen.find(|line| line.as_ref().unwrap().contains("consent page: oauth2/authorize"));
    assert!(shown.is_some_and(|line| line.unwrap().contains(described["urls"]["square"].as_str().unwrap())));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let health = format!("{}api", described["urls"]["authority"].as_str().unwrap());
    assert_eq!(http.get(health).send().await.unwrap().text().await.unwrap(), r#"{"healthy":true}"#);
    let control = described["control"].as_str().unwrap();
    let told: Value =
        serde_json::from_slice(&http.get(control).send().await.unwrap().bytes().await.unwrap()).unwrap();
    assert_eq!(told, described);
    for name in ["authority", "square", "hubspot", "pipedrive"] {
        assert!(described["credentials"][name].is_object(), "{name}");
    }
}

#[test]
fn a_wrong_argument_is_explained() {
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_taxpoynt-sim")).args(arguments).output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(run(&["--port", "high"]).contains("high is not a port"));
    assert!(run(&["--speed", "1"]).contains("--speed is unknown"));
    assert!(run(&["--port"]).contains("needs a value"));
}
