//! Tables of text.

/// Which side of its column a cell stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

/// Rows of cells, set in columns.
#[derive(Debug)]
pub(crate) struct Columns {
    sides: Vec<Side>,
    rows: Vec<Vec<String>>,
}

impl Columns {
    /// A table with these headings.
    pub(crate) fn new(headings: &[(&str, Side)]) -> Columns {
        let row = headings.iter().map(|(heading, _)| (*heading).to_string()).collect();
        Columns { sides: headings.iter().map(|(_, side)| *side).collect(), rows: vec![row] }
    }

    /// A list of names with what they are.
    pub(crate) fn list() -> Columns {
        Columns { sides: vec![Side::Left, Side::Left], rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    pub(crate) fn pair(&mut self, name: &str, what: impl Into<String>) {
        self.row([name.to_string(), what.into()]);
    }

    /// The lines, each behind `indent`.
    pub(crate) fn lines(&self, indent: &str) -> Vec<String> {
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.sides.len()).map(width).collect();
        let line = |row: &Vec<String>| {
            let mut out = indent.to_string();
            for (i, ((cell, side), width)) in row.iter().zip(&self.sides).zip(&widths).enumerate() {
                let gap = if i == 0 { "" } else { "  " };
                out += &match side {
                    Side::Left => format!("{gap}{cell:<width$}"),
                    Side::Right => format!("{gap}{cell:>width$}"),
                };
            }
            out.trim_end().to_string()
        };
        self.rows.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stand_in_columns() {
        let mut table = Columns::new(&[("state", Side::Left), ("entries", Side::Right)]);
        table.row(["ü".to_string(), "1,000".to_string()]);
        table.row(["counts".to_string(), "7".to_string()]);
        assert_eq!(table.lines("  "), ["  state   entries", "  ü         1,000", "  counts        7"]);
    }
}
