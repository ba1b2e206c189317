"""What is in a mailbox, as Python's email package reads it: one JSON list.

    mailbox.py maildir FOLDER COUNT
    mailbox.py imap|pop3 PORT USER PASSWORD COUNT

It waits until so many messages are there, and gives up after a minute.
"""

import base64
import email
import email.policy
import imaplib
import json
import pathlib
import poplib
import sys
import time


def maildir(folder):
    files = [*pathlib.Path(folder).glob("new/*"), *pathlib.Path(folder).glob("cur/*")]
    return [file.read_bytes() for file in sorted(files, key=lambda file: file.stat().st_mtime_ns)]


def imap(port, user, password):
    with imaplib.IMAP4("127.0.0.1", int(port)) as server:
        server.login(user, password)
        server.select(readonly=True)
        _, numbers = server.search(None, "ALL")
        return [server.fetch(number, "(BODY.PEEK[])")[1][0][1] for number in numbers[0].split()]


def pop3(port, user, password):
    server = poplib.POP3("127.0.0.1", int(port))
    server.user(user)
    server.pass_(password)
    count, _ = server.stat()
    found = [b"\r\n".join(server.retr(number)[1]) + b"\r\n" for number in range(1, count + 1)]
    server.quit()
    return found


def fields(part):
    return {name.lower(): str(value) for name, value in part.items()}


def leaf(part):
    kind = part.get_content_type()
    found = {"type": kind, "name": part.get_filename()}
    if kind in ("message/delivery-status", "message/disposition-notification"):
        found["groups"] = [fields(group) for group in part.get_payload()]
    elif kind.startswith("message/"):
        found["text"] = part.get_payload(0).as_string()
    elif kind.startswith("text/"):
        found["text"] = part.get_content().replace("\r\n", "\n")
    else:
        found["octets"] = base64.b64encode(part.get_payload(decode=True)).decode()
    return found


def read(octets):
    mail = email.message_from_bytes(octets, policy=email.policy.SMTP)
    parts = list(mail.iter_parts()) if mail.is_multipart() else [mail]
    return {
        "type": mail.get_content_type(),
        "report": mail.get_param("report-type"),
        "defects": [str(defect) for part in mail.walk() for defect in part.defects],
        "header": fields(mail),
        "parts": [leaf(part) for part in parts],
        "raw": base64.b64encode(octets).decode(),
    }


def main():
    kind, *rest, count = sys.argv[1:]
    until = time.monotonic() + 60
    while True:
        found = {"maildir": maildir, "imap": imap, "pop3": pop3}[kind](*rest)
        if len(found) >= int(count):
            break
        if time.monotonic() > until:
            sys.exit(f"{len(found)} messages instead of {count}")
        time.sleep(0.05)
    print(json.dumps([read(octets) for octets in found]))


main()
