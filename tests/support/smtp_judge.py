"""A mail server by others, aiosmtpd, that says what it gets: one line of JSON for each mail.

    smtp_judge.py smtp|lmtp[@SOCKET] [CERTIFICATE KEY [USER PASSWORD]]

The first line on standard output is the port; 0 for a socket. With a certificate STARTTLS is offered, and mail is taken only under it; with a
user, only from that one with that password. A recipient that begins with "unknown" is refused. It ends when standard input does.
"""

import asyncio
import base64
import json
import ssl
import sys

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Judge:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address.startswith("unknown"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.append(rcpt_options)
        return "250 2.1.5 recipient ok"

    async def handle_DATA(self, server, session, envelope):
        got = {
            "name": session.host_name,
            "tls": session.ssl is not None,
            "user": session.auth_data.login.decode() if session.authenticated else None,
            "from": envelope.mail_from,
            "mail_options": envelope.mail_options,
            "to": envelope.rcpt_tos,
            "content": base64.b64encode(envelope.original_content).decode(),
        }
        print(json.dumps(got), flush=True)
        return "250 2.6.0 got it"


async def main():
    (kind, _, socket), files = sys.argv[1].partition("@"), sys.argv[2:]
    options = {"enable_SMTPUTF8": True, "data_size_limit": 1 << 26}
    if files:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files[:2])
        options |= {"tls_context": context, "require_starttls": True}
    if files[2:]:
        known = LoginPassword(*(word.encode() for word in files[2:]))
        options |= {
            "auth_required": True,
            "authenticator": lambda server, session, envelope, mechanism, data: AuthResult(
                success=data == known, handled=False, auth_data=data
            ),
        }
    loop = asyncio.get_running_loop()

    def session():
        return (LMTP if kind == "lmtp" else SMTP)(Judge(), hostname="judge.example", loop=loop, **options)

    if socket:
        server = await loop.create_unix_server(session, socket)
        print(0, flush=True)
    else:
        server = await loop.create_server(session, "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main())
