//! Tables that are compiled into the program as text: columns separated by tabs, below a head line.

/// The rows below a table's head; the tables are part of the program, so a broken one is a broken build.
pub(crate) fn rows<const N: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    table.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        cells.try_into().unwrap_or_else(|_| panic!("not {N} columns: {line}"))
    })
}

pub(crate) fn present(cell: &'static str) -> Option<&'static str> {
    (!cell.is_empty()).then_some(cell)
}

pub(crate) fn degrees(cell: &str) -> f64 {
    cell.parse().unwrap_or_else(|_| panic!("not a coordinate: {cell}"))
}

/// Whether the README of a folder in this crate says where each of its files comes from.
#[cfg(test)]
pub(crate) fn readme_names_every_file(folder: &str) {
    let folder = format!("{}/src/{folder}", env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(format!("{folder}/README.md")).unwrap();
    for file in std::fs::read_dir(folder).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        assert!(name == "README.md" || readme.contains(&format!("`{name}`")), "{name}");
    }
}
