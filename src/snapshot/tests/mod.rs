mod arbitrary;
mod frames;
mod manifests;
mod partials;
