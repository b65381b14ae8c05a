//! The shared files `credentials` and `config` of AWS -> static keys and the region of a profile.
//!
//! What a profile delegates to others (a role, single sign-on, a program) is refused by name: to go on without it would be to use
//! other credentials than the SDKs. Format: <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Settings that say that somebody else gives the keys.
const DELEGATED: [&str; 8] = [
    "credential_process",
    "credential_source",
    "login_session",
    "role_arn",
    "source_profile",
    "sso_session",
    "sso_start_url",
    "web_identity_token_file",
];

/// Where the files are, and whose settings are meant.
#[derive(Clone, Debug, Default)]
pub struct Profiles {
    /// `None`: `default`, which need not be there.
    name: Option<String>,
    credentials: Option<PathBuf>,
    config: Option<PathBuf>,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Keys {
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: Option<String>,
}

type Settings = BTreeMap<String, String>;

impl Profiles {
    pub fn from_lookup(get: impl Fn(&'static str) -> Result<Option<String>, String>) -> Result<Profiles, String> {
        let home = get("HOME")?.map(|home| Path::new(&home).join(".aws"));
        let file = |variable, name: &str| -> Result<Option<PathBuf>, String> {
            Ok(get(variable)?.map(PathBuf::from).or_else(|| home.as_ref().map(|home| home.join(name))))
        };
        Ok(Profiles {
            name: get("AWS_PROFILE")?,
            credentials: file("AWS_SHARED_CREDENTIALS_FILE", "credentials")?,
            config: file("AWS_CONFIG_FILE", "config")?,
        })
    }

    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("default")
    }

    /// The profile's settings in both files, as they are now.
    fn read(&self) -> Result<[Settings; 2], String> {
        let name = self.name();
        let credentials = section(self.credentials.as_deref(), &[name])?;
        // The default profile may go without the prefix.
        let prefixed = format!("profile {name}");
        let titles = if name == "default" { vec![prefixed.as_str(), name] } else { vec![prefixed.as_str()] };
        let config = section(self.config.as_deref(), &titles)?;
        if let (Some(_), None, None) = (&self.name, &credentials, &config) {
            return Err(format!("there is no profile `{name}`, which AWS_PROFILE names"));
        }
        Ok([credentials.unwrap_or_default(), config.unwrap_or_default()])
    }

    pub fn region(&self) -> Result<Option<String>, String> {
        let [credentials, config] = self.read()?;
        Ok(config.get("region").or_else(|| credentials.get("region")).cloned())
    }

    /// The profile's static keys, if it has any. No secret gets into an error.
    pub fn keys(&self) -> Result<Option<Keys>, String> {
        let (name, files) = (self.name(), self.read()?);
        let is_set = |setting: &&&str| files.iter().any(|settings| settings.contains_key(**setting));
        if let Some(setting) = DELEGATED.iter().find(is_set) {
            return Err(format!(
                "the profile `{name}` has `{setting}`, which is not followed; give it `aws_access_key_id` and \
                 `aws_secret_access_key`, or export the keys to the environment"
            ));
        }
        let [credentials, config] = &files;
        match keys(credentials, name)? {
            Some(keys) => Ok(Some(keys)),
            None => keys(config, name),
        }
    }
}

/// The keys in one file; half a pair is an error.
fn keys(settings: &Settings, profile: &str) -> Result<Option<Keys>, String> {
    let setting = |name: &str| settings.get(name).filter(|value| !value.is_empty()).cloned();
    match (setting("aws_access_key_id"), setting("aws_secret_access_key")) {
        (Some(access_key_id), Some(secret_access_key)) => {
            Ok(Some(Keys { access_key_id, secret_access_key, session_token: setting("aws_session_token") }))
        }
        (None, None) => Ok(None),
        _ => Err(format!("the profile `{profile}` has only one of `aws_access_key_id` and `aws_secret_access_key`")),
    }
}

/// The settings of the first of these sections that is there; those of sections with one title are taken together.
fn section(file: Option<&Path>, titles: &[&str]) -> Result<Option<Settings>, String> {
    let Some(file) = file else { return Ok(None) };
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(format!("cannot read the profiles in `{}`: {error}", file.display())),
    };
    let mut sections = parse(&text);
    Ok(titles.iter().find_map(|title| sections.remove(*title)))
}

