"""A new administrator every second, signed with JWT_SECRET_KEY, and bodies of lines: for SCHEMATHESIS_HOOKS.

One administrator would soon have ended their own session, deactivated or removed their own account, and then be refused.
"""

import base64
import hashlib
import hmac
import json
import os
import time
import uuid

import schemathesis


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@schemathesis.auth(refresh_interval=1)
class NewAdministrator:
    def get(self, case, context):
        now = int(time.time())
        claims = {"sub": str(uuid.uuid4()), "iat": now, "exp": now + 600, "roles": ["admin"], "sid": str(uuid.uuid4())}
        parts = ({"alg": "HS256", "typ": "JWT"}, claims)
        signed = ".".join(encoded(json.dumps(part).encode()) for part in parts)
        key = os.environ["JWT_SECRET_KEY"].encode()
        return f"{signed}.{encoded(hmac.digest(key, signed.encode(), hashlib.sha256))}"

    def set(self, case, data, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.serializer("application/x-ndjson")
def lines(context, value):
    """Whatever comes is a line, and gets a verdict."""
    return value.encode(errors="replace") if isinstance(value, str) else json.dumps(value).encode()
