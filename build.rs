//! Generates what follows from the sources into OUT_DIR: `keybed.h` from `src/capi`, and the tables of error codes in C
//! and Java from `src/error.rs`. The checked-in copies are compared with these by `tests/generated.rs`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

// The very table that the library uses: it cannot drift.
#[path = "src/ffi/abi.rs"]
#[allow(unreachable_pub, reason = "part of the library")]
mod abi;
#[path = "src/error.rs"]
#[allow(dead_code, unreachable_pub, reason = "part of the library; only the table is needed here")]
mod error;

use error::{ErrorClass, ErrorKind};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    for input in ["src/capi", "src/error.rs", "src/ffi/abi.rs", "cbindgen.toml", "build.rs"] {
        println!("cargo:rerun-if-changed={input}");
    }
    fs::write(out.join("keybed.h"), header(&root)?)?;
    fs::write(out.join("ErrorCode.java"), java_codes())?;
    if env::var("CARGO_CFG_TARGET_OS")? == "linux" {
        // A library with live threads (RocksDB has them) must not be unmapped when its class loader goes.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
    Ok(())
}

/// The C header: cbindgen's reading of `src/capi`, with the status codes in front.
fn header(root: &Path) -> Result<String, Box<dyn std::error::Error>> {
    let mut config = cbindgen::Config::from_file(root.join("cbindgen.toml"))?;
    config.after_includes = Some(c_codes());
    let mut builder = cbindgen::Builder::new().with_config(config);
    let files = [
        "types",
        "library",
        "store",
        "session",
        "scan",
        "batch",
        "block",
        "snapshot",
        "snapshot_stream",
        "stored_snapshot",
        "stored_scan",
        "snapshot_series",
        "snapshot_files",
    ];
    for file in files {
        builder = builder.with_src(root.join(format!("src/capi/{file}.rs")));
    }
    let mut text = Vec::new();
    builder.generate()?.write(&mut text);
    // Rust's heading for what an unsafe function asks of its caller, in words for C.
    Ok(String::from_utf8(text)?.replace("// # Safety\n// ", "// Memory: "))
}

fn c_codes() -> String {
    let mut text = format!(
        "\n/* The version of this interface; compare with keybed_abi_version(). */\n\
         #define KEYBED_ABI_VERSION {}\n\n\
         /* Statuses. Never renumbered, never reused. */\n#define KEYBED_OK 0\n\
         /* There is no value, or no further entry. Not an error. */\n#define KEYBED_ABSENT 1\n",
        abi::ABI_VERSION
    );
    for kind in ErrorKind::ALL {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "/* {} */", kind.description());
        let _ = writeln!(text, "#define KEYBED_{} {}", kind.constant_name(), kind.code());
    }
    text += "\n/* Kinds of states. */\n#define KEYBED_STATE_VALUE 0\n#define KEYBED_STATE_LIST 1\n\
             #define KEYBED_STATE_MAP 2\n\n\
             /* Scopes of scans and clears: all entries of a key group, of a key, of a key and namespace (one map). */\n\
             #define KEYBED_SCOPE_GROUP 0\n#define KEYBED_SCOPE_KEY 1\n#define KEYBED_SCOPE_NAMESPACE 2\n";
    text
}

fn java_codes() -> String {
    let mut text = String::from(
        "package dev.keybed;\n\n// Generated from src/error.rs; a test fails when this is stale.\n\n\
         /** Every kind of error, with its stable code: the same in Rust, C and Java. */\npublic enum ErrorCode {\n",
    );
    for (i, kind) in ErrorKind::ALL.iter().enumerate() {
        let class = match kind.class() {
            ErrorClass::State => "STATE",
            ErrorClass::Argument => "ARGUMENT",
            ErrorClass::Environment => "ENVIRONMENT",
        };
        let end = if i + 1 == ErrorKind::ALL.len() { ';' } else { ',' };
        let _ = write!(
            text,
            "    /** {description} */\n    {name}({code}, Type.{class}, \"{description}\"){end}\n",
            description = kind.description(),
            name = kind.constant_name(),
            code = kind.code(),
        );
    }
    text += r#"
    /** Which exception class a code becomes. */
    enum Type {
        /** {@link KeybedStateException}. */
        STATE,
        /** {@link KeybedArgumentException}. */
        ARGUMENT,
        /** {@link KeybedException}. */
        ENVIRONMENT
    }

    private final int code;
    private final Type type;
    private final String description;

    ErrorCode(int code, Type type, String description) {
        this.code = code;
        this.type = type;
        this.description = description;
    }

    /**
     * The stable number.
     *
     * @return the code
     */
    public int code() {
        return code;
    }

    /**
     * What it means, as one sentence.
     *
     * @return the description
     */
    public String description() {
        return description;
    }

    Type type() {
        return type;
    }

    /**
     * The constant of a number.
     *
     * @param code the number
     * @return the constant
     * @throws IllegalArgumentException for a number that is none
     */
    public static ErrorCode ofCode(int code) {
        for (ErrorCode candidate : values()) {
            if (candidate.code == code) {
                return candidate;
            }
        }
        throw new IllegalArgumentException("no error has the code " + code);
    }
}
"#;
    text
}
