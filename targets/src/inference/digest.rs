//! SHA-256 over texts, from a state that may be known already: what the build has read is not read again by every compilation.

use sha2::compress256;
use sha2::digest::generic_array::GenericArray;

const BLOCK: usize = 64;

/// A digest that takes more.
#[derive(Clone)]
pub struct Digest {
    /// After all whole blocks so far.
    pub state: [u32; 8],
    /// Bytes so far.
    pub length: u64,
    /// Those of them that fill no block yet.
    pub rest: Vec<u8>,
}

impl Digest {
    /// Takes a text, with its length before it, so that no two lists of texts are taken for one another.
    pub fn add(&mut self, text: &str) {
        self.take(&(text.len() as u64).to_le_bytes());
        self.take(text.as_bytes());
    }

    fn take(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        self.rest.extend_from_slice(bytes);
        let blocks = self.rest.chunks_exact(BLOCK);
        let whole = self.rest.len() - blocks.remainder().len();
        let blocks: Vec<_> = blocks.map(|block| *GenericArray::from_slice(block)).collect();
        compress256(&mut self.state, &blocks);
        self.rest.drain(..whole);
    }

    /// The digest, as FIPS 180-4 ends it: a bit, and the length in the last bytes of a block.
    #[allow(dead_code, reason = "the build script has no use for it")]
    pub fn finish(mut self) -> [u8; 32] {
        let bits = 8 * self.length;
        let zeros = (2 * BLOCK - 1 - 8 - self.rest.len()) % BLOCK;
        self.take(&[0x80]);
        self.take(&vec![0; zeros]);
        self.take(&bits.to_be_bytes());
        let mut digest = [0; 32];
        digest.chunks_exact_mut(4).zip(self.state).for_each(|(bytes, word)| bytes.copy_from_slice(&word.to_be_bytes()));
        digest
    }
}
