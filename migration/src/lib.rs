//! The history of the schema. Each step can be undone, and never needs the code of another crate:
//! what a step did stays true however the tables change later.

pub use sea_orm_migration::{MigrationTrait, MigratorTrait};

mod m0001_accounts;
mod m0002_conversations;
mod m0003_jobs;
mod m0004_people_and_conversations;
mod m0005_credentials;
mod m0006_ended_sessions;
mod m0007_changes;
mod m0008_names_in_order;
mod m0009_profiles;
mod m0010_communities;
mod m0011_posts;
mod m0012_notifications;
mod m0013_search;
mod m0014_pictures;
mod m0015_pushes_and_digests;
mod m0016_activity;
mod m0017_what_was_before;
mod m0018_large_places;
mod sql;

/// The steps, oldest first.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_accounts::Migration),
            Box::new(m0002_conversations::Migration),
            Box::new(m0003_jobs::Migration),
            Box::new(m0004_people_and_conversations::Migration),
            Box::new(m0005_credentials::Migration),
            Box::new(m0006_ended_sessions::Migration),
            Box::new(m0007_changes::Migration),
            Box::new(m0008_names_in_order::Migration),
            Box::new(m0009_profiles::Migration),
            Box::new(m0010_communities::Migration),
            Box::new(m0011_posts::Migration),
            Box::new(m0012_notifications::Migration),
            Box::new(m0013_search::Migration),
            Box::new(m0014_pictures::Migration),
            Box::new(m0015_pushes_and_digests::Migration),
            Box::new(m0016_activity::Migration),
            Box::new(m0017_what_was_before::Migration),
            Box::new(m0018_large_places::Migration),
        ]
    }
}
