//! A text with gaps for a nonce, filled for each answer: plain, or as gzip without compressing it again.

use std::sync::OnceLock;

use crc32fast::Hasher;
use flate2::{Compress, Compression, FlushCompress};

/// The text between the gaps.
pub struct Gapped {
    parts: Vec<Box<str>>,
    /// Made when somebody first asks for it.
    zipped: OnceLock<Vec<Zipped>>,
}

/// One part as blocks of deflate that end at a byte and refer to nothing before them.
struct Zipped {
    blocks: Box<[u8]>,
    /// The part's check sum and length.
    sum: Hasher,
}

/// gzip's head: deflate, no name, no time, no system.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// The last block, which is stored and empty.
const END: [u8; 5] = [1, 0, 0, 0xff, 0xff];

impl Gapped {
    pub fn new(text: &str, nonce: &str) -> Gapped {
        Gapped { parts: text.split(nonce).map(Box::from).collect(), zipped: OnceLock::new() }
    }

    pub fn filled(&self, nonce: &str) -> String {
        let mut text = String::with_capacity(self.length(nonce));
        for (place, part) in self.parts.iter().enumerate() {
            if place > 0 {
                text.push_str(nonce);
            }
            text.push_str(part);
        }
        text
    }

    /// The same as gzip: the parts are compressed once, and the nonce stands between them in blocks of its own.
    pub fn zipped(&self, nonce: &str) -> Vec<u8> {
        let parts = self.zipped.get_or_init(|| self.parts.iter().map(|part| zip(part)).collect());
        let gap = stored(nonce);
        let mut sum_of_gap = Hasher::new();
        sum_of_gap.update(nonce.as_bytes());
        let mut zipped = Vec::with_capacity(parts.iter().map(|part| part.blocks.len() + gap.len()).sum::<usize>() + 32);
        zipped.extend(HEAD);
        let mut sum = Hasher::new();
        for (place, part) in parts.iter().enumerate() {
            if place > 0 {
                zipped.extend(&gap);
                sum.combine(&sum_of_gap);
            }
            zipped.extend(&part.blocks);
            sum.combine(&part.sum);
        }
        zipped.extend(END);
        zipped.extend(sum.finalize().to_le_bytes());
        // Modulo 2^32, as the format says.
        zipped.extend((self.length(nonce) as u32).to_le_bytes());
        zipped
    }

    fn length(&self, nonce: &str) -> usize {
        self.parts.iter().map(|part| part.len()).sum::<usize>() + self.parts.len().saturating_sub(1) * nonce.len()
    }

    /// Bytes that it takes in memory, both forms counted, whether or not the second is there yet: HTML becomes a third at most.
    pub fn size(&self) -> usize {
        self.parts.iter().map(|part| part.len() + part.len() / 3 + 64).sum()
    }
}

fn zip(part: &str) -> Zipped {
    let mut deflate = Compress::new(Compression::default(), false);
    let mut blocks = Vec::with_capacity(part.len() / 2 + 64);
    let text = part.as_bytes();
    loop {
        let done = deflate.total_in() as usize;
        // It writes into the room that there is and cannot fail on what is in memory; without progress the loop would not end.
        let before = deflate.total_out();
        let _ = deflate.compress_vec(&text[done..], &mut blocks, FlushCompress::Full);
        if deflate.total_in() as usize == text.len() && (blocks.len() < blocks.capacity() || deflate.total_out() == before) {
            break;
        }
        blocks.reserve(part.len() / 2 + 64);
    }
    let mut sum = Hasher::new();
    sum.update(text);
    Zipped { blocks: blocks.into(), sum }
}

/// A block of deflate that holds the text as it is. A nonce is far shorter than the 65,535 bytes it may be.
fn stored(text: &str) -> Vec<u8> {
    let length = text.len() as u16;
    let mut block = vec![0];
    block.extend(length.to_le_bytes());
    block.extend((!length).to_le_bytes());
    block.extend(text.as_bytes());
    block
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use std::io::Read as _;

    fn unzipped(zipped: &[u8]) -> String {
        let mut text = String::new();
        GzDecoder::new(zipped).read_to_string(&mut text).expect("a whole file with the right sum");
        text
    }

    #[test]
    fn both_forms_are_the_text_with_another_nonce() {
        let long: String = (0..20_000).map(|n: u32| format!("{:x}", n.wrapping_mul(2_654_435_761))).collect();
        for text in ["", "NONCE", "a NONCE b", "NONCENONCE", &format!("<p>{long}NONCE{long}</p>NONCE"), &"x".repeat(300_000)] {
            let gapped = Gapped::new(text, "NONCE");
            for nonce in ["1234567890123456789012", "abcdefghijklmnopqrstuv"] {
                let wanted = text.replace("NONCE", nonce);
                assert!(gapped.filled(nonce) == wanted, "{} bytes", text.len());
                assert!(unzipped(&gapped.zipped(nonce)) == wanted, "{} bytes", text.len());
            }
        }
    }
}
