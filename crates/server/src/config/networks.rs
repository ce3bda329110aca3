//! Networks that are named by their addresses.

use std::net::IpAddr;

use ipnet::IpNet;

use super::value::FromSetting;

/// Addresses and networks, separated by commas.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Networks(pub(crate) Vec<IpNet>);

impl FromSetting for Networks {
    const FORM: &'static str = "list";

    fn parse(text: &str) -> Result<Self, String> {
        text.split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(|item| {
                item.parse()
                    .or_else(|_| item.parse().map(|address: IpAddr| address.into()))
                    .map_err(|_| {
                        "each must be an address or a network, such as 10.0.0.0/8".to_owned()
                    })
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    fn show(&self) -> Option<String> {
        let items: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        Some(items.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_networks_are_read() {
        let networks = Networks::parse("10.0.0.0/8, 192.0.2.1,2001:db8::/32,").unwrap();
        assert_eq!(
            networks.show().as_deref(),
            Some("10.0.0.0/8,192.0.2.1/32,2001:db8::/32")
        );
        assert_eq!(Networks::parse(""), Ok(Networks::default()));
        for bad in ["10.0.0.0/33", "proxy", "*"] {
            assert!(Networks::parse(bad).is_err(), "{bad}");
        }
    }
}
