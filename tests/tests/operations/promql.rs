//! As much of Prometheus's query language as the rules and the dashboard use; whatever else they would say is refused.
//!
//! Checked against `promtool test rules` on the same series: docs/operations/rules.test.yml.
#![allow(clippy::disallowed_types, reason = "what Prometheus keeps are floats; no amount is among them")]

use std::collections::BTreeMap;

pub(crate) type Labels = BTreeMap<String, String>;

/// A query.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expr {
    Number(f64),
    Select(Selector),
    /// `rate` or `increase` over a selector and so many seconds.
    Over(&'static str, Selector, i64),
    Quantile(f64, Box<Expr>),
    Aggregate(&'static str, Vec<String>, Box<Expr>),
    Binary(&'static str, Box<Expr>, Box<Expr>),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Selector {
    pub(crate) name: String,
    pub(crate) matchers: Vec<(String, &'static str, String)>,
}

impl Selector {
    pub(crate) fn takes(&self, name: &str, labels: &Labels) -> bool {
        name == self.name
            && self.matchers.iter().all(|(label, operator, wanted)| {
                let value = labels.get(label).map_or("", String::as_str);
                // A pattern here is a list of words, or anything.
                let among = wanted == ".*" || wanted.split('|').any(|word| word == value);
                match *operator {
                    "=" => value == wanted,
                    "!=" => value != wanted,
                    "=~" => among,
                    _ => !among,
                }
            })
    }
}

/// Reads a query.
pub(crate) fn parse(text: &str) -> Expr {
    let mut parser = Parser { tokens: tokens(text), at: 0 };
    let expr = parser.lowest();
    assert_eq!(parser.at, parser.tokens.len(), "more than a query: {text}");
    expr
}

const OPERATORS: [&str; 16] =
    ["=~", "!~", "!=", "==", ">=", "<=", "=", ">", "<", "*", "/", "(", ")", "{", "}", ","];

fn tokens(text: &str) -> Vec<String> {
    let mut rest = text.trim_start();
    let mut tokens = Vec::new();
    while !rest.is_empty() {
        let length = if let Some(quoted) = rest.strip_prefix('"') {
            quoted.find('"').expect("an open string") + 2
        } else if rest.starts_with('[') {
            rest.find(']').expect("an open range") + 1
        } else if let Some(operator) = OPERATORS.iter().find(|operator| rest.starts_with(**operator)) {
            operator.len()
        } else {
            rest.find(|c: char| !c.is_ascii_alphanumeric() && !"_:.".contains(c)).unwrap_or(rest.len())
        };
        assert!(length > 0, "no query: {rest:?}");
        tokens.push(rest[..length].to_owned());
        rest = rest[length..].trim_start();
    }
    tokens
}

struct Parser {
    tokens: Vec<String>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> &str {
        self.tokens.get(self.at).map_or("", String::as_str)
    }

    fn next(&mut self) -> String {
        self.at += 1;
        self.tokens[self.at - 1].clone()
    }

    fn expect(&mut self, token: &str) {
        let found = self.next();
        assert_eq!(found, token, "in {:?}", self.tokens);
    }

    fn binary(&mut self, operators: &[&'static str], operand: fn(&mut Self) -> Expr) -> Expr {
        let mut left = operand(self);
        while let Some(operator) = operators.iter().find(|operator| **operator == self.peek()) {
            self.at += 1;
            left = Expr::Binary(operator, Box::new(left), Box::new(operand(self)));
        }
        left
    }

    fn lowest(&mut self) -> Expr {
        self.binary(&["or"], |p| {
            p.binary(&["and"], |p| {
                p.binary(&["==", "!=", ">=", "<=", ">", "<"], |p| p.binary(&["*", "/"], Self::operand))
            })
        })
    }

    fn operand(&mut self) -> Expr {
        let token = self.next();
        match token.as_str() {
            "(" => {
                let inner = self.lowest();
                self.expect(")");
                inner
            }
            "sum" => self.aggregate("sum"),
            "max" => self.aggregate("max"),
            "min" => self.aggregate("min"),
            "rate" => self.over("rate"),
            "increase" => self.over("increase"),
            "histogram_quantile" => {
                self.expect("(");
                let quantile = self.next().parse().unwrap();
                self.expect(",");
                let of = self.lowest();
                self.expect(")");
                Expr::Quantile(quantile, Box::new(of))
            }
            number if number.starts_with(|c: char| c.is_ascii_digit()) => {
                Expr::Number(number.parse().unwrap())
            }
            _ => Expr::Select(self.selector(token)),
        }
    }

    fn aggregate(&mut self, operator: &'static str) -> Expr {
        let mut by = Vec::new();
        if self.peek() == "by" {
            self.at += 1;
            self.expect("(");
            while self.peek() != ")" {
                by.push(self.next());
                if self.peek() == "," {
                    self.at += 1;
                }
            }
            self.expect(")");
        }
        self.expect("(");
        let of = self.lowest();
        self.expect(")");
        Expr::Aggregate(operator, by, Box::new(of))
    }

    fn over(&mut self, function: &'static str) -> Expr {
        self.expect("(");
        let name = self.next();
        let selector = self.selector(name);
        let range = self.next();
        let range = range.strip_prefix('[').and_then(|range| range.strip_suffix(']')).expect("a range");
        self.expect(")");
        Expr::Over(function, selector, seconds(range))
    }

    fn selector(&mut self, name: String) -> Selector {
        assert!(name.starts_with(|c: char| c.is_ascii_lowercase()), "no metric: {name}");
        let mut matchers = Vec::new();
        if self.peek() == "{" {
            self.at += 1;
            while self.peek() != "}" {
                let label = self.next();
                let operator = self.next();
                let operator =
                    ["=~", "!~", "!=", "="].into_iter().find(|o| **o == operator).expect("a matcher");
                matchers.push((label, operator, self.next().trim_matches('"').to_owned()));
                if self.peek() == "," {
                    self.at += 1;
                }
            }
            self.expect("}");
        }
        Selector { name, matchers }
    }
}

/// `5m` in seconds.
pub(crate) fn seconds(text: &str) -> i64 {
    let (number, unit) = text.split_at(text.len() - 1);
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => panic!("no duration: {text}"),
    };
    number.parse::<i64>().unwrap() * unit
}

impl Expr {
    /// Every selector in it.
    pub(crate) fn selectors(&self) -> Vec<&Selector> {
        match self {
            Self::Number(_) => Vec::new(),
            Self::Select(selector) | Self::Over(_, selector, _) => vec![selector],
            Self::Quantile(_, of) | Self::Aggregate(_, _, of) => of.selectors(),
            Self::Binary(_, left, right) => [left.selectors(), right.selectors()].concat(),
        }
    }

    /// Every label it groups by.
    pub(crate) fn groups(&self) -> Vec<&str> {
        match self {
            Self::Number(_) | Self::Select(_) | Self::Over(..) => Vec::new(),
            Self::Quantile(_, of) => of.groups(),
            Self::Aggregate(_, by, of) => [by.iter().map(String::as_str).collect(), of.groups()].concat(),
            Self::Binary(_, left, right) => [left.groups(), right.groups()].concat(),
        }
    }
}
