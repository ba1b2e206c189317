//! Mails of programs: handed over, and looked after.
#![expect(clippy::disallowed_methods, reason = "shell: reads the clock, draws random numbers")]

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use ring::digest::{Context, SHA256};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::listen::Who;
use super::queue::{no_entry, parse_id, with_archive};
use super::received::receive;
use super::router::{Gateway, Problem};
use super::track::Timeline;
use super::{query, shown};
use crate::config::OneOrMore;
use crate::message::date::format_date;
use crate::message::lines::with_network_line_ends;
use crate::queue::entry::QueueId;
use crate::serve::submit::{NotSubmitted, Refused, Submission, Submitted, Submitter};
use crate::smtp::reply::{Reply, ReplyCode};
use crate::submit::form::Form;
use crate::submit::header::{Header, Line, Missing};
use crate::submit::wishes::Wishes;

/// What a request says twice if it is the same one.
const KEY: &str = "idempotency-key";

/// Characters of such a key.
const LONGEST_KEY: usize = 255;

/// Octets of a line without its end, as SMTP takes it.
const LINE: usize = 100_000;

/// `POST /v1/messages?…`: a mail, as `message/rfc822` or as a form in JSON.
pub(super) async fn submit(
    State(gateway): State<Gateway>,
    Extension(Who(who)): Extension<Who>,
    request: Request,
) -> Result<Response, Problem> {
    let submitter = gateway.submitter()?;
    let waiting = &submitter.waiting;
    let headers = request.headers().clone();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let key = key(&headers)?;
    let received =
        receive(request.into_body(), waiting.longest(), waiting.gathering(), digest(&headers, &query));
    let mut received = received.await?;
    let digest = std::mem::take(&mut received.digest);
    let once = key.map(|key| (key, digest));
    if let Some((key, digest)) = &once
        && let Some(before) = submitter.answered(key, digest).await.map_err(problem)?
    {
        return accepted(&before);
    }
    let _room =
        waiting.leave(received.length()).await.map_err(|reply| problem(NotSubmitted::Reply(reply)))?;
    let body = received.read().await?;
    let (wishes, mail) = match media_type(&headers).as_str() {
        "message/rfc822" | "message/global" => written(submitter, &headers, &query, body)?,
        "application/json" => filled_in(submitter, &query, &body)?,
        other => {
            let why = format!("`{other}` is neither `message/rfc822` nor `application/json`");
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, why));
        }
    };
    let commands = wishes.commands(mail.len()).map_err(Problem::refused)?;
    let submission = Submission { who, commands, mail, once };
    accepted(&submitter.submit(submission, answer).await.map_err(problem)?)
}

/// `GET /v1/messages/ID`: how far a mail has come, and what happened to it on both sides.
pub(super) async fn show(
    State(gateway): State<Gateway>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let operator = gateway.operator()?;
    let id: QueueId = parse_id(&id)?;
    let set = gateway.rules.get();
    let looked = with_archive(operator, move |archive| {
        let Some(line) = archive.line(id)? else { return Ok(None) };
        Ok(Timeline::of(archive, set.rules(), &id.to_string())?.map(|timeline| (line, timeline)))
    });
    let (line, timeline) = looked.await?.ok_or_else(no_entry)?;
    let mut value = shown::line(&line);
    value["timeline"] = timeline.into_json(&id.to_string())["timeline"].take();
    Ok(Json(value))
}

/// The key by which a request is known when it comes again (draft-ietf-httpapi-idempotency-key-header): a string of RFC 8941, or
/// the same without quotes.
fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(written) = headers.get(KEY) else { return Ok(None) };
    let bad = || {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "Idempotency-Key: it is a string of 1 to 255 visible characters",
        )
    };
    let written = written.to_str().map_err(|_| bad())?.trim();
    let key = match written.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"').ok_or_else(bad)?,
        None => written,
    };
    let is_key = (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(|octet| octet.is_ascii_graphic());
    if is_key { Ok(Some(key.to_owned())) } else { Err(bad()) }
}

/// What is asked for: whatever it depends on, up to the body.
fn digest(headers: &HeaderMap, query: &str) -> Context {
    let mut context = Context::new(&SHA256);
    for name in [header::CONTENT_TYPE.as_str(), FROM, TO] {
        for value in headers.get_all(name) {
            context.update(value.as_bytes());
            context.update(b"\n");
        }
        context.update(b"\0");
    }
    context.update(query.as_bytes());
    context.update(b"\0");
    context
}

