//! Types of pictures.

use user_service_adapters_image::SourceType;

use super::value::{FromSetting, list};

/// Types of pictures which are taken; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AvatarTypes(pub(crate) Vec<SourceType>);

impl FromSetting for AvatarTypes {
    const FORM: &'static str = "list";

    fn parse(text: &str) -> Result<Self, String> {
        let mut types = Vec::new();
        for item in list(text)? {
            let kind = source_type(&item.to_ascii_lowercase())?;
            if !types.contains(&kind) {
                types.push(kind);
            }
        }
        if types.is_empty() {
            return Err("must name at least one type".to_owned());
        }
        Ok(Self(types))
    }

    fn show(&self) -> Option<String> {
        let types: Vec<_> = self.0.iter().map(|kind| kind.media_type()).collect();
        Some(types.join(","))
    }
}

fn source_type(item: &str) -> Result<SourceType, String> {
    let name = item.strip_prefix("image/").unwrap_or(item);
    let name = if name == "jpg" { "jpeg" } else { name };
    let kind = SourceType::of_media_type(&format!("image/{name}"))
        .ok_or("each must be of jpeg, png, webp, gif and avif")?;
    if !SourceType::COMPILED.contains(&kind) {
        return Err(format!(
            "{name} is not compiled in; build with `--features {name}`"
        ));
    }
    Ok(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_named_in_several_ways() {
        let types = AvatarTypes::parse("image/jpeg, JPG,png ,image/gif").unwrap();
        assert_eq!(types.show().unwrap(), "image/jpeg,image/png,image/gif");
        let types = AvatarTypes::parse(r#"["image/png", "image/webp"]"#).unwrap();
        assert_eq!(types.show().unwrap(), "image/png,image/webp");
        for bad in ["", " , ", "image/svg+xml", "text/html", "jpeg;png", "[1]"] {
            assert!(AvatarTypes::parse(bad).is_err(), "{bad}");
        }
    }
}
