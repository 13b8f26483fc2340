//! The `koosim` command: arguments, files, environment, threads and exit codes.

fn main() {}
