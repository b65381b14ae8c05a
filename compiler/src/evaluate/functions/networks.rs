//! Addresses of networks, IPv4 and IPv6: `10.0.0.0/16`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use windlass_schemas::value::ValueKind;

use super::super::operate::Outcome;
use super::{Call, Function, function};

pub(super) const FUNCTIONS: &[Function] = &[
    function("cidrcontains", &["prefix", "address"], "Whether the network contains an address or a network.", |c| {
        let (outer, inner) = (Network::read(c, 0)?, Network::of(c, 1, &c.text(1)?, true)?);
        let inside =
            outer.bits == inner.bits && outer.length <= inner.length && outer.masked(inner.first) == outer.first;
        Ok(ValueKind::Bool(inside))
    }),
    function(
        "cidrhost",
        &["prefix", "number"],
        "The address of this number in the network, counted from its end when negative.",
        host,
    ),
    function("cidrnetmask", &["prefix"], "The mask of an IPv4 network: `255.255.0.0`.", |c| {
        let network = Network::read(c, 0)?;
        match network.bits {
            32 => c.string(Network { first: network.masked(u128::from(u32::MAX)), ..network }.address()),
            _ => Err(c.wrong(0, "only IPv4 networks have a mask")),
        }
    }),
    function(
        "cidrsubnet",
        &["prefix", "bits", "number"],
        "The network of this number among those with so many bits more than the prefix.",
        subnet,
    ),
    function(
        "cidrsubnets",
        &["prefix", "bits…"],
        "Networks one after the other in the prefix, each with so many bits more.",
        subnets,
    ),
];

/// A network; an IPv4 address is its number.
#[derive(Clone, Copy)]
struct Network {
    first: u128,
    length: u32,
    /// 32 or 128.
    bits: u32,
}

impl Network {
    fn read(call: &Call, at: usize) -> Outcome<Network> {
        Network::of(call, at, &call.text(at)?, false)
    }

    /// A prefix, or also a single address.
    fn of(call: &Call, at: usize, text: &str, single: bool) -> Outcome<Network> {
        let wrong = || {
            Box::new(
                call.wrong(at, format!("the string {text:?} is no network"))
                    .help("a network is an address and the length of its prefix, as in `\"10.0.0.0/16\"`"),
            )
        };
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let (first, bits) = match address.parse::<IpAddr>() {
            Ok(IpAddr::V4(address)) => (u128::from(address.to_bits()), 32),
            Ok(IpAddr::V6(address)) => (address.to_bits(), 128),
            Err(_) => return Err(wrong()),
        };
        let length = match length {
            None if single => bits,
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().map_err(|_| wrong())?,
            _ => return Err(wrong()),
        };
        if length > bits {
            return Err(wrong());
        }
        let network = Network { first, length, bits };
        Ok(Network { first: network.masked(first), ..network })
    }

    fn masked(self, address: u128) -> u128 {
        let mask = u128::MAX.checked_shl(self.bits - self.length).unwrap_or(0);
        address & mask
    }

    /// How many addresses it has, less one.
    fn last(self) -> u128 {
        let host = self.bits - self.length;
        1u128.checked_shl(host).map_or(u128::MAX, |size| size - 1)
    }

    fn address(self) -> String {
        match u32::try_from(self.first) {
            Ok(number) if self.bits == 32 => Ipv4Addr::from_bits(number).to_string(),
            _ => Ipv6Addr::from_bits(self.first).to_string(),
        }
    }

    fn text(self) -> String {
        format!("{}/{}", self.address(), self.length)
    }

    /// The prefix with `more` bits.
    fn longer(self, call: &Call, at: usize, more: i64) -> Outcome<Network> {
        let length = u32::try_from(more).ok().and_then(|more| self.length.checked_add(more));
        match length.filter(|length| *length <= self.bits) {
            Some(length) => Ok(Network { length, ..self }),
            None => Err(call.wrong(at, format!("a prefix of {} bits cannot have {more} more", self.length))),
        }
    }
}

fn host(call: &Call) -> Outcome<ValueKind> {
    let (network, number) = (Network::read(call, 0)?, call.whole(1)?);
    let distance = u128::from(number.unsigned_abs());
    let at = match number {
        0.. => Some(distance),
        _ => network.last().checked_sub(distance - 1),
    };
    match at.filter(|at| *at <= network.last()) {
        Some(at) => call.string(Network { first: network.first + at, ..network }.address()),
        None => Err(call.wrong(1, format!("a prefix of {} bits has no address {number}", network.length))),
    }
}

fn subnet(call: &Call) -> Outcome<ValueKind> {
    let (network, more, number) = (Network::read(call, 0)?, call.whole(1)?, call.count(2)?);
    let inner = network.longer(call, 1, more)?;
    let count = 1u128.checked_shl(inner.length - network.length).map_or(u128::MAX, |count| count - 1);
    if number as u128 > count {
        return Err(call.wrong(2, format!("with {more} bits more there is no network {number}")));
    }
    let offset = (number as u128).checked_shl(inner.bits - inner.length).unwrap_or(0);
    call.string(Network { first: network.first + offset, ..inner }.text())
}

fn subnets(call: &Call) -> Outcome<ValueKind> {
    let network = Network::read(call, 0)?;
    let mut used: Option<u128> = None;
    let mut found = Vec::new();
    for at in 1..call.args.len() {
        let more = call.whole(at)?;
        if more < 1 {
            return Err(call.wrong(at, "at least one bit more is needed"));
        }
        let inner = network.longer(call, at, more)?;
        // Each begins behind the one before, at a multiple of its own size.
        let size = inner.last();
        let start = used.map_or(Some(0), |used| (used | size).checked_add(1));
        let Some(start) = start.filter(|start| *start <= network.last() && network.last() - start >= size) else {
            return Err(call
                .wrong(at, format!("no room is left in `{}` for a network of {} bits", network.text(), inner.length)));
        };
        used = Some(start + size);
        found.push(call.piece(Network { first: network.first + start, ..inner }.text()));
    }
    Ok(ValueKind::List(found))
}
