//! The `x400gw` command.

fn main() -> std::process::ExitCode {
    x400_gateway::cli::main()
}
