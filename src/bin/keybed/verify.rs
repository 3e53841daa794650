//! `keybed verify`: whether every byte is what it should be.

use std::path::Path;
use std::time::Instant;

use keybed::store::{DiskKind, DiskVerified};
use serde_json::{Value, json};

use crate::arguments::Verify;
use crate::columns::Columns;
use crate::exit::{Code, Failure};
use crate::numbers::{counted, exact_size, grouped};
use crate::open;
use crate::output::Output;
use crate::progress::Progress;

/// What was found whole, and how long it took.
struct Whole {
    kind: DiskKind,
    found: DiskVerified,
    seconds: f64,
}

pub(crate) fn run(verify: &Verify, out: &mut Output) -> Result<Code, Failure> {
    let mut worst = Code::Fine;
    let mut results = Vec::new();
    for path in &verify.paths {
        let checked = check(path);
        if let Err(failure) = &checked {
            // Damage is what one asked for.
            let is_worse =
                worst != Code::Damaged && (failure.code() == Code::Damaged || failure.code() > worst);
            worst = if is_worse { failure.code() } else { worst };
        }
        match checked {
            _ if out.is_closed() => {}
            Ok(whole) if out.is_json() => results.push(as_json(path, &whole)),
            Err(failure) if out.is_json() => results.push(failed_json(path, &failure)),
            Ok(whole) => {
                show(path, &whole, out).or_else(|e| if out.is_closed() { Ok(()) } else { Err(e) })?
            }
            // In the order of the paths, wherever both are shown.
            Err(failure) => {
                let _ = out.flush();
                failure.report(out);
            }
        }
    }
    if out.is_json() {
        let _ = out.json(&json!({ "results": results, "exit_code": worst as u8 }));
    }
    Ok(worst)
}

fn check(path: &Path) -> Result<Whole, Failure> {
    let (view, start) = (open::view(path)?, Instant::now());
    let progress = Progress::new(format!("Verifying {}", path.display()), false);
    let found = view.verify(&mut |done, total| {
        progress.set(done, total);
        true
    })?;
    Ok(Whole { kind: view.kind(), found, seconds: start.elapsed().as_secs_f64() })
}

impl Whole {
    fn megabytes_a_second(&self) -> f64 {
        self.found.bytes as f64 / 1e6 / self.seconds.max(1e-9)
    }
}

fn show(path: &Path, whole: &Whole, out: &mut Output) -> keybed::error::Result<()> {
    let DiskVerified { files, bytes, blocks, entries } = whole.found;
    out.line(format_args!("{}: {}, whole", path.display(), whole.kind))?;
    let mut list = Columns::list();
    let not_read = "not read: this tool was built without the engine 'rocks'".to_string();
    list.pair("entries", entries.map_or(not_read, grouped));
    if blocks > 0 {
        list.pair("blocks", grouped(blocks));
    }
    list.pair("size", format!("{} in {}", exact_size(bytes), counted(files, "file", "files")));
    list.pair("time", format!("{:.2} s ({:.0} MB/s)", whole.seconds, whole.megabytes_a_second()));
    out.lines(list.lines("  "))
}

fn as_json(path: &Path, whole: &Whole) -> Value {
    let found = &whole.found;
    json!({
        "path": path.display().to_string(),
        "kind": whole.kind.to_string(),
        "whole": true,
        "files": found.files,
        "bytes": found.bytes,
        "blocks": found.blocks,
        "entries": found.entries,
        "seconds": whole.seconds,
        "megabytes_per_second": whole.megabytes_a_second(),
    })
}

fn failed_json(path: &Path, failure: &Failure) -> Value {
    json!({ "path": path.display().to_string(), "whole": false, "error": failure.json() })
}
