//! Two gateways, joined by P1 over a line that is cut at random: whatever is addressed to the other side arrives there, once.
//!
//! Mails of all sizes and priorities go in by SMTP on both sides at once. Afterwards the queues of both are looked through:
//! what awaits the Internet side of the one must be exactly what the other accepted, by MTS identifier, with its recipients,
//! its priority and every octet it carries. `SEED=number` runs with other cuts and other octets.

mod mail;
mod proxy;
mod tally;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mail::{Mail, Sizes, mails, submit};
use proxy::{Dice, Line, Plan};
use rasn_x400::x411::trace::GlobalDomainIdentifier;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use tally::tally;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use x400_gateway::config::Config;
use x400_gateway::mta::relay::Apdu;
use x400_gateway::queue::entry::{Kind, Origin};
use x400_gateway::queue::store::sqlite::SqliteStore;
use x400_gateway::queue::store::{Filter, Store as _, Tracked};
use x400_gateway::serve;

/// How long a run may take before it is given up and what is missing is named.
const PATIENCE: Duration = Duration::from_secs(600);
/// Sessions by which the mails of one side are submitted.
const SESSIONS: usize = 4;

/// The tests of this file count what the whole process logs, so one goes after the other.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// What a run is like.
struct Run {
    /// What the peers say about mode and TLS.
    peer: &'static str,
    /// What `[x400]` says.
    x400: &'static str,
    /// The mails of each side.
    sizes: Sizes,
    /// Cuts on both lines together.
    cuts: usize,
}

// ledger: beyond T-31 T-35
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_mails_over_tls_arrive_once_though_the_line_is_cut_fifty_times() {
    let run = Run {
        peer: "tls = { names = [\"THEM.example\"] }\nmode = \"normal\"\n",
        x400: "tls = \"required\"\n",
        sizes: &[(448, 4_000), (48, 100_000), (4, 5_000_000)],
        cuts: 50,
    };
    run.go().await;
}

// ledger: beyond T-31
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_mails_in_x410_mode_arrive_once_though_the_line_is_cut_ten_times() {
    let run = Run {
        peer: "mode = \"x410-1988\"\n",
        x400: "",
        sizes: &[(40, 4_000), (9, 100_000), (1, 1_000_000)],
        cuts: 10,
    };
    run.go().await;
}

