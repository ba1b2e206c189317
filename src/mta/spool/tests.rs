use std::os::unix::fs::FileExt as _;

use rasn_x400::ber::{self, Limits};
use rasn_x400::x419::MtsApdu;

use super::super::content::Piece;
use super::*;

/// Octets from hexadecimal digits; spaces group them for the reader.
fn octets(digits: &str) -> Vec<u8> {
    let digits: String = digits.split_whitespace().collect();
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let contents = parts.concat();
    let length = u32::try_from(contents.len()).unwrap().to_be_bytes();
    [&[tag, 0x84], &length[..], &contents].concat()
}

const OR_NAME: &str = "60 12 30 10 6104 1302 4445 6203 1301 20 8303 616263";
const IDENTIFIER: &str = "64 13 63 0b 6104 1302 4445 6203 1301 20 1604 6D736731";

/// Envelope of a message, or the whole of a probe.
fn envelope(tag: u8) -> Vec<u8> {
    let trace = octets(
        "69 24 30 22 63 0b 6104 1302 4445 6203 1301 20 31 13 80 0d 3236313132333132303030305a 82 02 0000",
    );
    let recipient = element(0x31, &[&octets(OR_NAME), &octets("8001 01"), &octets("8102 00A8")]);
    let recipients = element(0xa2, &[&recipient]);
    element(tag, &[&octets(IDENTIFIER), &octets(OR_NAME), &octets("46 01 16"), &trace, &recipients])
}

fn message(content: &[u8]) -> Vec<u8> {
    element(0xa0, &[&envelope(0x31), &element(0x04, &[content])])
}

fn spool() -> (tempfile::TempDir, Spool) {
    let folder = tempfile::tempdir().unwrap();
    let (spool, removed) = Spool::open(folder.path()).unwrap();
    assert_eq!(removed, 0);
    (folder, spool)
}

fn files(folder: &tempfile::TempDir) -> Vec<String> {
    let names = std::fs::read_dir(folder.path()).unwrap();
    let mut names: Vec<String> =
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

async fn feed(incoming: &mut Incoming, octets: &[u8], size: usize) -> Result<(), Refused> {
    for part in octets.chunks(size) {
        incoming.data(Bytes::copy_from_slice(part)).await?;
    }
    Ok(())
}

async fn arrive(spool: &Spool, octets: &[u8], size: usize) -> Result<Arrived, Refused> {
    let mut incoming = spool.begin("a");
    feed(&mut incoming, octets, size).await?;
    incoming.end()?.secure().await
}

#[tokio::test]
async fn a_message_is_in_one_piece_however_it_came() {
    let long = vec![0x55; 3 * GATHERED];
    for content in [&b"content"[..], b"", &long] {
        let plain = message(content);
        let expected: MtsApdu = ber::decode(&plain, plain.len()).unwrap();
        let half = content.len() / 2;
        let segments = [&element(0x04, &[&content[..half]])[..], &element(0x04, &[&content[half..]])];
        let cut = element(0xa0, &[&envelope(0x31), &element(0x24, &segments)]);
        let wrapped = element(0x28, &[&octets("020105"), &element(0xa0, &[&cut])]);
        for whole in [plain, cut, wrapped] {
            for size in [1000, whole.len()] {
                let (folder, spool) = spool();
                let arrived = arrive(&spool, &whole, size).await.unwrap();
                assert_eq!(files(&folder), ["a.mtsapdu.ber"]);
                let file = std::fs::read(&arrived.path).unwrap();
                assert_eq!(MtsApdu::from_octets(&file, Limits::default().whole).as_ref(), Ok(&expected));
                let range = arrived.content.unwrap();
                let mut read = vec![0; usize::try_from(range.length).unwrap()];
                range.file.read_exact_at(&mut read, range.offset).unwrap();
                assert_eq!(read, content);
                assert_eq!(arrived.subject.identifier().local_identifier.to_text(), "msg1");
            }
        }
    }
}

#[tokio::test]
async fn a_probe_is_written_as_it_came() {
    let (_folder, spool) = spool();
    let probe = envelope(0xa2);
    let arrived = arrive(&spool, &probe, 10).await.unwrap();
    assert_eq!((arrived.subject.kind(), arrived.content.is_none()), ("probe", true));
    assert_eq!(std::fs::read(arrived.path).unwrap(), probe);
}

#[tokio::test]
async fn what_is_given_up_leaves_nothing_behind() {
    let (folder, spool) = spool();
    let octets = message(&vec![0x55; 2 * GATHERED]);
    let mut incoming = spool.begin("a");
    feed(&mut incoming, &octets[..octets.len() - 1], 50_000).await.unwrap();
    assert_eq!(files(&folder), ["a.unfinished"]);
    assert!(matches!(incoming.end(), Err(Refused::NotAnApdu(_))), "an octet is missing");
    assert_eq!(files(&folder), [""; 0]);

    let mut incoming = spool.begin("b");
    feed(&mut incoming, &octets, 50_000).await.unwrap();
    drop(incoming.end().unwrap());
    assert_eq!(files(&folder), [""; 0]);
}

#[tokio::test]
async fn nonsense_is_refused_as_soon_as_it_shows() {
    let (folder, spool) = spool();
    let mut incoming = spool.begin("a");
    let refused = incoming.data(Bytes::from_static(b"HELO")).await.unwrap_err();
    assert_eq!(refused.refusal(), TransferRefusal::Permanent);
    assert_eq!(
        refused.to_string(),
        "not an MTS-APDU: MTS-APDU, octet 0: expected a message, report or probe, found Tag { class: Application, value: 8 }"
    );
    assert_eq!(files(&folder), [""; 0]);
}

#[tokio::test]
async fn a_disk_that_fails_is_a_reason_to_try_later() {
    let (folder, spool) = spool();
    std::fs::remove_dir(folder.path()).unwrap();
    let refused = arrive(&spool, &message(b"content"), 100).await.unwrap_err();
    assert_eq!(refused.refusal(), TransferRefusal::Temporary);
}

#[test]
fn what_a_crash_left_unfinished_is_removed() {
    let (folder, _) = spool();
    for name in ["a.unfinished", "b.mtsapdu.ber", "c.unfinished"] {
        std::fs::write(folder.path().join(name), b"").unwrap();
    }
    assert_eq!(Spool::open(folder.path()).unwrap().1, 2);
    assert_eq!(files(&folder), ["b.mtsapdu.ber"]);
}

#[test]
fn what_is_there_already_is_written_in_pieces() {
    let (folder, spool) = spool();
    let mut file = tempfile::tempfile().unwrap();
    let long: Vec<u8> = (0..=255).cycle().take(3 * GATHERED + 5).collect();
    io::Write::write_all(&mut file, &long).unwrap();
    let range = FileRange { file: Arc::new(file), offset: 3, length: long.len() as u64 - 3 };
    let pieces = [Piece::Octets(Bytes::from_static(b"head")), Piece::Range(range)];
    let path = spool.write("b", &pieces.into_iter().collect()).unwrap();
    assert_eq!(files(&folder), ["b.mtsapdu.ber"]);
    assert_eq!(std::fs::read(path).unwrap(), [b"head", &long[3..]].concat());
    // A file that is too short leaves nothing.
    let range = FileRange { file: Arc::new(tempfile::tempfile().unwrap()), offset: 0, length: 1 };
    spool.write("c", &range.into()).unwrap_err();
    assert_eq!(files(&folder), ["b.mtsapdu.ber"]);
}