fn media_type(headers: &HeaderMap) -> String {
    let written =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("nothing");
    written.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Fields of HTTP that may have the envelope.
const FROM: &str = "x-envelope-from";
const TO: &str = "x-envelope-to";

/// A mail as it is, with an envelope of the query, of HTTP, or of its own fields.
fn written(
    submitter: &Submitter,
    headers: &HeaderMap,
    query: &str,
    body: Bytes,
) -> Result<(Wishes, Bytes), Problem> {
    let mut mail = with_network_line_ends(body);
    if !mail.ends_with(b"\n") {
        mail = [&mail[..], b"\r\n"].concat().into();
    }
    well_formed(&mail).map_err(Problem::refused)?;
    let mut header = Header::default();
    let mut taken = 0;
    while let Some(length) = mail.get(taken..).and_then(|rest| rest.iter().position(|octet| *octet == b'\n'))
    {
        let end = taken + length + 1;
        match header.line(mail.get(taken..end).unwrap_or_default()) {
            Line::Header => taken = end,
            Line::End => {
                taken = end;
                break;
            }
            Line::Body => return Err(Problem::refused("the mail has no header, or no empty line behind it")),
            Line::TooLong => return Err(Problem::refused("the header of the mail is too long")),
        }
    }
    let domain = &*submitter.domain;
    let mut wishes = Wishes::default();
    let (mut from, mut to) = (None, Vec::new());
    for (name, value) in query::pairs(query).map_err(Problem::refused)? {
        match name.as_str() {
            "from" => from = Some(value),
            "to" => to.push(value),
            "notify" => wishes.notify = value.split(',').map(|word| word.trim().to_owned()).collect(),
            "return" => wishes.returned = Some(value),
            "envelope-id" => wishes.envelope_id = Some(value),
            _ => return Err(Problem::refused(format!("there is no parameter `{name}`"))),
        }
    }
    let field =
        |name| headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).map(str::to_owned);
    let from = from.or_else(|| field(FROM).next());
    if to.is_empty() {
        to = field(TO).collect();
    }
    let read = |list: &str| crate::submit::header::addresses(list, domain).map_err(Problem::refused);
    for list in &to {
        wishes.to.extend(read(list)?);
    }
    if to.is_empty() {
        wishes.to = header.recipients(domain).map_err(Problem::refused)?;
    }
    let from = match from {
        Some(from) => from.trim().trim_start_matches('<').trim_end_matches('>').to_owned(),
        None => header.sender().unwrap_or_default(),
    };
    wishes.from = match read(&from)?.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        _ => return Err(Problem::refused("say which sender is meant (`from`)")),
    };
    distinct(&mut wishes.to);
    let now = OffsetDateTime::now_utc();
    let (date, message_id) = (format_date(now), message_id(submitter, now)?);
    let author = if wishes.from.is_empty() { format!("MAILER-DAEMON@{domain}") } else { wishes.from.clone() };
    let missing = Missing { from: &author, date: &date, message_id: &message_id, domain };
    let mut whole = header.completed(&missing);
    whole.extend_from_slice(mail.get(taken..).unwrap_or_default());
    Ok((wishes, whole.into()))
}

/// A mail of a form.
fn filled_in(submitter: &Submitter, query: &str, body: &[u8]) -> Result<(Wishes, Bytes), Problem> {
    if !query.is_empty() {
        return Err(Problem::refused("all of a form is in its fields, and nothing behind the `?`"));
    }
    let form: Form =
        serde_json::from_slice(body).map_err(|error| Problem::refused(format!("the form: {error}")))?;
    let now = OffsetDateTime::now_utc();
    let made = form.mail(&format_date(now), &message_id(submitter, now)?).map_err(Problem::refused)?;
    let mut wishes = Wishes {
        from: form.envelope_from.unwrap_or(made.author),
        to: made.recipients,
        notify: form.notify.as_ref().map(OneOrMore::names).unwrap_or_default().to_vec(),
        returned: form.r#return,
        envelope_id: form.envelope_id,
    };
    distinct(&mut wishes.to);
    Ok((wishes, made.mail.into()))
}

/// Nobody gets it twice.
fn distinct(all: &mut Vec<String>) {
    let mut known = std::collections::BTreeSet::new();
    all.retain(|one| known.insert(one.clone()));
}

/// What SMTP takes, this does: no CR and LF apart, no NUL, no endless line.
fn well_formed(mail: &[u8]) -> Result<(), String> {
    for (number, line) in (1..).zip(mail.split(|octet| *octet == b'\n')) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let what = match line.iter().find(|octet| matches!(octet, b'\r' | 0)) {
            Some(b'\r') => "a CR that no LF follows",
            Some(_) => "a NUL",
            None if line.len() > LINE => "more octets than a line has",
            None => continue,
        };
        return Err(format!("line {number} of the mail has {what}"));
    }
    Ok(())
}

