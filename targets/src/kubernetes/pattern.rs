//! The manifest of a service -> a pattern for the services that are like it.
//!
//! Services mostly differ in a name, an image and some numbers, and what is said of one is said of the next in the same words. So when a
//! second service comes that is [like](is_like) an earlier one, two stand-ins of it are written, which differ in all that services have of
//! [their own](Own). Where their manifests are the same, so are those of all such services; where they differ, each service puts in what is its
//! own. The objects of Kubernetes stay the only place that says what a manifest holds: nothing here knows of one.

use windlass_schemas::plan::{Plan, Service};
use windlass_schemas::units::{Bytes, Cpu, Percent};

use super::{Manifest, of_service, scaling, settings, title, workload};
use crate::inference::{image, is_digest};
use crate::yaml;

/// Patterns of one plan, and services that were met: no more of either, so that a plan whose services all differ loses little.
const MOST: usize = 8;

/// Writes the manifests of a plan's services.
pub struct Patterns<'p> {
    plan: &'p Plan,
    met: Vec<&'p Service>,
    made: Vec<(&'p Service, Option<Pattern>)>,
    own: Own,
}

impl<'p> Patterns<'p> {
    pub fn new(plan: &'p Plan) -> Self {
        Patterns { plan, met: Vec::new(), made: Vec::new(), own: Own::default() }
    }

    /// What [`of_service`] writes.
    pub fn write(&mut self, service: &'p Service, manifest: &mut Manifest) {
        if !self.fill(service, manifest) {
            of_service(self.plan, service, manifest);
        }
    }

    /// Writes nothing and is false where no pattern fits.
    fn fill(&mut self, service: &'p Service, manifest: &mut Manifest) -> bool {
        let at = match self.made.iter().position(|(of, _)| is_like(of, service)) {
            Some(at) => at,
            None if self.made.len() == MOST => return false,
            None if self.met.iter().any(|met| is_like(met, service)) => {
                self.made.push((service, Pattern::new(self.plan, service)));
                self.made.len() - 1
            }
            None => {
                self.met.truncate(MOST - 1);
                self.met.insert(0, service);
                return false;
            }
        };
        let Some(pattern) = &self.made[at].1 else { return false };
        self.own.read(self.plan, service);
        pattern.fill(&self.own, &mut manifest.text)
    }
}

/// Whether the manifests of two services differ in nothing but what is [their own](Own).
fn is_like(one: &Service, other: &Service) -> bool {
    // Named one by one, so that nobody adds a field without a thought of this.
    let Service {
        name: _,
        model: _,
        others,
        store,
        shadow_sample,
        repository: _,
        pin,
        prebuilt,
        port: _,
        resources: _,
        batching,
        scaling,
        expose,
        observe,
        timeout,
        drain_delay,
        origin: _,
    } = one;
    pin.is_some() == other.pin.is_some()
        && is_digest(one) == is_digest(other)
        && (scaling.min == 1) == (other.scaling.min == 1)
        && expose.is_some() == other.expose.is_some()
        && (timeout, drain_delay) == (&other.timeout, &other.drain_delay)
        && (prebuilt, shadow_sample) == (&other.prebuilt, &other.shadow_sample)
        && (others, store) == (&other.others, &other.store)
        && (batching, observe) == (&other.batching, &other.observe)
}

/// A service like `service`, whose own values are not those of its `other` twin.
fn stand_in(service: &Service, other: bool) -> Service {
    let (word, factor) = if other { ("other", 2) } else { ("one", 1) };
    let mut twin = service.clone();
    twin.name = format!("name-{word}");
    let model = twin.model_mut();
    model.name = format!("model-{word}");
    model.version = format!("version-{word}");
    model.file = format!("file-{word}");
    model.sha256 = format!("sha256-{word}");
    twin.repository = format!("repository-{word}");
    twin.port = 1009 * factor;
    twin.resources.cpu = Cpu(10_500 * u64::from(factor));
    twin.resources.memory = Bytes((96 << 20) * u64::from(factor));
    if twin.scaling.min > 1 {
        twin.scaling.min = 2003 * u32::from(factor);
    }
    twin.scaling.max = 3001 * u32::from(factor);
    twin.scaling.cpu.value = Percent(3700 * u64::from(factor));
    if let Some(expose) = &mut twin.expose {
        expose.host = format!("host-{word}");
    }
    twin
}