/// Sections by title, with single spaces. Lines that begin with white space belong to a setting of several parts, of which there is
/// none here.
fn parse(text: &str) -> BTreeMap<String, Settings> {
    let mut sections: BTreeMap<String, Settings> = BTreeMap::new();
    let mut current = None;
    for line in text.lines() {
        let line = line.trim_end();
        if line.is_empty() || line.starts_with([' ', '\t', '#', ';']) {
            continue;
        }
        if let Some(rest) = line.strip_prefix('[') {
            let title = rest.split(']').next().unwrap_or_default();
            let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
            current = Some(sections.entry(title).or_default());
        } else if let (Some(settings), Some((name, value))) = (&mut current, line.split_once('=')) {
            // A comment after a value has white space before it.
            let end = [" #", " ;", "\t#", "\t;"].iter().filter_map(|mark| value.find(mark)).min();
            let value = value.get(..end.unwrap_or(value.len())).unwrap_or_default().trim();
            settings.insert(name.trim().to_ascii_lowercase(), value.to_owned());
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    type Said = Result<(Option<Keys>, Option<String>), String>;

    /// What a profile says in files of this text: keys and region.
    fn read(test: &str, name: Option<&str>, credentials: &str, config: &str) -> Said {
        let home = std::env::temp_dir().join(format!("windlass-profile-{}-{test}", std::process::id()));
        std::fs::create_dir_all(home.join(".aws")).unwrap();
        std::fs::write(home.join(".aws/credentials"), credentials).unwrap();
        std::fs::write(home.join(".aws/config"), config).unwrap();
        let profiles = Profiles::from_lookup(|variable| {
            Ok(match variable {
                "HOME" => home.to_str().map(str::to_owned),
                "AWS_PROFILE" => name.map(str::to_owned),
                _ => None,
            })
        });
        let read = profiles.and_then(|profiles| Ok((profiles.keys()?, profiles.region()?)));
        std::fs::remove_dir_all(home).unwrap();
        read
    }

    fn keys(id: &str, secret: &str, token: Option<&str>) -> Option<Keys> {
        Some(Keys {
            access_key_id: id.to_owned(),
            secret_access_key: secret.to_owned(),
            session_token: token.map(str::to_owned),
        })
    }

    const CREDENTIALS: &str = "# mine\n[default]\naws_access_key_id = AKID\nAWS_SECRET_ACCESS_KEY=a/b=#c  # said elsewhere\n\n\
                               [team]\naws_access_key_id=T\naws_secret_access_key=t\naws_session_token=s\n";
    const CONFIG: &str = "[profile team]\ns3 =\n  region = not-this\nregion = eu-west-1\naws_access_key_id = other\n\
                          [default]\nregion=us-west-2\n[profile  sso]\nsso_session = corp\n[profile half]\naws_access_key_id = H\n";

    #[test]
    fn keys_and_region_are_those_of_the_profile() {
        let default = read("default", None, CREDENTIALS, CONFIG).unwrap();
        assert_eq!(default, (keys("AKID", "a/b=#c", None), Some("us-west-2".to_owned())));
        let team = read("team", Some("team"), CREDENTIALS, CONFIG).unwrap();
        assert_eq!(team, (keys("T", "t", Some("s")), Some("eu-west-1".to_owned())));
        // Where the file of credentials has none, those of the other count.
        let config = "[profile only]\naws_access_key_id=C\naws_secret_access_key=c\n";
        assert_eq!(read("config", Some("only"), "", config).unwrap().0, keys("C", "c", None));
        assert_eq!(read("nothing", None, "", "").unwrap(), (None, None));
        assert_eq!(Profiles::default().keys().unwrap(), None);
    }

    #[test]
    fn what_is_not_followed_is_said() {
        for (name, part) in [
            ("sso", "has `sso_session`"),
            ("half", "has only one of"),
            ("default-role", "there is no profile `default-role`"),
        ] {
            let why = read(name, Some(name), CREDENTIALS, CONFIG).unwrap_err();
            assert!(why.contains(part) && why.contains(name), "{why}");
        }
        let role = "[default]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = team\n";
        assert!(read("role", None, CREDENTIALS, role).unwrap_err().contains("`role_arn`"));
    }
}
