#![doc = include_str!("../README.md")]

mod colour;
mod crop;
mod deadline;
mod decode;
mod inspect;
mod markup;
mod narrow;
mod orient;
mod pool;
mod raster;
mod reduce;
mod renderer;
mod resize;
mod settings;
mod sniff;
mod work;
mod write;

pub use renderer::ImageRenderer;
pub use settings::ImageSettings;
pub use sniff::SourceType;
