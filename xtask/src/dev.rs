//! The dev loop.
use crate::project::Project;
use anyhow::Result;
use std::process::ExitCode;
pub fn dev(_project: &Project, _args: &[String]) -> Result<ExitCode> {
    Ok(ExitCode::SUCCESS)
}
