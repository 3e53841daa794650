//! Help, and what is asked for wrongly.

use crate::run::{fails, keybed, printed};
use crate::samples::{Sample, text};

#[test]
fn help_names_every_command_and_exit_code() {
    let help = printed(0, &["--help"]);
    for word in ["info", "get", "scan", "verify", "diff", "--json", "Exit codes:", "  3  damaged"] {
        assert!(help.contains(word), "{word}: {help}");
    }
    assert!(help.lines().all(|line| line.len() <= 100), "{help}");
    for (command, words) in [
        ("info", &["--key-groups"][..]),
        ("get", &["--namespace", "--map-key", "--group", "--raw", "i64:42", "0x00ff"]),
        ("scan", &["--key-groups", "--prefix", "--namespace", "--limit", "text:0x41"]),
        ("verify", &["<PATH>..."]),
        ("diff", &["<A>", "<B>", "--state", "--limit", "[default: 10]"]),
    ] {
        let help = printed(0, &[command, "--help"]);
        assert!(help.contains(&format!("Usage: keybed {command}")), "{help}");
        words.iter().for_each(|word| assert!(help.contains(word), "{word}: {help}"));
    }
    assert_eq!(printed(0, &["--version"]), format!("keybed {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_usage_ends_with_2_and_says_how() {
    for arguments in [
        &[][..],
        &["nothing"],
        &["info"],
        &["verify"],
        &["diff", "a"],
        &["get", "a", "b"],
        &["scan", "a", "b", "--limit", "-1"],
        &["get", "a", "b", "c", "--raw", "--json"],
    ] {
        let run = keybed(arguments);
        assert!(run.code == 2 && run.err.contains("Usage: keybed"), "{arguments:?}: {}", run.err);
    }
}

#[test]
fn failures_are_json_too() {
    let run = keybed(&["info", "/no such path", "--json"]);
    let said: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((run.code, said["error"]["exit_code"].as_i64()), (4, Some(4)));
    assert_eq!(said["error"]["kind"], "NOT_FOUND");
    assert!(run.err.contains("there is nothing here"));
}

/// Root may read everything, so for it there is nothing to refuse.
#[test]
fn what_may_not_be_read_ends_with_5() {
    use std::os::unix::fs::PermissionsExt;
    let sample = Sample::new("table");
    let file = sample.file("a.kbs");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::File::open(&file).is_err() {
        fails(5, "denied", &["info", text(&file)]);
    }
}
