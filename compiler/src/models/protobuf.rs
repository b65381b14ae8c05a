//! Reads protocol buffers field by field, without a schema: bytes in, fields out. Nothing is copied.

/// One field of a message.
pub struct Field<'a> {
    /// Its number.
    pub number: u32,
    /// What it holds.
    pub value: Wire<'a>,
}

/// What a field can hold on the wire.
#[derive(Clone, Copy)]
pub enum Wire<'a> {
    /// A variable-length integer.
    Varint(u64),
    /// Four or eight bytes, the lowest first.
    Fixed(&'a [u8]),
    /// A string, bytes, or a message.
    Bytes(&'a [u8]),
}

impl<'a> Wire<'a> {
    /// The bytes of a string or message; empty for numbers.
    pub fn bytes(self) -> &'a [u8] {
        match self {
            Wire::Bytes(bytes) => bytes,
            _ => &[],
        }
    }

    /// The bytes as text; bytes that are not UTF-8 are replaced.
    pub fn text(self) -> String {
        String::from_utf8_lossy(self.bytes()).into_owned()
    }

    /// The number; 0 for everything else.
    pub fn number(self) -> u64 {
        match self {
            Wire::Varint(number) => number,
            _ => 0,
        }
    }
}

/// The fields of a message, in order. A malformed message ends with an error, which says at which byte.
pub struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// The message is not well-formed at this byte.
#[derive(Debug)]
pub struct Malformed {
    /// Offset in the message.
    pub at: usize,
    /// True when the message ends before the field does.
    pub truncated: bool,
}

/// The fields of `message`.
pub fn fields(message: &[u8]) -> Fields<'_> {
    Fields { bytes: message, at: 0 }
}

impl<'a> Fields<'a> {
    fn varint(&mut self) -> Result<u64, Malformed> {
        let start = self.at;
        let mut value = 0u64;
        for shift in (0..70).step_by(7) {
            let Some(&byte) = self.bytes.get(self.at) else {
                return Err(Malformed { at: start, truncated: true });
            };
            self.at += 1;
            // The tenth byte holds one bit; more would overflow.
            if shift == 63 && byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Malformed { at: start, truncated: false })
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], Malformed> {
        let end = usize::try_from(length).ok().and_then(|length| self.at.checked_add(length));
        match end.and_then(|end| self.bytes.get(self.at..end)) {
            Some(taken) => {
                self.at += taken.len();
                Ok(taken)
            }
            None => Err(Malformed { at: self.at, truncated: true }),
        }
    }

    fn field(&mut self) -> Result<Field<'a>, Malformed> {
        let start = self.at;
        let tag = self.varint()?;
        let malformed = Malformed { at: start, truncated: false };
        let number = match u32::try_from(tag >> 3) {
            Ok(number) if number > 0 => number,
            _ => return Err(malformed),
        };
        let value = match tag & 7 {
            0 => Wire::Varint(self.varint()?),
            1 => Wire::Fixed(self.take(8)?),
            2 => {
                let length = self.varint()?;
                Wire::Bytes(self.take(length)?)
            }
            5 => Wire::Fixed(self.take(4)?),
            _ => return Err(malformed),
        };
        Ok(Field { number, value })
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.bytes.len() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.at = self.bytes.len();
        }
        Some(field)
    }
}
