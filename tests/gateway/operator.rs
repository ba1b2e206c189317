//! What an operator does with a running gateway, over its socket and with the command: a real SMTP client in front, the lab peer
//! behind.

use crate::among_mtas;
use crate::far;
use crate::made;
use crate::program;
use crate::stage;

use std::time::Duration;

use made::Made;
use serde_json::{Value, json};
use stage::{PATIENCE, Stage};
use x400_gateway::admin::client::{Answer, Client};
use x400_gateway::config::Config;
use x400_gateway::mta::relay::shown;
use x400_gateway::queue::entry::{Kind, RecipientState};
use x400_gateway::queue::store::{State, Store as _};

mod missing;
mod queue;
mod watched;

const ADA: &str = "<ada@internet.example>";

/// A mail with this Message-ID.
fn mail(id: &str) -> String {
    format!(
        "From: ada@internet.example\nTo: a@navy.x400.example\nMessage-ID: <{id}@internet.example>\n\nHello.\n"
    )
}

/// What does not go at once waits for long.
fn patient(config: &mut Config) {
    config.queue.first_retry = Duration::from_secs(3600);
    config.queue.longest_retry = Duration::from_secs(3600);
}

/// The gateway as an operator sees it.
struct Operator {
    client: Client,
}

impl Operator {
    fn of(stage: &Stage) -> Self {
        Self { client: Client::new(stage.gateway.admin.clone().unwrap(), None).unwrap() }
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.client.get(path).await.unwrap();
        assert!(answer.done, "{path}: {:#}", answer.body);
        answer.body
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.client.post(path, &body).await.unwrap()
    }

    /// Asks until it is so.
    async fn until(&self, path: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let asking = async {
            loop {
                let found = self.get(path).await;
                if is_so(&found) {
                    return found;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, asking).await.expect("it did not become so in time")
    }

    /// The ids of the entries that a query finds.
    async fn ids(&self, query: &str) -> Vec<String> {
        let body = self.get(&format!("/v1/queue?{query}")).await;
        let entries = body["entries"].as_array().unwrap();
        entries.iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect()
    }

    /// The entry of a mail, once it was tried in vain.
    async fn tried(&self, id: &str) -> String {
        let path = format!("/v1/queue?identifier={id}%40internet.example");
        let is_tried = |body: &Value| {
            let entry = &body["entries"][0];
            entry["recipients"][0]["attempts"].as_u64().is_some_and(|attempts| attempts > 0)
        };
        self.until(&path, is_tried).await["entries"][0]["id"].as_str().unwrap().to_owned()
    }
}
