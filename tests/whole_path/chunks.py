"""Sends a mail in chunks of any octets (BDAT with BODY=BINARYMIME, RFC 3030), by Python's smtplib: under TLS, and as a user
who proves that by SCRAM-SHA-256 (RFC 7677).

    chunks.py PORT SENDER RECIPIENT CA USER PASSWORD < mail
"""

import base64
import hashlib
import hmac
import secrets
import smtplib
import ssl
import sys

CHUNK = 10_000

port, sender, recipient, ca, user, password = sys.argv[1:]


class Scram:
    """What the client says in turn."""

    def __init__(self):
        self.bare = f"n={user},r={secrets.token_urlsafe()}"

    def __call__(self, challenge=None):
        if challenge is None:
            return "n,," + self.bare
        challenge = challenge.decode() if isinstance(challenge, bytes) else challenge
        fields = dict(field.split("=", 1) for field in challenge.split(","))
        if "v" in fields:
            assert base64.b64decode(fields["v"]) == self.signature, "the server does not know the password"
            return ""
        key = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(fields["s"]), int(fields["i"]))
        sign = lambda key, text: hmac.digest(key, text, "sha256")
        final = "c=biws,r=" + fields["r"]
        signed = ",".join([self.bare, challenge, final]).encode()
        client_key = sign(key, b"Client Key")
        signature = sign(hashlib.sha256(client_key).digest(), signed)
        proof = bytes(one ^ other for one, other in zip(client_key, signature))
        self.signature = sign(sign(key, b"Server Key"), signed)
        return final + ",p=" + base64.b64encode(proof).decode()


mail = sys.stdin.buffer.read()
context = ssl.create_default_context(cafile=ca)
with smtplib.SMTP_SSL("localhost", int(port), context=context) as server:
    server.ehlo()
    assert server.has_extn("chunking") and server.has_extn("binarymime"), server.esmtp_features
    code, text = server.docmd("MAIL FROM:<>")
    assert code == 530, text
    try:
        # By PLAIN, then by LOGIN.
        server.login(user, password + "x")
        sys.exit("another password was taken")
    except smtplib.SMTPAuthenticationError as error:
        assert error.smtp_code == 535, error
    server.auth("SCRAM-SHA-256", Scram())
    for code, text in server.mail(sender, ["BODY=BINARYMIME"]), server.rcpt(recipient):
        assert code == 250, text
    for start in range(0, len(mail), CHUNK):
        chunk = mail[start : start + CHUNK]
        last = b" LAST" if start + CHUNK >= len(mail) else b""
        server.send(b"BDAT %d%s\r\n" % (len(chunk), last) + chunk)
        code, text = server.getreply()
        assert code == 250, text