impl Run {
    async fn go(&self) {
        let _alone = ONE_AT_A_TIME.lock().await;
        let seed = std::env::var("SEED").map_or(1, |seed| seed.parse().expect("SEED is a number"));
        println!("seed {seed}");
        let mut dice = Dice::new(seed);
        let before = tally().all();
        let begun = Instant::now();

        let folder = tempfile::tempdir().unwrap();
        issue_certificates(folder.path());
        let [west_mails, east_mails] =
            [("west", "east"), ("east", "west")].map(|(from, to)| mails(from, to, self.sizes, &mut dice));
        let west_line = Line::new(self.plan(&west_mails, &mut dice)).await;
        let east_line = Line::new(self.plan(&east_mails, &mut dice)).await;
        let west = self.gateway("west", "east", west_line.address, folder.path()).await;
        let east = self.gateway("east", "west", east_line.address, folder.path()).await;
        west_line.connect(east.x400.unwrap());
        east_line.connect(west.x400.unwrap());

        let (west_names, east_names) =
            tokio::join!(submit_all(west.smtp[0], &west_mails), submit_all(east.smtp[0], &east_mails));
        let accepted = begun.elapsed();
        let stores = [west.store(), east.store()];
        let settled = settled([(&stores[0], west_names.len()), (&stores[1], east_names.len())]);
        let in_time = tokio::time::timeout(PATIENCE, settled).await.is_ok();
        let transferred = begun.elapsed();
        tokio::join!(west.stop(), east.stop());

        let mut faults = Vec::new();
        let at_east = compare("west", "east", &west_names, &stores[1], &mut faults).await;
        let at_west = compare("east", "west", &east_names, &stores[0], &mut faults).await;
        let mut cuts = 0;
        for (name, line) in [("west", west_line), ("east", east_line)] {
            let (cut, connections) = line.cuts();
            println!("line of {name}, {connections} connections: {}", cut.join("; "));
            cuts += cut.len();
        }
        println!("{}", report(&before, at_east + at_west, cuts));
        println!("accepted after {accepted:.1?}, transferred after {transferred:.1?}");
        if !in_time {
            faults.push(format!("not everything was transferred within {PATIENCE:?}"));
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
        assert_eq!(cuts, self.cuts, "cuts that were made, and that were to be made");
    }

    /// The cuts on one line: within nine tenths of what the mails carry, and of one answer for each.
    fn plan(&self, mails: &[Arc<Mail>], dice: &mut Dice) -> Plan {
        let octets: usize = mails.iter().map(|mail| mail.carried.len()).sum();
        Plan::new(self.cuts / 2, octets as u64 * 9 / 10, mails.len() as u64 * 9 / 10, dice)
    }

    /// A gateway called `us` whose peer `them` is reached over a line.
    async fn gateway(&self, us: &str, them: &str, line: SocketAddr, folder: &Path) -> serve::Running {
        let file = |name: &str| folder.join(name).display().to_string();
        std::fs::write(
            folder.join(format!("{us}.toml")),
            format!(
                "[gateway]\ndomain = \"gateway.{us}.example\"\nor = \"/O=gateway/PRMD={us}/ADMD=x/C=XX/\"\n\
                 [[equivalence]]\ndomain = \"{us}.example\"\nor = \"/PRMD={us}/ADMD=x/C=XX/\"\n\
                 [[equivalence]]\ndomain = \"{them}.example\"\nor = \"/PRMD={them}/ADMD=x/C=XX/\"\n"
            ),
        )
        .unwrap();
        let text = format!(
            "[gateway]\nhost-name = \"gateway.{us}.example\"\nmta-name = \"{us}\"\n\
             domain = \"/PRMD={us}/ADMD=x/C=XX/\"\ndata = {:?}\nmappings = {:?}\n\
             [internet]\nhold = true\n[smtp]\nlisten = []\n[x400]\nlisten = \"127.0.0.1:0\"\n{}\
             [tls]\nca = {:?}\ncertificate = {:?}\nkey = {:?}\n\
             [[peer]]\nname = \"{them}\"\naddress = \"{line}\"\ntheir-name = \"{them}\"\n\
             our-password = \"{us}\"\ntheir-password = \"{them}\"\ncheckpoint-size = 16\n{}",
            file(us),
            file(&format!("{us}.toml")),
            self.x400,
            file("ca"),
            file(&format!("{us}.certificate")),
            file(&format!("{us}.key")),
            self.peer.replace("THEM", them),
        );
        let mut config = Config::parse(us, &text).unwrap_or_else(|report| panic!("{}", report.render()));
        config.queue.first_retry = Duration::from_millis(50);
        config.queue.longest_retry = Duration::from_millis(200);
        config.peers[0].first_reconnect = Duration::from_millis(20);
        config.peers[0].longest_reconnect = Duration::from_millis(100);
        let smtp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        serve::start(config, vec![smtp]).await.unwrap_or_else(|error| panic!("{us}: {error}"))
    }
}

/// A CA, and a certificate for each side in both roles.
fn issue_certificates(folder: &Path) {
    let mut parameters = CertificateParams::new(Vec::new()).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    parameters.distinguished_name.push(DnType::OrganizationName, "two gateways");
    let issuer = CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap();
    std::fs::write(folder.join("ca"), issuer.pem()).unwrap();
    for us in ["west", "east"] {
        let names = ["127.0.0.1".to_owned(), format!("{us}.example")];
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
        std::fs::write(folder.join(format!("{us}.certificate")), certificate.pem()).unwrap();
        std::fs::write(folder.join(format!("{us}.key")), key.serialize_pem()).unwrap();
    }
}

/// Submits mails over several sessions at a time; gives each under the name that it has in the queue.
async fn submit_all(server: SocketAddr, mails: &[Arc<Mail>]) -> BTreeMap<String, Arc<Mail>> {
    let mut sessions = JoinSet::new();
    for share in mails.chunks(mails.len().div_ceil(SESSIONS)) {
        sessions.spawn(submit(server, share.to_vec()));
    }
    sessions.join_all().await.into_iter().flatten().collect()
}

/// Waits until each queue is done with so many of its own messages.
async fn settled(queues: [(&Arc<SqliteStore>, usize); 2]) {
    let mut changes = tally().changes();
    for (store, messages) in queues {
        let mut looked_at = u64::MAX;
        loop {
            // Each end is logged, so that there is something new to see only then.
            let ends = tally().count("done");
            if ends != looked_at && store.count().await.unwrap().done >= messages as u64 {
                break;
            }
            looked_at = ends;
            changes.changed().await.unwrap();
        }
    }
}

/// Everything in a queue that came over P1.
async fn arrived(store: &SqliteStore) -> Vec<Tracked> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = store.list(Filter { state: None, after, limit: 500 }).await.unwrap();
        let Some(last) = page.last() else { return all };
        after = Some(last.id);
        for line in page {
            all.extend(store.load(line.id).await.unwrap().filter(|tracked| tracked.entry.kind == Kind::P1));
        }
    }
}

