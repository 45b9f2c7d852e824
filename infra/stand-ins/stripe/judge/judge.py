"""Drives the built stand-in with Stripe's official Python library and judges what it answers.

    python judge.py PATH/TO/stripe-stand-in

The library is unchanged: only its base address points at the stand-in. Each check prints a line; the exit code
is not zero when one fails. The webhook is received over HTTP and verified by the library itself.
"""

import http.server
import json
import queue
import subprocess
import sys
import tempfile
import threading
import urllib.request

import stripe

WEBHOOK_SECRET = "whsec_judge"
SECRET_KEY = "sk_test_judge"
WAIT_SECONDS = 20
CARDS_ONLY = {"enabled": True, "allow_redirects": "never"}


class Judge:
    def __init__(self):
        self.failures = 0

    def check(self, what, holds, detail=""):
        print(f"{'ok  ' if holds else 'FAIL'} {what}{'' if holds else f': {detail}'}", flush=True)
        self.failures += 0 if holds else 1

    def refuses(self, what, kind, call, **expected):
        """The call raises this exception with these attributes."""
        try:
            call()
        except stripe.StripeError as error:
            found = {name: getattr(error, name, None) for name in expected}
            detail = f"{type(error).__name__} {found} {error}"
            self.check(what, isinstance(error, kind) and found == expected, detail)
            return error
        self.check(what, False, "nothing was raised")
        return None


class Receiver:
    """A web server that keeps the webhooks it is sent."""

    def __init__(self):
        received = self.received = queue.Queue()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                received.put((body, self.headers["stripe-signature"]))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/webhook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next_about(self, event_type, object_id):
        """The first webhook of this type about this object, as bytes and signature."""
        while True:
            body, signature = self.received.get(timeout=WAIT_SECONDS)
            event = stripe.Event.construct_from(json.loads(body), SECRET_KEY)
            if event.type == event_type and event.data.object.id == object_id:
                return body, signature


def start(binary, folder, receiver):
    process = subprocess.Popen(
        [binary, "--port", "0", "--data", folder, "--secret-key", SECRET_KEY]
        + ["--webhook", receiver.url, "--webhook-secret", WEBHOOK_SECRET],
        stdout=subprocess.PIPE,
        text=True,
    )
    line = process.stdout.readline().strip()
    return process, line.removeprefix("listening on ")


def pay(client, card, **more):
    params = {
        "amount": 2500,
        "currency": "usd",
        "confirm": True,
        "payment_method": card,
        "automatic_payment_methods": CARDS_ONLY,
        **more,
    }
    return client.v1.payment_intents.create(params)


def judge_payment(judge, client, receiver):
    customer = client.v1.customers.create({"email": "ada@example.com", "metadata": {"user": "u1"}})
    paid = pay(client, "pm_card_visa", customer=customer.id, metadata={"booking": "b1"}, expand=["latest_charge"])
    judge.check("a good card pays", paid.status == "succeeded" and paid.amount_received == 2500, paid)
    judge.check("the charge is expanded", paid.latest_charge.amount_captured == 2500, paid.latest_charge)
    judge.check("metadata are kept", paid.metadata["booking"] == "b1", paid.metadata)
    again = client.v1.payment_intents.retrieve(paid.id, {"expand": ["customer"]})
    judge.check("it is retrieved with its customer", again.customer.email == "ada@example.com", again.customer)
    for _ in range(3):
        client.v1.customers.create({})
    found = [one.id for one in client.v1.customers.list({"limit": 2}).auto_paging_iter()]
    judge.check("lists page automatically", len(found) == 4 and customer.id in found, found)

    body, signature = receiver.next_about("payment_intent.succeeded", paid.id)
    event = stripe.Webhook.construct_event(body, signature, WEBHOOK_SECRET)
    judge.check("its webhook is verified by the library", event.data.object.amount == 2500, event)
    judge.refuses(
        "a changed webhook is not",
        stripe.SignatureVerificationError,
        lambda: stripe.Webhook.construct_event(body + b" ", signature, WEBHOOK_SECRET),
    )
    stored = client.v1.events.retrieve(event.id)
    judge.check("the event is retrieved", stored.type == "payment_intent.succeeded", stored)
    return paid


def judge_declines(judge, client):
    cards = {
        "pm_card_visa_chargeDeclined": ("card_declined", "generic_decline"),
        "pm_card_visa_chargeDeclinedInsufficientFunds": ("card_declined", "insufficient_funds"),
        "pm_card_chargeDeclinedExpiredCard": ("expired_card", None),
        "pm_card_chargeDeclinedIncorrectCvc": ("incorrect_cvc", None),
    }
    for card, (code, decline_code) in cards.items():
        error = judge.refuses(
            f"{card} declines", stripe.CardError, lambda: pay(client, card), code=code, http_status=402
        )
        if error is not None:
            intent = error.error.payment_intent
            judge.check(
                "  and leaves its intent open",
                intent.status == "requires_payment_method" and error.error.decline_code == decline_code,
                error.json_body,
            )


