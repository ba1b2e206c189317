"""Sends a mail under TLS in chunks of any octets (BDAT with BODY=BINARYMIME, RFC 3030), by Python's smtplib.

    chunks.py PORT SENDER RECIPIENT CA < mail
"""

import smtplib
import ssl
import sys

CHUNK = 10_000

port, sender, recipient, ca = sys.argv[1:]
mail = sys.stdin.buffer.read()
context = ssl.create_default_context(cafile=ca)
with smtplib.SMTP_SSL("localhost", int(port), context=context) as server:
    server.ehlo()
    assert server.has_extn("chunking") and server.has_extn("binarymime"), server.esmtp_features
    for code, text in server.mail(sender, ["BODY=BINARYMIME"]), server.rcpt(recipient):
        assert code == 250, text
    for start in range(0, len(mail), CHUNK):
        chunk = mail[start : start + CHUNK]
        last = b" LAST" if start + CHUNK >= len(mail) else b""
        server.send(b"BDAT %d%s\r\n" % (len(chunk), last) + chunk)
        code, text = server.getreply()
        assert code == 250, text