/// A name that no other mail has.
fn message_id(submitter: &Submitter, now: OffsetDateTime) -> Result<String, Problem> {
    let mut random = [0; 12];
    getrandom::fill(&mut random)
        .map_err(|_| Problem::new(StatusCode::SERVICE_UNAVAILABLE, "no random numbers"))?;
    let number = random.iter().map(|octet| format!("{octet:02x}")).collect::<String>();
    Ok(format!("<{}.{number}@{}>", now.unix_timestamp(), submitter.domain))
}

/// What is kept of an answer: all that differs.
fn answer(id: QueueId, refused: &[Refused]) -> String {
    json!({ "id": id, "status": format!("/v1/messages/{id}"), "refused": shown_refusals(refused) })
        .to_string()
}

fn shown_refusals(refused: &[Refused]) -> Value {
    let shown = refused.iter().map(|(mailbox, reply)| {
        json!({
            "recipient": mailbox.to_string(),
            "code": reply.code().number(),
            "status": reply.enhanced().map(|code| code.to_string()),
            "text": reply.text(),
        })
    });
    shown.collect()
}

fn accepted(Submitted { answer }: &Submitted) -> Result<Response, Problem> {
    let nonsense =
        |_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the answer that was kept cannot be read");
    let body: Value = serde_json::from_str(answer).map_err(nonsense)?;
    let location = body["status"].as_str().unwrap_or_default().to_owned();
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(body)).into_response())
}

fn problem(why: NotSubmitted) -> Problem {
    match why {
        NotSubmitted::KeyInUse => Problem::refused("this Idempotency-Key was used for something else"),
        NotSubmitted::Reply(reply) => Problem::new(status(&reply), reply.text())
            .with("code", reply.code().number().into())
            .with("status", reply.enhanced().map(|code| code.to_string()).into()),
        NotSubmitted::ForNobody(refused) => {
            // What may pass is not refused for good.
            let may_pass = refused.iter().find(|(_, reply)| !reply.code().is_permanent());
            let status = may_pass.map_or(StatusCode::UNPROCESSABLE_ENTITY, |(_, reply)| status(reply));
            Problem::new(status, "nobody can get it").with("refused", shown_refusals(&refused))
        }
    }
}

/// What SMTP would have answered, as HTTP says it.
fn status(reply: &Reply) -> StatusCode {
    match reply.code() {
        ReplyCode::INSUFFICIENT_STORAGE_452 => StatusCode::INSUFFICIENT_STORAGE,
        ReplyCode::EXCEEDED_STORAGE_552 => StatusCode::PAYLOAD_TOO_LARGE,
        code if code.is_permanent() => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::smtp::reply::StatusDetail;

    #[test]
    fn keys_are_strings_with_or_without_quotes() {
        let read = |written: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(KEY, written.parse().unwrap());
            key(&headers).ok().flatten()
        };
        assert_eq!(read("\"8e03978e-40d5\"").as_deref(), Some("8e03978e-40d5"));
        assert_eq!(read("8e03978e").as_deref(), Some("8e03978e"));
        for bad in ["", "\"\"", "\"a", "a b", &"x".repeat(256)] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert!(key(&HeaderMap::new()).unwrap().is_none());
    }

    #[test]
    fn what_smtp_says_has_a_status_in_http() {
        let reply = |code| Reply::new(code, StatusDetail::OTHER_X_0_0, "no");
        for (code, expected) in [
            (ReplyCode::SERVICE_NOT_AVAILABLE_421, 503),
            (ReplyCode::LOCAL_ERROR_451, 503),
            (ReplyCode::INSUFFICIENT_STORAGE_452, 507),
            (ReplyCode::MAILBOX_UNAVAILABLE_550, 422),
            (ReplyCode::EXCEEDED_STORAGE_552, 413),
            (ReplyCode::TRANSACTION_FAILED_554, 422),
        ] {
            assert_eq!(status(&reply(code)).as_u16(), expected, "{code}");
        }
    }

    #[test]
    fn a_mail_that_smtp_would_not_take_is_refused_with_its_line() {
        assert_eq!(well_formed(b"a: b\r\n\r\nc"), Ok(()));
        for (mail, said) in
            [(&b"a\r\nb\rc\r\n"[..], "line 2"), (b"a\0", "a NUL"), (&[b'x'; LINE + 1], "more octets")]
        {
            assert!(well_formed(mail).unwrap_err().contains(said));
        }
    }
}
