mod frames;
mod manifests;
mod partials;