/// What a service has of its own in its manifest: scalars as YAML writes them, one behind the other, and its comment.
#[derive(Default)]
struct Own {
    text: String,
    ends: Vec<usize>,
    /// Whether one of them has several lines, which are written in another way elsewhere.
    has_lines: bool,
}

impl Own {
    fn read(&mut self, plan: &Plan, service: &Service) {
        self.text.clear();
        self.ends.clear();
        self.has_lines = false;
        let (config_map, settings) = settings::named(plan, service);
        let secret = service.expose.as_ref().map(|_| workload::secret(service));
        let host = service.expose.iter().map(|expose| expose.host.as_str());
        let texts = [&service.name, &service.model.version, &config_map];
        self.add(title(service).trim_end());
        for text in texts.into_iter().map(String::as_str).chain(secret.as_deref()).chain(host) {
            self.string(text);
        }
        self.string(&image(service));
        self.string(&workload::digests(service));
        self.string(&service.resources.cpu.to_string());
        self.string(&service.resources.memory.to_string());
        let scaling = [scaling::fewest(service), scaling::most(service), scaling::utilization(service)];
        for number in [i32::from(service.port)].into_iter().chain(scaling) {
            self.add(itoa::Buffer::new().format(number));
        }
        settings.values().for_each(|value| self.string(value));
    }

    fn add(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }

    fn string(&mut self, text: &str) {
        self.has_lines |= text.contains('\n');
        yaml::inline(&mut self.text, text);
        self.ends.push(self.text.len());
    }

    fn get(&self, at: usize) -> &str {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[at]]
    }
}

/// A manifest with gaps.
struct Pattern {
    text: String,
    /// Where in the text a service puts in which of what is its own.
    gaps: Vec<(usize, usize)>,
    /// By what is a service's own.
    roles: Vec<Role>,
}

enum Role {
    Varies,
    /// The same of both stand-ins, and so of every service that the pattern is for.
    Stays(String),
    /// The same as an earlier one, from which it can't be told apart.
    Equals(usize),
}

impl Pattern {
    /// `None` where the stand-ins differ in something else than what is their own.
    fn new(plan: &Plan, service: &Service) -> Option<Self> {
        let [(one, first), (other, second)] = [false, true].map(|other| {
            let (twin, mut manifest, mut own) = (stand_in(service, other), Manifest::default(), Own::default());
            of_service(plan, &twin, &mut manifest);
            own.read(plan, &twin);
            (manifest.text, own)
        });
        let both = |at| (first.get(at), second.get(at));
        let roles: Vec<Role> = (0..first.ends.len())
            .map(|at| match ((0..at).find(|before| both(*before) == both(at)), both(at)) {
                (_, (one, other)) if one == other => Role::Stays(one.to_owned()),
                (Some(before), _) => Role::Equals(before),
                (None, _) => Role::Varies,
            })
            .collect();
        let mut pattern = Pattern { text: String::new(), gaps: Vec::new(), roles };
        let mut others = other.split_inclusive('\n');
        for line in one.split_inclusive('\n') {
            let other = others.next()?;
            if line == other {
                pattern.text.push_str(line);
                continue;
            }
            let (at, start) = (0..pattern.roles.len()).find_map(|at| {
                let start = gap(line, first.get(at))?;
                let is_same = gap(other, second.get(at)) == Some(start);
                (is_same && matches!(pattern.roles[at], Role::Varies)).then_some((at, start))
            })?;
            pattern.text.push_str(start);
            pattern.gaps.push((pattern.text.len(), at));
            pattern.text.push('\n');
        }
        others.next().is_none().then_some(pattern)
    }

    /// Writes nothing and is false where the service does not fit.
    fn fill(&self, own: &Own, text: &mut String) -> bool {
        let fits = |(at, role): (usize, &Role)| match role {
            Role::Varies => true,
            Role::Stays(value) => own.get(at) == value,
            Role::Equals(before) => own.get(at) == own.get(*before),
        };
        if own.has_lines || own.ends.len() != self.roles.len() || !self.roles.iter().enumerate().all(fits) {
            return false;
        }
        let mut from = 0;
        for (until, at) in &self.gaps {
            text.push_str(&self.text[from..*until]);
            text.push_str(own.get(*at));
            from = *until;
        }
        text.push_str(&self.text[from..]);
        true
    }
}

