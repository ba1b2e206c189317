//! What nobody would miss by himself: a report that does not come, and one of ours that does not arrive.

use x400_gateway::queue::store::sqlite::Unreported;

use super::watched::{events_until, of, scrape};
use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn reports_that_nobody_gets_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.json");
    let log = file.clone();
    let mut stage = Stage::start(|config| {
        patient(config);
        config.queue.missing_report = Some(Duration::from_millis(50));
        config.log.events = Some(log);
    })
    .await;
    let operator = Operator::of(&stage);
    stage.submit(ADA, &["<a@navy.x400.example>"], &mail("failed")).await;
    let envelope = stage.next_envelope().await;
    stage.ended(Kind::Mail, 1).await;
    stage.report(far::failure(&envelope, 1, Some(0))).await;
    // The attempt to send it has ended: it waits.
    let told = events_until(&file, |events| !of(events, "deferred").is_empty()).await;
    let notification = of(&told, "made")[0]["queue-id"].clone();
    operator.post("/v1/queue/delete", json!({ "ids": [notification], "reason": "nobody reads it" })).await;
    let told = events_until(&file, |events| !of(events, "own-mail-failed").is_empty()).await;
    let failed = of(&told, "own-mail-failed")[0];
    assert_eq!((&failed["queue-id"], &failed["address"]), (&notification, &json!("ada@internet.example")));

    stage.submit(ADA, &["<a@navy.x400.example> NOTIFY=SUCCESS"], &mail("asked")).await;
    stage.submit(ADA, &["<a@navy.x400.example>"], &mail("silent")).await;
    stage.ended(Kind::Mail, 3).await;
    let told = events_until(&file, |events| !of(events, "report-missing").is_empty()).await;
    assert_eq!(of(&told, "report-missing")[0]["message-id"], "asked@internet.example");
    let tracked = operator.get("/v1/track?id=asked%40internet.example").await;
    let timeline = tracked["timeline"].as_array().unwrap();
    assert!(timeline.iter().any(|one| one["what"] == "report-missing"), "{tracked:#}");
    let counted = scrape(&operator).await;
    assert_eq!(counted["x400gw_reports_missing_total"], 1.0);
    assert_eq!(counted["x400gw_own_mail_failed_total{kind=\"internet\",status=\"5.0.0\"}"], 1.0);
}

/// A report about one recipient says nothing of the others.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_about_one_recipient_leaves_the_others_missing() {
    let mut stage = Stage::start(patient).await;
    let people = ["<a@navy.x400.example> NOTIFY=SUCCESS", "<b@navy.x400.example> NOTIFY=SUCCESS,FAILURE"];
    stage.submit(ADA, &people, &mail("asked")).await;
    let envelope = stage.next_envelope().await;
    let [sent] = stage.ended(Kind::Mail, 1).await.try_into().unwrap();
    let missing = || {
        let soon = time::OffsetDateTime::now_utc() + time::Duration::HOUR;
        let archive = stage.gateway.store().archive().unwrap();
        archive.unreported(soon, Duration::from_secs(24 * 3600), &[]).unwrap()
    };
    assert_eq!(missing(), [Unreported { id: sent.entry.id, recipients: vec![1, 2] }]);
    let mut report = far::failure(&envelope, 1, Some(0));
    report.content.per_recipient_fields.remove(0);
    stage.report(report).await;
    stage.ended(Kind::P1, 1).await;
    assert_eq!(missing(), [Unreported { id: sent.entry.id, recipients: vec![1] }]);
    stage.end().await;
}

/// The sender hears of it as well where the operator wants that, if it wants to hear of delays, and once.
#[tokio::test(flavor = "multi_thread")]
async fn a_sender_is_told_that_its_report_is_missing() {
    let mut stage = Stage::start(|config| {
        patient(config);
        config.queue.missing_report = Some(Duration::from_millis(50));
        config.queue.missing_report_notice = true;
    })
    .await;
    stage.submit(ADA, &["<a@navy.x400.example> NOTIFY=SUCCESS"], &mail("silent")).await;
    let people = ["<a@navy.x400.example> NOTIFY=SUCCESS,DELAY", "<b@navy.x400.example> NOTIFY=DELAY"];
    stage.submit("<ada@internet.example> ENVID=QQ1", &people, &mail("asked")).await;
    stage.next_envelope().await;
    let made = stage.made(1).await;
    made[0].assert_status(1, "delayed", "4.4.0");
    assert_eq!(made[0].field(Some(0), "Original-Envelope-Id"), Some("QQ1"));
    assert_eq!(made[0].field(Some(1), "Final-Recipient"), Some("rfc822; a@navy.x400.example"));
    let operator = Operator::of(&stage);
    let counted = || async { scrape(&operator).await["x400gw_reports_missing_total"] };
    while counted().await < 2.0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(stage.made(1).await.len(), 1);
    stage.end().await;
}