/// Compares what was accepted at `from` with what arrived at `to`; gives the number of messages that arrived as they should.
async fn compare(
    from: &str,
    to: &str,
    accepted: &BTreeMap<String, Arc<Mail>>,
    store: &SqliteStore,
    faults: &mut Vec<String>,
) -> usize {
    let domain = GlobalDomainIdentifier::new("XX", "x", Some(from));
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut good = 0;
    for Tracked { entry, .. } in arrived(store).await {
        let id = entry.id;
        let mut strange = |what: String| faults.push(format!("{what}: entry {id} at {to}"));
        let content = store.content(&entry).await.unwrap();
        let apdu = Apdu::read(&content.into()).unwrap();
        let identifier = apdu.identifier();
        let name = identifier.local_identifier.to_text().into_owned();
        let Some(mail) = accepted.get(&name).filter(|_| identifier.domain == domain) else {
            strange(format!("a {} `{name}` that nobody sent", apdu.kind()));
            continue;
        };
        let times = seen.entry(name).or_default();
        *times += 1;
        if *times > 1 {
            strange(format!("{} arrived {times} times", mail.name));
            continue;
        }
        let Apdu::Message { envelope, content, .. } = &apdu else {
            strange(format!("{} became a {}", mail.name, apdu.kind()));
            continue;
        };
        let pending: Vec<String> = entry.pending().map(|recipient| recipient.address.clone()).collect();
        let octets = content.read().unwrap().concat();
        let whole = memchr::memmem::find(&octets, &mail.carried).is_some();
        if entry.origin != (Origin::P1 { mta: from.into() }) || pending != mail.or_addresses(to) {
            strange(format!("{} came from {:?} for {pending:?}", mail.name, entry.origin));
        } else if envelope.priority != mail.priority {
            strange(format!("{} came as {:?}", mail.name, envelope.priority));
        } else if !whole {
            strange(format!("{} is not whole", mail.name));
        } else {
            good += 1;
        }
    }
    let lost = accepted.iter().filter(|(name, _)| !seen.contains_key(*name));
    faults.extend(lost.map(|(name, mail)| format!("{} did not arrive at {to}: `{name}`", mail.name)));
    good
}

/// What the run was like, from the log.
fn report(before: &BTreeMap<String, u64>, messages: usize, cuts: usize) -> String {
    let said = |what: &str| tally().count(what) - before.get(what).copied().unwrap_or(0);
    let table = [
        ("transfers resumed", said("a message that was cut off goes on")),
        (
            "transfers restarted, since nothing was known of them",
            said("a message that was cut off is not known any more, and comes anew"),
        ),
        ("transfers restarted by the queue", said("not transferred")),
        (
            "duplicates recognised by activity",
            said("a message comes again that was secured, and is only confirmed"),
        ),
        ("duplicates recognised by MTS identifier", said("secured before: confirmed, not handed on again")),
    ];
    let mut report = format!("{messages} messages arrived once, {cuts} cuts");
    for (what, count) in table {
        write!(report, "\n{count:5} {what}").unwrap();
    }
    report
}
