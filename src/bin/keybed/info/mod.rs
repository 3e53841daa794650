//! `keybed info`: what is at a path.

mod facts;
mod groups;
mod json;
mod text;

use crate::arguments::Info;
use crate::exit::{Code, Failure};
use crate::open;
use crate::output::Output;

pub(crate) fn run(info: &Info, out: &mut Output) -> Result<Code, Failure> {
    let view = open::view(&info.path)?;
    let facts = facts::Facts::of(&view)?;
    let groups = if info.key_groups { Some(groups::count(&view)?) } else { None };
    if out.is_json() {
        out.json(&json::object(&view, &facts, groups.as_deref()))?;
    } else {
        text::show(&view, &facts, groups.as_deref(), out)?;
    }
    Ok(Code::Fine)
}
