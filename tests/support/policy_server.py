"""A web server that has policies of domains (RFC 8461): policy_server.py CERTIFICATE KEY FOLDER

FOLDER/NAME is the policy that the host NAME has; what there is no file for is not found. FOLDER/asked has a line for each question. The first line on standard output is the
port. It ends when standard input does.
"""

import http.server
import pathlib
import ssl
import sys
import threading

certificate, key, folder = sys.argv[1:]


class Policies(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        file = pathlib.Path(folder) / self.headers["Host"]
        with (pathlib.Path(folder) / "asked").open("a") as asked:
            asked.write(f"{self.headers['Host']}\n")
        found = self.path == "/.well-known/mta-sts.txt" and file.is_file()
        self.send_response(200 if found else 404)
        text = file.read_bytes() if found else b"there is none\n"
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Policies)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
