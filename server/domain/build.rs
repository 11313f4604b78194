//! Compiles `domain` again when a migration comes or changes: `migrate!` reads the folder without telling cargo.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
