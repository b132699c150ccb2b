//! Offset to line and column, for people (characters) and for editors (UTF-16).

/// Where the lines of a text begin.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Reads a text once.
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        for (offset, byte) in text.bytes().enumerate() {
            if byte == b'\n' {
                starts.push(u32::try_from(offset + 1).unwrap_or(u32::MAX));
            }
        }
        LineIndex { starts }
    }

    /// The line of a byte offset, from 0.
    pub fn line(&self, offset: u32) -> usize {
        self.starts.partition_point(|start| *start <= offset).max(1) - 1
    }

    /// The bytes of a line (from 0), with its line break; `None` beyond the last line.
    pub fn bytes(&self, text: &str, line: usize) -> Option<std::ops::Range<usize>> {
        let start = *self.starts.get(line)? as usize;
        let end = self.starts.get(line + 1).map_or(text.len(), |next| *next as usize);
        Some(start..end)
    }

    /// The line (from 1) and column (from 1, in characters) of a byte offset of the text.
    pub fn position(&self, text: &str, offset: u32) -> (u32, u32) {
        let line = self.line(offset);
        let start = self.starts[line] as usize;
        let end = (offset as usize).clamp(start, text.len());
        let column = text.get(start..end).map_or(end - start, |before| before.chars().count());
        (line as u32 + 1, column as u32 + 1)
    }

    /// How many lines there are.
    pub fn count(&self) -> usize {
        self.starts.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_not_bytes() {
        let text = "a\né§x";
        let index = LineIndex::new(text);
        assert_eq!(index.position(text, 0), (1, 1));
        assert_eq!(index.position(text, 2), (2, 1));
        assert_eq!(index.position(text, 6), (2, 3));
        assert_eq!(index.position(text, 7), (2, 4));
        assert_eq!(index.bytes(text, 0), Some(0..2));
        assert_eq!(index.bytes(text, 1), Some(2..7));
        assert_eq!(index.bytes(text, 2), None);
    }
}
