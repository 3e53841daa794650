/** Generated from {@code examples/records/directory_info.rs}; {@code make generate} writes it anew. */
package dev.keybed.bench.records;
