use std::time::Instant;
use taxpoynt_ubl::*;
fn t<R>(name: &str, n: usize, base: f64, mut f: impl FnMut() -> R) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..n {
        let s = Instant::now();
        std::hint::black_box(f());
        best = best.min(s.elapsed().as_secs_f64() * 1e6);
    }
    println!("{name:22} {best:10.1} us  {:.2}", base / best);
    best
}
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let xml = std::fs::read(&a[1]).unwrap();
    let n: usize = a[2].parse().unwrap();
    let only = a.get(3).cloned();
    if let Some(o) = only {
        for _ in 0..n {
            match o.as_str() {
                "en" => {
                    std::hint::black_box(validate(&xml, &[Ruleset::En16931]).unwrap());
                }
                "tree" => {
                    std::hint::black_box(validate(&xml, &[]).unwrap());
                }
                "parse" => {
                    std::hint::black_box(parse(&xml).unwrap());
                }
                _ => {
                    std::hint::black_box(validate(&xml, Ruleset::ALL).unwrap());
                }
            }
        }
        return;
    }
    let raw = t("raw events", n, 0.0, || {
        let mut r = quick_xml::Reader::from_reader(&xml[..]);
        let mut c = 0;
        loop {
            match r.read_event().unwrap() {
                quick_xml::events::Event::Eof => break,
                _ => c += 1,
            }
        }
        c
    });
    t("tree", n, raw, || validate(&xml, &[]).unwrap());
    t("ubl21", n, raw, || validate(&xml, &[Ruleset::Ubl21]).unwrap());
    t("en", n, raw, || validate(&xml, &[Ruleset::En16931]).unwrap());
    t("peppol", n, raw, || validate(&xml, &[Ruleset::Peppol]).unwrap());
    t("nigeria", n, raw, || validate(&xml, &[Ruleset::Nigeria]).unwrap());
    t("en+peppol", n, raw, || validate(&xml, &[Ruleset::En16931, Ruleset::Peppol]).unwrap());
    t("all", n, raw, || validate(&xml, Ruleset::ALL).unwrap());
    t("parse", n, raw, || parse(&xml).unwrap());
    let inv = parse(&xml).unwrap();
    t("write", n, raw, || to_xml(&inv).unwrap());
    println!("{:?}", validate(&xml, Ruleset::ALL).unwrap().iter().take(5).collect::<Vec<_>>());
}