def judge_challenge(judge, client):
    challenged = pay(client, "pm_card_threeDSecure2Required", return_url="http://127.0.0.1:9/done")
    judge.check("3-D Secure asks for an action", challenged.status == "requires_action", challenged)
    url = challenged.next_action.redirect_to_url.url
    with urllib.request.urlopen(url, timeout=WAIT_SECONDS) as page:
        judge.check("its page is served", b"Complete authentication" in page.read())
    for verdict, status in (("complete", "succeeded"), ("fail", "requires_payment_method")):
        intent = pay(client, "pm_card_threeDSecure2Required")
        page = challenged.next_action.redirect_to_url.url.replace(challenged.id, intent.id)
        urllib.request.urlopen(
            urllib.request.Request(f"{page}/{verdict}", method="POST"), timeout=WAIT_SECONDS
        ).close()
        after = client.v1.payment_intents.retrieve(intent.id)
        judge.check(f"to {verdict} it gives {status}", after.status == status, after)


def judge_capture(judge, client):
    held = pay(client, "pm_card_visa", capture_method="manual")
    judge.check("a manual capture holds", held.status == "requires_capture", held)
    taken = client.v1.payment_intents.capture(held.id, {"amount_to_capture": 1000})
    judge.check("and takes a part", taken.status == "succeeded" and taken.amount_received == 1000, taken)
    other = pay(client, "pm_card_visa", capture_method="manual")
    gone = client.v1.payment_intents.cancel(other.id)
    judge.check("or is cancelled", gone.status == "canceled", gone)
    judge.refuses(
        "once only",
        stripe.InvalidRequestError,
        lambda: client.v1.payment_intents.capture(held.id),
        code="payment_intent_unexpected_state",
    )


def judge_refunds(judge, client, paid):
    part = client.v1.refunds.create({"payment_intent": paid.id, "amount": 1000})
    judge.check("a part is refunded", part.status == "succeeded" and part.amount == 1000, part)
    judge.refuses(
        "more than what is left is refused",
        stripe.InvalidRequestError,
        lambda: client.v1.refunds.create({"payment_intent": paid.id, "amount": 1501}),
        param="amount",
        http_status=400,
    )
    client.v1.refunds.create({"payment_intent": paid.id})
    judge.refuses(
        "and so is a refund of the refunded",
        stripe.InvalidRequestError,
        lambda: client.v1.refunds.create({"payment_intent": paid.id}),
        code="charge_already_refunded",
    )
    charge = client.v1.charges.retrieve(paid.latest_charge.id, {"expand": ["refunds"]})
    judge.check("the charge shows both", charge.refunded and len(charge.refunds.data) == 2, charge)


def judge_keys(judge, client):
    params = {"amount": 700, "currency": "usd"}
    options = {"idempotency_key": "judge-1"}
    first = client.v1.payment_intents.create(params, options)
    again = client.v1.payment_intents.create(params, options)
    headers = {name.lower(): value for name, value in again.last_response.headers.items()}
    judge.check("a key replays", first.id == again.id, (first.id, again.id))
    judge.check("and says so", headers.get("idempotent-replayed") == "true", headers)
    judge.refuses(
        "a key with other parameters is refused",
        stripe.IdempotencyError,
        lambda: client.v1.payment_intents.create({**params, "amount": 701}, options),
        http_status=400,
    )


def judge_errors(judge, client, address):
    judge.refuses(
        "an unknown id is missing",
        stripe.InvalidRequestError,
        lambda: client.v1.payment_intents.retrieve("pi_none"),
        code="resource_missing",
        http_status=404,
    )
    judge.refuses(
        "an unknown parameter is named",
        stripe.InvalidRequestError,
        lambda: client.v1.customers.create({"colour": "red"}),
        code="parameter_unknown",
        param="colour",
    )
    other = stripe.StripeClient("sk_test_other", base_addresses={"api": address}, max_network_retries=0)
    judge.refuses("another key is refused", stripe.AuthenticationError, lambda: other.v1.customers.list())


def main():
    judge, receiver = Judge(), Receiver()
    with tempfile.TemporaryDirectory() as folder:
        process, address = start(sys.argv[1], folder, receiver)
        try:
            client = stripe.StripeClient(
                SECRET_KEY, base_addresses={"api": address}, max_network_retries=0
            )
            paid = judge_payment(judge, client, receiver)
            judge_declines(judge, client)
            judge_challenge(judge, client)
            judge_capture(judge, client)
            judge_refunds(judge, client, paid)
            judge_keys(judge, client)
            judge_errors(judge, client, address)
        finally:
            process.kill()
            process.wait()
    print(f"{judge.failures} checks failed" if judge.failures else "all checks passed")
    return 1 if judge.failures else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: judge.py PATH/TO/stripe-stand-in")
    sys.exit(main())