/// What stands before a value that is all of its line, or of an entry or item that the line ends with.
fn gap<'l>(line: &'l str, value: &str) -> Option<&'l str> {
    let before = line.strip_suffix('\n')?.strip_suffix(value)?;
    (before.is_empty() || before.ends_with(": ") || before.ends_with("- ")).then_some(before)
}

#[cfg(test)]
mod tests {
    use windlass_schemas::units::Duration;

    use super::super::fixture;
    use super::*;

    /// The same numbers every time.
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, most: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % most
        }

        fn of<T: Copy, const N: usize>(&mut self, all: [T; N]) -> T {
            all[self.below(N as u64) as usize]
        }
    }

    /// Services of all kinds, many of them alike, with values that look like something else to YAML.
    fn services() -> Vec<Service> {
        let (plan, stored) = (fixture::plan(), fixture::stored());
        let kinds: Vec<&Service> = plan.services.iter().chain(&stored.services).collect();
        let mut dice = Dice(7);
        let mut any = |number: u64| {
            let mut service = kinds[dice.below(4) as usize].clone();
            service.name = dice.of([&format!("svc-{number}"), "no", "on", "null", "e1", "a", "name-one"]).to_owned();
            let model = service.model_mut();
            model.version = dice.of(["1", "2", "v3", "1.10", "0x1", "1e3", "a: b", "two\nlines"]).to_owned();
            model.sha256 = dice.of(["5", "a"]).repeat(64);
            service.pin =
                dice.of([None, Some(":v1"), Some(&format!(":{number}")), Some("@sha256:77")]).map(str::to_owned);
            service.port = dice.of([80, 443, 1009, 2018, 8080, 25_888, u16::MAX]);
            service.resources.cpu = Cpu(dice.of([100, 500, 1000, 1500, 21_000, 64_000]));
            service.resources.memory = Bytes(dice.of([64 << 20, 96 << 20, 1 << 30, 1000, 64 << 30]));
            service.scaling.min = dice.of([1, 1, 2, 3, 2003]);
            service.scaling.max = service.scaling.min + dice.below(3) as u32;
            service.scaling.cpu.value = Percent(dice.of([100, 3700, 7000, 10_000]));
            service.timeout = Duration(dice.of([10_000, 10_000, 10_000, 30_000]));
            if let Some(expose) = &mut service.expose {
                expose.host = dice.of(["risk.example.com", "a.b", "yes"]).to_owned();
            }
            if dice.below(3) == 0 {
                service.observe = None;
            }
            service
        };
        (0..2000).map(&mut any).collect()
    }

    #[test]
    fn services_that_are_alike_are_written_as_each_would_be_alone() {
        let (plan, services) = (fixture::plan(), services());
        // As few kinds at a time as there are patterns, and all of them.
        let mut filled = 0;
        for some in services.chunks(200).chain([&services[..]]) {
            let mut patterns = Patterns::new(&plan);
            for service in some {
                let (mut expected, mut found) = (Manifest::default(), Manifest::default());
                of_service(&plan, service, &mut expected);
                patterns.write(service, &mut found);
                assert_eq!(found.text, expected.text);
                found.text.clear();
                filled += usize::from(patterns.fill(service, &mut found));
            }
        }
        assert!(filled > 500, "{filled}");
    }

    #[test]
    fn most_services_of_a_plan_are_filled_in() {
        let plan = fixture::plan();
        for kind in plan.services.iter().chain(&fixture::stored().services) {
            let named = |number| Service { name: format!("{}-{number}", kind.name), ..kind.clone() };
            let services: Vec<Service> = (0..10).map(named).collect();
            let mut patterns = Patterns::new(&plan);
            let filled = services.iter().filter(|service| patterns.fill(service, &mut Manifest::default()));
            assert_eq!(filled.count(), 9, "{}", kind.name);
        }
    }

    #[test]
    fn a_gap_is_all_of_a_value() {
        assert_eq!(gap("  - name: x\n", "x"), Some("  - name: "));
        assert_eq!(gap("  - x\n", "x"), Some("  - "));
        assert_eq!(gap("  name: y-x\n", "x"), None);
        assert_eq!(gap("a: x\nb: y\n", "x"), None);
    }
}
