"""Answers Amazon ECS at the stages of a rollout: does the new revision answer as it should?

Configured by its environment, see probe.go. ECS calls it again as long as it says IN_PROGRESS:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html
"""

import http.client
import os
import ssl
import time
from urllib.parse import urlsplit

# After how many seconds ECS is to ask again.
AGAIN = 10
# What was handed on longer ago is of an earlier try.
STALE = 120


class Connection(http.client.HTTPConnection):
    """Connects to one address, and has TLS tell and prove another name."""

    def __init__(self, address, port, timeout, name):
        super().__init__(address, port, timeout=timeout)
        self.name = name

    def connect(self):
        super().connect()
        if self.name:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.name)


def ask(env):
    """Makes one request and returns the status of its answer. Redirects are answers too."""
    url = urlsplit(env["PROBE_URL"])
    tls = url.scheme == "https"
    host = env.get("PROBE_HOST") or url.hostname
    connection = Connection(url.hostname, url.port or (443 if tls else 80), float(env["PROBE_TIMEOUT"]), host if tls else None)
    try:
        path = (url.path or "/") + ("?" + url.query if url.query else "")
        connection.request("GET", path, headers={"Host": host, "User-Agent": "portkey-probe", "Connection": "close"})
        return connection.getresponse().status
    finally:
        connection.close()


def began(event, stage, now):
    """Tells when this try began: ECS hands on what the call before answered."""
    told = event.get("hookDetails")
    if isinstance(told, dict) and told.get("stage") == stage:
        try:
            if now - float(told["last"]) <= STALE:
                return float(told["since"])
        except (KeyError, TypeError, ValueError):
            pass
    return now


def verdict(event, env, now):
    """Asks once, and says what that means."""
    expected, patience = int(env["PROBE_STATUS"]), float(env["PROBE_RETRY_FOR"])
    stage = "%s of %s" % (event.get("lifecycleStage"), event.get("resourceArn"))
    try:
        status = ask(env)
        problem = None if status == expected else "answered %d, expected is %d" % (status, expected)
    except (OSError, http.client.HTTPException) as e:
        problem = "%s: %s" % (type(e).__name__, e)
    if problem is None:
        print("SUCCEEDED at %s: %s answered %d" % (stage, env["PROBE_URL"], expected))
        return {"hookStatus": "SUCCEEDED"}
    since = began(event, stage, now)
    left = since + patience - now
    answer = "FAILED" if left <= 0 else "IN_PROGRESS"
    print("%s at %s: %s %s" % (answer, stage, env["PROBE_URL"], problem))
    if answer == "FAILED":
        return {"hookStatus": "FAILED"}
    return {
        "hookStatus": "IN_PROGRESS",
        "callBackDelay": max(1, min(AGAIN, int(left))),
        "hookDetails": {"stage": stage, "since": since, "last": now},
    }


def handle(event, context):
    """Is what AWS Lambda calls. It never raises: ECS would roll back, and nobody would know why."""
    if isinstance(event, dict) and event.get("wake"):
        return {"awake": True}  # the operator keeps AWS Lambda from taking the function's network away
    try:
        return verdict(event if isinstance(event, dict) else {}, os.environ, time.time())
    except Exception as e:
        print("FAILED: %s: %s" % (type(e).__name__, e))
        return {"hookStatus": "FAILED"}
