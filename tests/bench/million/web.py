"""nginx, a private instance on a free port that serves fixed bodies: what HTTP costs on this machine at least."""

import contextlib
import os
import shutil
import socket
import subprocess
import time

from fleet import fail, free_port

CONFIGURATION = """
daemon off;
pid {home}/nginx.pid;
error_log stderr error;
worker_processes auto;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile on;
    tcp_nodelay on;
    keepalive_requests 1000000000;
    default_type application/json;
    open_file_cache max=16;
    client_body_temp_path {home}/body; proxy_temp_path {home}/proxy; fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi; scgi_temp_path {home}/scgi;
    server {{ listen 127.0.0.1:{port}; root {home}/files; }}
}}
"""


class Nginx(contextlib.ExitStack):
    """Serves each given body under its name."""

    def __init__(self, home, bodies):
        super().__init__()
        self.home, self.bodies = os.path.join(home, "nginx"), bodies

    def __enter__(self):
        super().__enter__()
        # Its workers may be another user: they have to come by.
        os.makedirs(os.path.join(self.home, "files"))
        for folder in (os.path.dirname(self.home), self.home, os.path.join(self.home, "files")):
            os.chmod(folder, 0o755)
        for name, body in self.bodies.items():
            with open(os.path.join(self.home, "files", name), "wb") as file:
                file.write(body)
        port = free_port()
        with open(os.path.join(self.home, "nginx.conf"), "w") as file:
            file.write(CONFIGURATION.format(home=self.home, port=port))
        process = subprocess.Popen(["nginx", "-c", os.path.join(self.home, "nginx.conf")], stderr=subprocess.PIPE)
        self.callback(process.wait)
        self.callback(process.terminate)
        self.pid, self.base = process.pid, f"http://127.0.0.1:{port}"
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return self
            time.sleep(0.02)
        fail("nginx does not listen: " + process.stderr.read1(2000).decode(errors="replace"))


def installed():
    return bool(shutil.which("nginx"))
