#!/usr/bin/env python3
"""Runs real functions under `cargo lambda watch` against the stand-ins: HTTP ones by their paths through the watch router
table, a worker, the websocket function and a stream function by `cargo lambda invoke` with their files from events/.

Everything listens on a free port of the loopback interface and keeps its data in a temporary folder; what was started is
ended by its process, also after a failure. Absent: every function (this shows that the tooling works; the tests show the
functions) and API Gateway (the watch server stands in for it).
"""

import contextlib
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
CARGO_LAMBDA = ROOT / ".venv/bin/cargo-lambda"
READY_SECONDS_MAX = 30
CALL_SECONDS_MAX = 120  # the first call of a function includes a `cargo run`
STOP_SECONDS_MAX = 10
POLL_SECONDS = 0.05


class Failed(Exception):
    """A check did not hold; the text says which and what came instead."""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def until(condition, what, process, log):
    """Waits until the condition holds, the process ends, or the time is up."""
    deadline = time.monotonic() + READY_SECONDS_MAX
    while not condition():
        if process.poll() is not None:
            raise Failed(f"{what} ended with {process.returncode}:\n{log.read_text()[-4000:]}")
        if time.monotonic() > deadline:
            raise Failed(f"{what} was not ready in {READY_SECONDS_MAX} s:\n{log.read_text()[-4000:]}")
        time.sleep(POLL_SECONDS)


@contextlib.contextmanager
def running(command, log):
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def listens(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def build():
    """All binaries at once, so that features unify as in every other build of the workspace."""
    subprocess.run(["cargo", "build", "--workspace", "--bins", "--quiet"], cwd=ROOT, check=True)
    metadata = subprocess.run(["cargo", "metadata", "--no-deps", "--format-version", "1"], cwd=ROOT, check=True,
                              capture_output=True)
    return pathlib.Path(json.loads(metadata.stdout)["target_directory"]) / "debug"


class Watch:
    """The functions as the outside sees them."""

    def __init__(self, port):
        self.port = port

    def call(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=CALL_SECONDS_MAX)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        try:
            return answer.status, json.loads(text)
        except ValueError:
            raise Failed(f"{method} {path} answered {answer.status}, not JSON: {text[:400]}") from None

    def invoke(self, function, event_file):
        done = subprocess.run(
            [CARGO_LAMBDA, "lambda", "invoke", "--invoke-address", "127.0.0.1", "--invoke-port", str(self.port),
             "--data-file", event_file, function],
            cwd=ROOT, capture_output=True, text=True, timeout=CALL_SECONDS_MAX, check=False)
        if done.returncode != 0:
            raise Failed(f"{function} failed on {event_file}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)


def expect(what, got, held):
    if not held:
        raise Failed(f"{what}: {got}")
    print(f"functions: {what}")


def fetch(url, body=None, headers=None):
    request = urllib.request.Request(url, body, headers or {})
    with urllib.request.urlopen(request, timeout=CALL_SECONDS_MAX) as answer:
        return json.load(answer)


def received(environment):
    """The body of a message of the notifications queue."""
    headers = {"x-amz-target": "AmazonSQS.ReceiveMessage", "content-type": "application/x-amz-json-1.0"}
    ask = json.dumps({"QueueUrl": environment["QUEUE_NOTIFICATIONS_URL"], "WaitTimeSeconds": 5})
    messages = fetch(environment["AWS_ENDPOINT_URL_SQS"], ask.encode(), headers).get("Messages", [])
    expect("auth puts a message into the queue", messages, len(messages) == 1)
    return messages[0]["Body"]


def read_environment(path):
    lines = (line.split("=", 1) for line in path.read_text().splitlines())
    return {name: value.strip('"') for name, value in lines}


def check(watch, folder, environment):
    status, body = watch.call("GET", "/api/v1/health")
    expect("platform answers GET /api/v1/health", (status, body), status == 200)

    register = json.loads((ROOT / "events/http-register.json").read_text())
    headers = {name: register["headers"][name] for name in ("content-type", "idempotency-key")}
    status, body = watch.call(register["requestContext"]["http"]["method"], register["rawPath"], register["body"], headers)
    expect("auth registers a person in the stand-in's table", (status, body), status in (201, 202))

    status, body = watch.call("POST", register["rawPath"], "{}", {**headers, "idempotency-key": "another"})
    expect("auth refuses an empty registration with a problem", (status, body), status == 422 and "type" in body)

    status, body = watch.call("GET", "/api/v1/users/profile")
    expect("users asks a stranger for a token", (status, body), status == 401)

    # the event of events/ with the message that auth has really sent
    notification = json.loads((ROOT / "events/sqs-notifications.json").read_text())
    notification["Records"][0]["body"] = received(environment)
    notification_file = folder / "notification.json"
    notification_file.write_text(json.dumps(notification))
    answer = watch.invoke("worker-notifications", str(notification_file))
    expect("worker-notifications takes its message", answer, answer == {"batchItemFailures": []})
    mails = fetch(environment["MAIL_URL"] + ".json")
    address = json.loads(register["body"])["email"]
    expect("worker-notifications sends the mail", mails, [mail["to"] for mail in mails] == [[address]])

    poison = json.loads((ROOT / "events/sqs-notifications.json").read_text())
    poison["Records"][0]["body"] = "not a message"
    poison_file = folder / "poison.json"
    poison_file.write_text(json.dumps(poison))
    answer = watch.invoke("worker-notifications", str(poison_file))
    failed = [{"itemIdentifier": poison["Records"][0]["messageId"]}]
    expect("worker-notifications gives a poison message back", answer, answer == {"batchItemFailures": failed})

    answer = watch.invoke("websocket", "events/websocket-connect.json")
    expect("websocket accepts a connection from an allowed origin", answer, answer.get("statusCode") == 200)

    answer = watch.invoke("stream", "events/stream-bookings.json")
    expect("stream takes a record of the bookings table", answer, answer == {"batchItemFailures": []})


def main():
    binaries = build()
    with tempfile.TemporaryDirectory(prefix="tofimotia-check-") as name:
        folder = pathlib.Path(name)
        env_file, local_log, watch_log = folder / "env", folder / "local.log", folder / "watch.log"
        local = [binaries / "local", "--no-functions", "--port", "0", "--data", folder]
        with running(local, local_log) as process:
            until(env_file.exists, "the stand-ins", process, local_log)
            port = free_port()
            watch = [CARGO_LAMBDA, "lambda", "watch", "--invoke-address", "127.0.0.1", "--invoke-port", str(port),
                     "--env-file", env_file, "--offline", "--disable-cors", "--ignore-changes"]
            with running(watch, watch_log) as process:
                until(lambda: listens(port), "cargo lambda watch", process, watch_log)
                try:
                    check(Watch(port), folder, read_environment(env_file))
                except Failed:
                    print(f"--- stand-ins\n{local_log.read_text()[-4000:]}", file=sys.stderr)
                    print(f"--- cargo lambda watch\n{watch_log.read_text()[-8000:]}", file=sys.stderr)
                    raise


if __name__ == "__main__":
    os.environ.pop("CARGO_LAMBDA_INVOKE_PORT", None)
    try:
        main()
    except Failed as failure:
        print(f"functions: {failure}", file=sys.stderr)
        sys.exit(1)
