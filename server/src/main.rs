//! The command line.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use domain::seed::Bulk;
use server::commands::{self, Direction, NewSuperuser};
use server::config::Config;
use server::logging;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A place where creators and their communities meet, in one program.
#[derive(Debug, Parser)]
#[command(name = "spherespace", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve pages, the API and sockets (what happens without a command).
    Serve,
    /// Move the schema, or show where it stands.
    Migrate {
        #[arg(value_enum, default_value = "up")]
        direction: Direction,
    },
    /// Make an administrator; asks for what is not given. SUPERUSER_PASSWORD holds the password.
    Createsuperuser {
        #[arg(long)]
        username: Option<String>,
        #[arg(long)]
        email: Option<String>,
    },
    /// Fill the global room with people and messages, to look around; or an empty database with a whole
    /// place that lives.
    Seed {
        /// People with pictures, communities, posts, conversations. Prints how to sign in.
        #[arg(long, conflicts_with_all = ["users", "messages", "posts", "follows"])]
        demo: bool,
        /// Leave out the pictures of the demonstration, which take the longest.
        #[arg(long, requires = "demo")]
        no_pictures: bool,
        #[arg(long, default_value_t = 20)]
        users: u32,
        #[arg(long, default_value_t = 200)]
        messages: u32,
        /// Posts of theirs, for measurements.
        #[arg(long, default_value_t = 0)]
        posts: u32,
        /// Follows among them, for measurements; at most one for each pair.
        #[arg(long, default_value_t = 0)]
        follows: u32,
        /// Let all of them sign in with this password; of a demonstration the visitor.
        #[arg(long)]
        password: Option<String>,
    },
    /// Check configuration, database and integrity without serving.
    Check,
    /// Print the description of the API (OpenAPI 3.1).
    Openapi,
}

/// At least four workers, also on one core: rendering a page may wait for another task of its own.
const WORKERS: usize = 4;

#[allow(clippy::print_stderr, reason = "a start that fails says why where the operator looks")]
fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("spherespace: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<()> {
    let config = Config::from_env()?;
    logging::start(&config);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores.max(WORKERS))
        .enable_all()
        .build()?;
    runtime.block_on(dispatch(cli.command.unwrap_or(Command::Serve), config))
}

async fn dispatch(command: Command, config: Config) -> Result<()> {
    match command {
        Command::Serve => commands::serve(config).await,
        Command::Migrate { direction } => commands::migrate(&config, direction).await,
        Command::Createsuperuser { username, email } => {
            let password = std::env::var("SUPERUSER_PASSWORD").ok().filter(|word| !word.is_empty());
            commands::createsuperuser(&config, NewSuperuser { username, email, password }).await
        }
        Command::Seed { demo: true, no_pictures, password, .. } => {
            commands::seed_demo(&config, password, !no_pictures).await
        }
        Command::Seed { users, messages, posts, follows, password, .. } => {
            let bulk = Bulk { posts, follows };
            commands::seed(&config, users, messages, bulk, password).await
        }
        Command::Check => commands::check(&config).await,
        Command::Openapi => commands::openapi(),
    }
}
